#pragma once

#include "core/patterns.hpp"
#include "core/screen_rows.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace failover::core {

/// Where the input box stands, as indices into the rows of a screen.
struct InputBox {
  std::size_t top = 0;     ///< first row that is no transcript
  std::size_t prompt = 0;  ///< the row with the prompt mark
  std::size_t end = 0;     ///< first row below
};

/// The lowest prompt below which nothing but notices stands: in a frame, or bare when it is empty or the agent draws
/// none.
[[nodiscard]] std::optional<InputBox> find_input_box(Layout const& layout, std::vector<ScreenRow> const& rows);

}  // namespace failover::core
