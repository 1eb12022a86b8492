#pragma once

#include "core/screen.hpp"
#include "core/screen_blocks.hpp"
#include "core/screen_rows.hpp"

#include <cstddef>
#include <vector>

namespace failover::core {

/// The dialog that is open in the first `end` rows, below what was said; empty when there is none.
[[nodiscard]] std::vector<DialogRow> open_dialog(std::vector<ScreenRow> const& rows, ScreenBlocks const& blocks,
                                                 std::size_t end, bool has_input_box);

/// The last rows of a screen without input box and dialog: they may be a choice that is drawn like an answer.
[[nodiscard]] std::vector<DialogRow> last_hints(std::vector<ScreenRow> const& rows, ScreenBlocks const& blocks);

}  // namespace failover::core
