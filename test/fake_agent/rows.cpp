#include "rows.hpp"

#include "text.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace failover::fake_agent {

std::string repeated(std::string_view glyph, std::size_t times) {
  std::string out;
  out.reserve(glyph.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += glyph;
  return out;
}

std::size_t less(std::size_t width, std::size_t margin) {
  return width > margin + 10 ? width - margin : 10;
}

void append(Rows& rows, Rows&& more) {
  std::move(more.begin(), more.end(), std::back_inserter(rows));
}

Rows hanging(std::string_view first, std::string_view text, std::size_t width, Style style) {
  Rows rows;
  auto const indent = columns(first);
  for (auto& line : wrap(text, width > indent ? width - indent : 1)) {
    auto const lead = rows.empty() ? std::string{first} : line.empty() ? "" : std::string(indent, ' ');
    rows.push_back({{lead, Style::plain}, {std::move(line), style}});
  }
  return rows;
}

Rows option_rows(Menu const& menu, std::string_view indent, bool numbered, std::size_t width) {
  Rows rows;
  for (std::size_t i = 0; i < menu.options.size(); ++i) {
    auto const lead =
        fmt::format("{}{} {}", indent, i == menu.chosen ? "❯" : " ", numbered ? fmt::format("{}. ", i + 1) : "");
    append(rows, hanging(lead, menu.options[i], less(width, 2)));
  }
  return rows;
}

Frame stacked(Rows upper, Frame lower, Size size, bool sinking) {
  auto const room = size.rows > lower.rows.size() ? size.rows - lower.rows.size() : 0;
  // The blank row after the last block gives way before text does.
  if (sinking && upper.size() > room && !upper.empty() && upper.back().empty()) upper.pop_back();
  if (upper.size() > room) upper.erase(upper.begin(), upper.end() - static_cast<std::ptrdiff_t>(room));
  if (sinking) upper.resize(room);
  lower.cursor_row += upper.size();
  append(upper, std::move(lower.rows));
  if (upper.size() > size.rows) {
    auto const excess = upper.size() - size.rows;
    upper.erase(upper.begin(), upper.begin() + static_cast<std::ptrdiff_t>(excess));
    lower.cursor_row -= std::min(lower.cursor_row, excess);
  }
  return {.rows = std::move(upper), .cursor_row = lower.cursor_row, .cursor_column = lower.cursor_column};
}

Frame lower_part(Rows rows) {
  auto const last = rows.size() - 1;
  return {.rows = std::move(rows), .cursor_row = last, .cursor_column = 0};
}

}  // namespace failover::fake_agent
