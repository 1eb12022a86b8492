#include "test/support/drawn_screen.hpp"

#include "core/fold.hpp"

#include <algorithm>

namespace failover::test {
namespace {

constexpr std::size_t margin = 2;  ///< columns left free at the right

std::u32string points_of(std::string_view text) {
  std::u32string points;
  for (std::size_t at = 0; at < text.size();) points.push_back(core::next_code_point(text, at));
  return points;
}

std::string text_of(std::u32string_view points) {
  std::string text;
  for (char32_t const c : points) core::append_code_point(text, c);
  return text;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t room, bool breaks_words) {
  std::vector<std::string> rows;
  std::u32string rest = points_of(text);
  do {
    std::size_t cut = std::min(rest.size(), room);
    std::size_t const space = rest.rfind(U' ', cut);
    bool const at_word = !breaks_words && cut < rest.size() && space != std::u32string::npos && space > 0;
    if (at_word) cut = space;
    rows.push_back(text_of(rest.substr(0, cut)));
    rest.erase(0, cut + (at_word ? 1 : 0));
  } while (!rest.empty());
  return rows;
}

}  // namespace

std::string const& DrawnScreen::mark() const {
  static std::string const older{">"};
  static std::string const newer{"❯"};
  return look_.frame == Frame::v1_0 || look_.frame == Frame::v2_0 ? older : newer;
}

void DrawnScreen::gap() {
  if (!rows_.empty()) rows_.emplace_back();
}

void DrawnScreen::block(std::string_view first, std::string_view later, std::string_view text) {
  std::size_t const room = look_.width - points_of(later).size() - margin;
  bool begun = false;
  for (std::size_t begin = 0; begin <= text.size();) {
    std::size_t const end = std::min(text.find('\n', begin), text.size());
    for (auto const& row : wrapped(text.substr(begin, end - begin), room, look_.breaks_words)) {
      rows_.push_back(row.empty() ? row : std::string{begun ? later : first} + row);
      begun = true;
    }
    begin = end + 1;
  }
}

DrawnScreen& DrawnScreen::prompt(std::string_view text) {
  gap();
  block(mark() + " ", "  ", text);
  return *this;
}

DrawnScreen& DrawnScreen::shell(std::string_view command) {
  gap();
  block("! ", "  ", command);
  return *this;
}

DrawnScreen& DrawnScreen::answer(std::string_view text) {
  gap();
  block("● ", "  ", text);
  return *this;
}

DrawnScreen& DrawnScreen::call(std::string_view tool, std::string_view output) {
  answer(tool);
  return result(output);
}

DrawnScreen& DrawnScreen::result(std::string_view text) {
  block("  ⎿  ", "     ", text);
  return *this;
}

DrawnScreen& DrawnScreen::finished() {
  gap();
  return row("✻ Cooked for 3s");
}

DrawnScreen& DrawnScreen::working() {
  gap();
  return row("✻ Pondering… (12s · esc to interrupt)");
}

DrawnScreen& DrawnScreen::row(std::string_view text) {
  rows_.push_back(text_of(points_of(text).substr(0, look_.width)));
  return *this;
}

std::string DrawnScreen::line(std::string_view piece) const {
  std::string line;
  for (std::size_t i = 0; i < look_.width; ++i) line += piece;
  return line;
}

std::string DrawnScreen::box(std::string_view draft) const {
  std::u32string const shown = points_of(draft).substr(0, look_.width - 6);
  if (look_.frame != Frame::v1_0) {
    std::string const rule = line("─");
    return rule + "\n" + mark() + "\u00a0" + text_of(shown) + "\n" + rule + "\n";
  }
  std::string edge = line("─").substr(0, 3 * (look_.width - 2));
  return "╭" + edge + "╮\n│ >\u00a0" + text_of(shown) + std::string(look_.width - 5 - shown.size(), ' ') + "│\n╰" +
         edge + "╯\n";
}

std::string DrawnScreen::boxed(std::vector<std::string> const& notices, std::string_view draft) const {
  std::size_t const below = 3 + notices.size();
  std::size_t const blank =
      look_.height > rows_.size() + below ? std::max<std::size_t>(1, look_.height - rows_.size() - below) : 1;
  bool const alternate = look_.frame == Frame::v2_1_alternate;
  std::string screen;
  for (auto const& row : rows_) screen += row + "\n";
  screen += std::string(alternate ? blank : 1, '\n') + box(draft);
  for (auto const& notice : notices) screen += text_of(points_of(notice).substr(0, look_.width)) + "\n";
  return screen + std::string(alternate ? 0 : blank, '\n');
}

}  // namespace failover::test
