#include "core/screen_blocks.hpp"

#include "core/fold.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace failover::core {
namespace {

constexpr int widest_margin = 8;  ///< columns that agents leave free at the right

/// `github - get_issue (MCP)(…)`.
constexpr std::string_view foreign_tool = " (MCP)(";

/// `Bash(…)`, `Read(…)`: a name and a bracket.
bool calls_tool(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && ((text[at] >= 'A' && text[at] <= 'Z') || (text[at] >= 'a' && text[at] <= 'z') ||
                              text[at] == '_' || text[at] == '-' || (at > 0 && text[at] >= '0' && text[at] <= '9')))
    ++at;
  return at > 1 && at < text.size() && text[at] == '(';
}

/// Whether a row goes on with the block above it. Blocks are told apart by indentation: what an agent quotes, it
/// prints further in than its own marks.
bool belongs(ScreenRow const& row, Block const& block, bool gap) {
  int const depth = row.indent - block.indent;
  // A table in an answer, a box that a program drew.
  if (row.boxed && !block.boxed && holds_rows(block.kind) && row.begin >= block.indent + 2) return true;
  if (row.boxed != block.boxed) return false;
  switch (block.kind) {
    case BlockKind::spinner:
      return false;
    case BlockKind::plain:
      return row.kind == ScreenRowKind::plain && !gap;
    case BlockKind::gutter:
      return row.kind == ScreenRowKind::plain || row.kind == ScreenRowKind::selection ? depth >= 2 : depth >= 3;
    case BlockKind::bullet:
      if (gap && row.noticed && depth <= 2) return false;  // the agent's own line below its answer
      [[fallthrough]];
    case BlockKind::prompt:
      return row.kind == ScreenRowKind::plain || row.kind == ScreenRowKind::selection ? depth >= 2 : depth >= 4;
  }
  return false;
}

class BlockReader {
 public:
  BlockReader(Layout const& layout, std::vector<ScreenRow>& rows) : layout_(layout), rows_(rows) {
    for (auto const& row : rows_) width_ = std::max(width_, row.end);
  }

  ScreenBlocks read(std::size_t end, bool has_box) {
    owner_.assign(rows_.size(), no_block);
    std::size_t last_content = no_block;
    for (std::size_t i = 0; i < end; ++i)
      if (is_content(rows_[i].kind) || (rows_[i].kind == ScreenRowKind::prompt && !rows_[i].text.empty()))
        last_content = i;
    std::size_t current = no_block;
    bool gap = false;
    bool under_spinner = false;  // right below the line of a running turn, where no dialog opens
    for (std::size_t i = 0; i < end; ++i) {
      ScreenRow& row = rows_[i];
      if (row.kind == ScreenRowKind::selection && row.indent == 0 && !row.boxed &&
          (has_box || (last_content != no_block && i < last_content) || under_spinner))
        row.kind = ScreenRowKind::prompt;  // a person's numbered list
      if (row.kind == ScreenRowKind::blank) {
        gap = true;
        continue;
      }
      if (row.kind == ScreenRowKind::rule && !row.closes_box) tool_box_ = opens_tool_box(i + 1);
      if (row.kind == ScreenRowKind::rule || row.kind == ScreenRowKind::dashes) {
        bool const drawn_inside =
            current != no_block && holds_rows(blocks_[current].kind) && row.begin >= blocks_[current].indent + 2;
        bool const ends = row.kind == ScreenRowKind::rule
                              ? !drawn_inside
                              : current != no_block && blocks_[current].kind == BlockKind::plain;
        if (ends) current = no_block;
        continue;
      }
      bool const ended = gap && current != no_block && is_own_prompt(layout_, blocks_[current]);
      if (current != no_block && !ended && belongs(row, blocks_[current], gap)) {
        owner_[i] = current;
        JoinedRows& rows = blocks_[current].rows;
        rows.flows.back() = !gap && flows_into(i);
        rows.append(row.text, row.number);
      } else {
        current = open_block(row, current, gap);
        owner_[i] = current;
        if (row.boxed) blocks_[current].output = tool_box_;
      }
      gap = false;
      under_spinner = row.kind == ScreenRowKind::spinner ||
                      (under_spinner && (row.kind == ScreenRowKind::gutter || row.indent >= 4));
    }
    return {std::move(blocks_), std::move(owner_)};
  }

 private:
  /// Whether the row above ends where `row` begins because it was full: its first word had no room there.
  bool flows_into(std::size_t row) const {
    if (rows_[row].boxed) return true;
    std::size_t const word = std::min(rows_[row].text.find(' '), rows_[row].text.size());
    return rows_[row - 1].end + 1 + static_cast<int>(word) + widest_margin > width_;
  }

  /// Whether a box that begins with this row shows a tool's work: a mark and the tool's name.
  bool opens_tool_box(std::size_t row) const {
    if (row >= rows_.size() || !rows_[row].boxed || layout_.tool_boxes.empty()) return false;
    std::string const& whole = rows_[row].whole;
    for (std::size_t at = 0; at < whole.size();) {
      char32_t const c = next_code_point(whole, at);
      if (c != U' ' && c != U'│' && c != U'┃') return layout_.tool_boxes.find(c) != std::u32string::npos;
    }
    return false;
  }

  /// Whether the gutter below such a bullet says what a program or a file says, and not the agent.
  bool has_output(std::string_view text) const {
    if (text.substr(0, 80).find(foreign_tool) != std::string_view::npos) return true;
    return std::any_of(layout_.output_tools.begin(), layout_.output_tools.end(), [&](std::string const& name) {
      return text.size() > name.size() && text.substr(0, name.size()) == name && text[name.size()] == '(';
    });
  }

  /// What a gutter has from the block above it.
  static void hang(Block& gutter, Block const& above, bool gap) {
    if (above.kind == BlockKind::prompt && above.output) {
      gutter.tool = gutter.output = true;
    } else if (above.kind == BlockKind::gutter) {
      gutter.tool = above.tool;
      gutter.under_bullet = above.under_bullet;
      gutter.again = gutter.under_bullet && gutter.indent == above.indent;
    } else if (above.kind == BlockKind::bullet && !gap) {
      gutter.tool = above.tool;
      gutter.output = above.output;
      gutter.under_bullet = true;
    } else if (above.kind == BlockKind::spinner && !gap) {
      gutter.kind = BlockKind::spinner;  // "⎿ Tip: …" under a running turn
    }
  }

  std::size_t open_block(ScreenRow const& row, std::size_t before, bool gap) {
    Block block;
    block.indent = row.indent;
    block.boxed = row.boxed;
    switch (row.kind) {
      case ScreenRowKind::prompt:
        block.kind = BlockKind::prompt;
        block.tool = block.output = row.shell;
        break;
      case ScreenRowKind::bullet:
        block.kind = BlockKind::bullet;
        block.output = has_output(row.text);
        block.tool = block.output || calls_tool(row.text);
        break;
      case ScreenRowKind::gutter:
        block.kind = BlockKind::gutter;
        if (before != no_block) hang(block, blocks_[before], gap);
        break;
      case ScreenRowKind::spinner:
      case ScreenRowKind::finished:
        block.kind = BlockKind::spinner;
        break;
      default:
        block.headless = !row.boxed && row.indent >= 2 &&
                         std::all_of(blocks_.begin(), blocks_.end(), [](Block const& above) { return above.headless; });
        break;
    }
    block.rows.append(row.text, row.number);
    blocks_.push_back(std::move(block));
    return blocks_.size() - 1;
  }

  Layout const& layout_;
  std::vector<ScreenRow>& rows_;
  int width_ = 0;  ///< of the widest row
  std::vector<Block> blocks_;
  std::vector<std::size_t> owner_;
  bool tool_box_ = false;  ///< the rows at hand stand in a tool's box
};

}  // namespace

ScreenBlocks read_blocks(Layout const& layout, std::vector<ScreenRow>& rows, std::size_t end, bool has_input_box) {
  return BlockReader{layout, rows}.read(end, has_input_box);
}

bool is_own_prompt(Layout const& layout, Block const& block) {
  return block.kind == BlockKind::prompt &&
         std::find(layout.own_prompts.begin(), layout.own_prompts.end(), block.rows.text) != layout.own_prompts.end();
}

}  // namespace failover::core
