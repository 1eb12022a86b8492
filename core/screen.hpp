#pragma once

#include "core/patterns.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace failover::core {

/// Rows that belong together, folded and joined by '\n' without marks, frames and indentation. Wherever an agent
/// breaks a row, also inside a word, only that '\n' tells.
struct JoinedRows {
  std::string text = {};
  std::vector<std::size_t> starts = {};  ///< where in `text` each row begins
  std::vector<int> numbers = {};         ///< the physical row, 1-based, of each
  std::vector<bool> flows = {};  ///< whether each may go on in the next: it reaches the edge, nothing is between

  void append(std::string_view row, int number);
  [[nodiscard]] bool empty() const { return numbers.empty(); }
};

enum class BlockKind { prompt, bullet, gutter, spinner, plain };

struct Block {
  BlockKind kind = BlockKind::plain;
  JoinedRows rows = {};
  int indent = 0;
  bool boxed = false;         ///< stood in a drawn box
  bool tool = false;          ///< a bullet that calls a tool, or the gutter of one
  bool output = false;        ///< the gutter with what a program or a file said, or the bullet above it
  bool headless = false;      ///< set in, at the top: what it belongs to has scrolled away
  bool under_bullet = false;  ///< the gutter of a bullet, not of a prompt
  bool again = false;         ///< not the first gutter of its bullet: no tool's result, the agent's own words
};

struct DialogRow {
  std::string text = {};  ///< folded
  int number = 0;
  bool option = false;
  bool selected = false;  ///< a mark stands before it
};

/// A screen taken apart. Only what is at hand is kept.
struct ScreenParts {
  std::vector<Block> turn = {};          ///< the newest turn without its prompt, top to bottom
  std::vector<Block> earlier = {};       ///< the last blocks of the turns before it, without prompts
  std::vector<JoinedRows> notices = {};  ///< below the input box; each column by itself
  JoinedRows above = {};                 ///< the one row right above the input box, if set to the right
  std::vector<DialogRow> dialog = {};    ///< the open dialog, empty when there is none
  std::vector<DialogRow> hints = {};     ///< the last rows of a screen without an input box
  bool unanswered = false;  ///< the last prompt has no answer and no box follows: `turn` is the one before it
  bool has_input_box = false;
  bool has_input_panel = false;  ///< Layout::input_panel: what stands around it is taken apart as without a box
  int input_row = 0;
  std::string input_text = {};
  std::string agent_version = {};
  std::size_t prompts_seen = 0;
  std::string newest_prompt = {};  ///< squeezed, its rows joined, cut
};

/// Takes a screen apart by the marks of `layout`. Total and linear; of the text only the last `max_screen_rows` rows
/// are looked at, row numbers count from the first.
[[nodiscard]] ScreenParts parse_screen(Layout const& layout, std::string_view screen);

inline constexpr std::size_t max_screen_rows = 1000;
inline constexpr std::size_t max_prompt_bytes = 200;  ///< of `ScreenParts::newest_prompt`

}  // namespace failover::core
