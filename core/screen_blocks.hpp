#pragma once

#include "core/patterns.hpp"
#include "core/screen.hpp"
#include "core/screen_rows.hpp"

#include <cstddef>
#include <vector>

namespace failover::core {

inline constexpr std::size_t no_block = static_cast<std::size_t>(-1);

/// Whether a block keeps what is printed further in than itself, lists and boxes too.
[[nodiscard]] constexpr bool holds_rows(BlockKind kind) {
  return kind == BlockKind::bullet || kind == BlockKind::gutter || kind == BlockKind::prompt;
}

/// The rows of a transcript, put together.
struct ScreenBlocks {
  std::vector<Block> all = {};          ///< top to bottom, prompts too
  std::vector<std::size_t> owner = {};  ///< the block of each row, as an index into `all`, or `no_block`

  /// Whether a row belongs to what was said above it, so that it cannot ask.
  [[nodiscard]] bool absorbed(std::size_t row) const {
    return owner[row] != no_block && holds_rows(all[owner[row]].kind);
  }
};

/// Puts the first `end` of the rows together. A person's numbered list is told from a choice only here: its rows become
/// prompts.
[[nodiscard]] ScreenBlocks read_blocks(Layout const& layout, std::vector<ScreenRow>& rows, std::size_t end,
                                       bool has_input_box);

/// A command that says something about the session and starts no turn.
[[nodiscard]] bool is_own_prompt(Layout const& layout, Block const& block);

}  // namespace failover::core
