#pragma once

#include "core/patterns.hpp"
#include "core/screen_rows.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace failover::core {

/// Where the input box stands, as indices into the rows of a screen.
struct InputBox {
  std::size_t top = 0;       ///< first row that is no transcript
  std::size_t prompt = 0;    ///< the row with the prompt mark, in a panel the first with text
  std::size_t end = 0;       ///< first row below
  std::size_t text_end = 0;  ///< first row that is no typed text, at most `end`
};

/// Begins each row of a panel; a row of nothing else is an empty one.
inline constexpr std::string_view panel_bar = "\xE2\x94\x83";  // ┃

/// The lowest prompt below which nothing but notices stands: in a frame, or bare when it is empty or the agent draws
/// none. For an agent with Layout::input_panel its panel.
[[nodiscard]] std::optional<InputBox> find_input_box(Layout const& layout, std::vector<ScreenRow> const& rows);

}  // namespace failover::core
