#include "terminal.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include <sys/ioctl.h>
#include <unistd.h>

namespace failover::fake_agent {
namespace {

std::string_view colour(Style style) {
  switch (style) {
    case Style::plain:
      return "";
    case Style::dim:
      return "\x1b[2m";
    case Style::error:
      return "\x1b[38;5;211m";
  }
  return "";
}

std::string bytes_of(Row const& row) {
  std::string out;
  for (auto const& span : row) {
    if (span.text.empty()) continue;
    auto const on = colour(span.style);
    out += on;
    out += span.text;
    if (!on.empty()) out += "\x1b[0m";
  }
  return out;
}

}  // namespace

void write_out(std::string_view bytes) {
  while (!bytes.empty()) {
    auto const n = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

Terminal::Terminal(bool alternate_screen, std::string_view title) : alternate_screen_(alternate_screen) {
  if (::tcgetattr(STDIN_FILENO, &before_) != 0)
    throw std::system_error{errno, std::generic_category(), "standard input"};
  auto raw = before_;
  ::cfmakeraw(&raw);
  if (::tcsetattr(STDIN_FILENO, TCSANOW, &raw) != 0) {
    throw std::system_error{errno, std::generic_category(), "standard input"};
  }
  if (alternate_screen_) write_out("\x1b[?1049h\x1b[2J");
  write_out("\x1b[?2004h");
  if (!title.empty()) write_out(fmt::format("\x1b]0;{}\x07", title));
}

Terminal::~Terminal() {
  leave();
}

Size Terminal::size() {
  winsize window{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_row == 0 || window.ws_col == 0) return {};
  return {.rows = window.ws_row, .columns = window.ws_col};
}

void Terminal::show(Frame const& frame, Size size) {
  last_row_ = std::min(frame.rows.size(), size.rows);
  std::string out;
  if (drawn_size_ != size) {
    out += "\x1b[2J";
    drawn_.assign(size.rows, {});
    drawn_size_ = size;
  }
  for (std::size_t i = 0; i < size.rows; ++i) {
    auto const& row = i < frame.rows.size() ? frame.rows[i] : Row{};
    if (row == drawn_[i]) continue;
    out += fmt::format("\x1b[{};1H\x1b[K{}", i + 1, bytes_of(row));
    drawn_[i] = row;
  }
  if (out.empty()) return;
  write_out(fmt::format("\x1b[?25l{}\x1b[{};{}H\x1b[?25h", out, frame.cursor_row + 1, frame.cursor_column + 1));
}

void Terminal::leave() {
  if (left_) return;
  left_ = true;
  // In the main screen the last frame stays, and what comes next begins below it.
  auto const below = fmt::format("\x1b[?2004l\x1b[{};1H\r\n\x1b[?25h", std::max<std::size_t>(last_row_, 1));
  write_out(alternate_screen_ ? "\x1b[?2004l\x1b[?1049l\x1b[?25h" : below);
  ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
}

}  // namespace failover::fake_agent
