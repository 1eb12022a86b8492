#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace failover::fake_agent {

struct Size {
  std::size_t rows = 24;
  std::size_t columns = 80;
  bool operator==(Size const&) const = default;
};

enum class Style { plain, dim, error };

struct Span {
  std::string text = {};
  Style style = Style::plain;
  bool operator==(Span const&) const = default;
};

using Row = std::vector<Span>;

/// What stands on the terminal: rows from the top, and the cursor (0-based).
struct Frame {
  std::vector<Row> rows = {};
  std::size_t cursor_row = 0;
  std::size_t cursor_column = 0;
};

enum class BlockKind {
  prompt,       ///< what the person sent
  queued,       ///< sent while a turn runs, waits its turn
  answer,       ///< the model's text
  api_error,    ///< an error that looks like the model's text
  wall,         ///< a usage limit, in the gutter right below its prompt
  notice,       ///< the program's own line
  tool,         ///< a command that waits for permission
  refused,      ///< a command that did not get it
  interrupted,  ///< "Interrupted · What should Claude do instead?"
  finished      ///< "Crunched for 10s"
};

struct Block {
  BlockKind kind = BlockKind::notice;
  std::string text = {};
  std::string below = {};  ///< a companion line of a wall; empty for none
};

enum class MenuKind { trust, limit, permission };

struct Menu {
  MenuKind kind = MenuKind::limit;
  std::vector<std::string> options = {};
  std::size_t chosen = 0;
  std::string subject = {};  ///< the command that asks for permission
};

enum class PermissionMode { automatic, manual, bypass };

/// All that the screen shows, independent of how a version of the agent draws it.
struct View {
  std::string version = {};
  std::string directory = {};
  PermissionMode mode = PermissionMode::automatic;
  bool first_start = true;  ///< shows what is new; a resumed conversation does not
  bool hints = true;        ///< hints for the newcomer, gone after the first turn
  bool working = false;
  std::vector<Block> blocks = {};
  std::string spinner = {};              ///< empty for none
  std::string box = {};                  ///< what was typed, pastes collapsed
  std::string suggestion = {};           ///< grey, only seen while the box is empty
  bool collapsed_paste = false;          ///< the box holds one
  std::vector<std::string> banner = {};  ///< notice below the box, in rows
  std::string status_line = {};          ///< output of the user's statusLine command
  std::optional<Menu> menu = {};
};

}  // namespace failover::fake_agent
