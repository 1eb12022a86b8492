#pragma once

#include "view.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Pieces of screens that every look is made of.
namespace failover::fake_agent {

using Rows = std::vector<Row>;

[[nodiscard]] std::string repeated(std::string_view glyph, std::size_t times);
/// `width` without a margin, at least ten columns.
[[nodiscard]] std::size_t less(std::size_t width, std::size_t margin);
void append(Rows& rows, Rows&& more);

/// Wrapped text: `first` before its first row, blanks of the same width before the others.
[[nodiscard]] Rows hanging(std::string_view first, std::string_view text, std::size_t width,
                           Style style = Style::plain);

[[nodiscard]] Rows option_rows(Menu const& menu, std::string_view indent, bool numbered, std::size_t width);

/// The end of the conversation above what stands below it; `sinking`: the lower part keeps to the bottom of the screen.
[[nodiscard]] Frame stacked(Rows upper, Frame lower, Size size, bool sinking);
[[nodiscard]] Frame lower_part(Rows rows);

}  // namespace failover::fake_agent
