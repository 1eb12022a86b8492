#include "core/screen.hpp"

#include "core/fold.hpp"
#include "core/screen_rows.hpp"

#include <algorithm>
#include <optional>

namespace failover::core {

void JoinedRows::append(std::string_view row, int number) {
  if (!numbers.empty()) text += '\n';
  starts.push_back(text.size());
  numbers.push_back(number);
  flows.push_back(true);
  text += row;
}

namespace {

constexpr std::size_t npos = static_cast<std::size_t>(-1);
constexpr int right_aligned = 10;
constexpr int widest_margin = 8;  ///< columns that agents leave free at the right
constexpr std::size_t tallest_dialog = 80;
constexpr std::size_t tallest_box = 200;
constexpr std::size_t hint_rows = 8;
constexpr int panel_indent = 2;
constexpr std::size_t most_earlier = 40;

struct InputBox {
  std::size_t top = 0;     ///< first row that is no transcript
  std::size_t prompt = 0;  ///< the row with the prompt mark
  std::size_t end = 0;     ///< first row below
};

bool is_content(ScreenRowKind kind) {
  return kind == ScreenRowKind::bullet || kind == ScreenRowKind::gutter || kind == ScreenRowKind::spinner ||
         kind == ScreenRowKind::finished;
}

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

class ScreenReader {
 public:
  ScreenReader(Layout const& layout, std::string_view screen) : layout_(layout), rows_(split_rows(layout, screen)) {}

  ScreenParts read() {
    for (auto const& row : rows_) width_ = std::max(width_, row.end);
    box_ = find_input_box();
    std::size_t const end = box_ ? box_->top : rows_.size();
    build_blocks(take_above(end));
    find_dialog(end);
    pick_turn();
    if (box_) describe_box();
    if (!box_ && parts_.dialog.empty()) take_hints();
    find_version();
    return std::move(parts_);
  }

 private:
  // The input box ----------------------------------------------------------------------------------------------

  std::optional<InputBox> find_input_box() const {
    for (std::size_t i = rows_.size(); i-- > 0;) {
      ScreenRow const& row = rows_[i];
      bool const framed = i > 0 && rows_[i - 1].kind == ScreenRowKind::rule;
      if (row.kind == ScreenRowKind::prompt || (framed && row.kind == ScreenRowKind::selection && row.indent == 0))
        if (auto box = framed ? framed_box(i) : bare_box(i)) return box;
    }
    return std::nullopt;
  }

  std::optional<InputBox> framed_box(std::size_t prompt) const {
    std::size_t const limit = std::min(rows_.size(), prompt + tallest_box);
    for (std::size_t i = prompt + 1; i < limit; ++i) {
      if (rows_[i].kind == ScreenRowKind::rule && (!rows_[prompt].boxed || rows_[i].closes_box))
        return nothing_but_notices(i + 1, true) ? std::optional{InputBox{prompt - 1, prompt, i + 1}} : std::nullopt;
    }
    if (rows_[prompt].kind == ScreenRowKind::selection) return std::nullopt;
    return nothing_but_notices(prompt + 1, false) ? std::optional{InputBox{prompt - 1, prompt, prompt + 1}}
                                                  : std::nullopt;
  }

  /// Without a frame an empty prompt line is the input box, if nothing but notices follows.
  std::optional<InputBox> bare_box(std::size_t prompt) const {
    std::string const& text = rows_[prompt].text;
    bool const empty = text.empty() || text == "\xE2\x96\x8C" || text == "_" || text == "\xE2\x96\x88";
    if (!empty && (!layout_.last_prompt_is_input || was_answered(prompt))) return std::nullopt;
    if (!nothing_but_notices(prompt + 1, false)) return std::nullopt;
    return InputBox{prompt, prompt, prompt + 1};
  }

  /// Whether the agent's own message, with a sign, follows where the prompt began: notices stand further in.
  bool was_answered(std::size_t prompt) const {
    return std::any_of(rows_.begin() + static_cast<std::ptrdiff_t>(prompt + 1), rows_.end(),
                       [&](ScreenRow const& row) { return row.noticed && row.indent <= rows_[prompt].indent; });
  }

  /// Below a frame that is closed there may also be a panel of the agents at work: set in, or in columns.
  bool nothing_but_notices(std::size_t from, bool closed) const {
    return std::none_of(rows_.begin() + static_cast<std::ptrdiff_t>(from), rows_.end(), [closed](ScreenRow const& row) {
      bool const asks = row.kind == ScreenRowKind::prompt || row.kind == ScreenRowKind::selection;
      if (!asks && !is_content(row.kind)) return false;
      if (asks && !after_number(row.text).empty()) return true;
      bool const in_columns = row.text.find("   ") != std::string::npos;
      bool const set_in = row.indent >= panel_indent && row.kind != ScreenRowKind::prompt;
      return !closed || !(set_in || in_columns);
    });
  }

  void describe_box() {
    parts_.has_input_box = true;
    parts_.input_row = rows_[box_->prompt].number;
    for (std::size_t i = box_->prompt; i < box_->end; ++i) {
      if (rows_[i].kind == ScreenRowKind::rule) break;
      if (i > box_->prompt) parts_.input_text += '\n';
      parts_.input_text += rows_[i].text;
    }
    while (!parts_.input_text.empty() && parts_.input_text.back() == '\n') parts_.input_text.pop_back();
    for (std::size_t i = box_->end; i < rows_.size(); ++i) add_notice_row(rows_[i]);
  }

  /// A row below the box may hold several columns, three blanks apart, each of which goes on in the rows below.
  void add_notice_row(ScreenRow const& row) {
    if (row.kind == ScreenRowKind::blank || row.kind == ScreenRowKind::rule) return;
    std::u32string points;
    for (std::size_t at = 0; at < row.whole.size();) points.push_back(next_code_point(row.whole, at));
    auto const blank = [&](std::size_t i) { return points[i] == U' ' || points[i] == 0xA0; };
    bool first = true;
    for (std::size_t i = 0; i < points.size();) {
      while (i < points.size() && blank(i)) ++i;
      std::size_t end = i;
      std::size_t last = i;
      while (end < points.size() && end - last < 3) {
        if (!blank(end)) last = end + 1;
        ++end;
      }
      if (last == i) break;
      add_notice(first && i < static_cast<std::size_t>(right_aligned) ? 0 : i, points.substr(i, last - i), row.number);
      first = false;
      i = last;
    }
  }

  /// A sign before a notice. The marks of blocks and modes are none: they also stand before an agent's task.
  bool is_sign(std::u32string_view text) const {
    char32_t const c = text.front();
    if (layout_.marks.find(c) != std::u32string::npos) return true;
    for (auto const* own : {&layout_.bullets, &layout_.spinners, &layout_.gutters, &layout_.prompts})
      if (own->find(c) != std::u32string::npos) return false;
    bool const alone = text.size() > 1 && (text[1] == U' ' || text[1] == 0xA0 || text[1] == 0xFE0F);
    return alone && c != U'⏸' && c != U'⏵' && is_mark(c);
  }

  void add_notice(std::size_t column, std::u32string_view text, int number) {
    if (!text.empty() && is_sign(text)) text.remove_prefix(1);
    if (!text.empty() && text.front() == 0xFE0F) text.remove_prefix(1);
    std::string raw;
    for (char32_t const c : text) append_code_point(raw, c);
    auto const same = std::find(notice_columns_.begin(), notice_columns_.end(), column);
    auto const index = static_cast<std::size_t>(same - notice_columns_.begin());
    if (same == notice_columns_.end()) {
      notice_columns_.push_back(column);
      parts_.notices.emplace_back();
    }
    parts_.notices[index].append(trimmed(fold(raw)), number);
  }

  /// Takes the row right above the box for itself when it is a notice; gives the end of the transcript.
  std::size_t take_above(std::size_t end) {
    if (!box_ || end == 0) return end;
    ScreenRow const& row = rows_[end - 1];
    if (row.kind != ScreenRowKind::plain || row.boxed || row.indent < 2) return end;
    ScreenRowKind const before = end > 1 ? rows_[end - 2].kind : ScreenRowKind::blank;
    bool const fills = row.whole.size() + 4 >= rows_[end].whole.size() / 3 && before == ScreenRowKind::blank;
    if (row.indent < right_aligned && before != ScreenRowKind::finished && before != ScreenRowKind::spinner && !fills)
      return end;
    parts_.above.append(row.text, row.number);
    return end - 1;
  }

  // Blocks ------------------------------------------------------------------------------------------------------

  void build_blocks(std::size_t end) {
    owner_.assign(rows_.size(), npos);
    std::size_t last_content = npos;
    for (std::size_t i = 0; i < end; ++i)
      if (is_content(rows_[i].kind) || (rows_[i].kind == ScreenRowKind::prompt && !rows_[i].text.empty()))
        last_content = i;
    std::size_t current = npos;
    bool gap = false;
    bool under_spinner = false;  // right below the line of a running turn, where no dialog opens
    for (std::size_t i = 0; i < end; ++i) {
      ScreenRow& row = rows_[i];
      if (row.kind == ScreenRowKind::selection && row.indent == 0 && !row.boxed &&
          (box_ || (last_content != npos && i < last_content) || under_spinner))
        row.kind = ScreenRowKind::prompt;  // a person's numbered list
      if (row.kind == ScreenRowKind::blank) {
        gap = true;
        continue;
      }
      if (row.kind == ScreenRowKind::rule && !row.closes_box) tool_box_ = opens_tool_box(i + 1);
      if (row.kind == ScreenRowKind::rule || row.kind == ScreenRowKind::dashes) {
        bool const drawn_inside =
            current != npos && holds_rows(blocks_[current]) && row.begin >= blocks_[current].indent + 2;
        bool const ends = row.kind == ScreenRowKind::rule
                              ? !drawn_inside
                              : current != npos && blocks_[current].kind == BlockKind::plain;
        if (ends) current = npos;
        continue;
      }
      bool const ended = gap && current != npos && is_own_prompt(blocks_[current]);
      if (current != npos && !ended && belongs(row, blocks_[current], gap)) {
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
  }

  /// Whether the row above ends where `row` begins because it was full: its first word had no room there.
  bool flows_into(std::size_t row) const {
    if (rows_[row].boxed) return true;
    std::size_t const word = std::min(rows_[row].text.find(' '), rows_[row].text.size());
    return rows_[row - 1].end + 1 + static_cast<int>(word) + widest_margin > width_;
  }

  /// A command that says something about the session and starts no turn.
  bool is_own_prompt(Block const& block) const {
    return block.kind == BlockKind::prompt && std::find(layout_.own_prompts.begin(), layout_.own_prompts.end(),
                                                        block.rows.text) != layout_.own_prompts.end();
  }

  static bool holds_rows(Block const& block) {
    return block.kind == BlockKind::bullet || block.kind == BlockKind::gutter || block.kind == BlockKind::prompt;
  }

  /// Whether a row goes on with the block above it. Blocks are told apart by indentation: what an agent quotes, it
  /// prints further in than its own marks.
  static bool belongs(ScreenRow const& row, Block const& block, bool gap) {
    int const depth = row.indent - block.indent;
    // A table in an answer, a box that a program drew.
    if (row.boxed && !block.boxed && holds_rows(block) && row.begin >= block.indent + 2) return true;
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
        if (before != npos && blocks_[before].kind == BlockKind::prompt && blocks_[before].output) {
          block.tool = block.output = true;
        } else if (before != npos && blocks_[before].kind == BlockKind::gutter) {
          block.tool = blocks_[before].tool;
          block.under_bullet = blocks_[before].under_bullet;
          block.again = block.under_bullet && row.indent == blocks_[before].indent;
        } else if (before != npos && blocks_[before].kind == BlockKind::bullet && !gap) {
          block.tool = blocks_[before].tool;
          block.output = blocks_[before].output;
          block.under_bullet = true;
        } else if (before != npos && blocks_[before].kind == BlockKind::spinner && !gap) {
          block.kind = BlockKind::spinner;  // "⎿ Tip: …" under a running turn
        }
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

  // Dialogs -----------------------------------------------------------------------------------------------------

  bool absorbed(std::size_t row) const {
    std::size_t const owner = owner_[row];
    if (owner == npos) return false;
    return holds_rows(blocks_[owner]);
  }

  void find_dialog(std::size_t end) {
    std::size_t chosen = npos;
    for (std::size_t i = end; i-- > 0 && chosen == npos;) {
      ScreenRowKind const kind = rows_[i].kind;
      if (is_content(kind) || (kind == ScreenRowKind::prompt && !rows_[i].text.empty())) break;
      if (kind == ScreenRowKind::selection && !absorbed(i)) chosen = i;
      if (kind == ScreenRowKind::rule && !box_ && rows_[i].whole.find("\xE2\x96\x94") != std::string::npos)
        chosen = i + 1;
    }
    if (chosen == npos || chosen >= end) return;
    std::size_t begin = chosen;
    while (begin > 0 && chosen - begin < tallest_dialog) {
      ScreenRow const& row = rows_[begin - 1];
      bool const edge = row.kind == ScreenRowKind::rule && !row.closes_box;
      if (edge || absorbed(begin - 1) || is_content(row.kind) || row.kind == ScreenRowKind::prompt) break;
      --begin;
    }
    bool const marked = rows_[chosen].kind == ScreenRowKind::selection;
    for (std::size_t i = begin; i < end; ++i) add_dialog_row(i, marked ? rows_[chosen].indent + 2 : -1);
    dialog_from_ = rows_[begin].number;
  }

  /// `column`: where the text of options without numbers begins; -1 when nothing is chosen.
  void add_dialog_row(std::size_t i, int column) {
    ScreenRow const& row = rows_[i];
    if (row.kind == ScreenRowKind::blank || row.kind == ScreenRowKind::rule || row.kind == ScreenRowKind::dashes)
      return;
    std::string_view const numbered = after_number(row.text);
    bool const option = row.kind == ScreenRowKind::selection || !numbered.empty() || row.indent == column;
    parts_.dialog.push_back({std::string{numbered.empty() ? std::string_view{row.text} : numbered}, row.number, option,
                             row.kind == ScreenRowKind::selection});
  }

  /// A choice without frame or number looks like a prompt: its other answers stand below it, set in. One with a frame
  /// of blank rows looks like more of an answer.
  bool is_answer(std::size_t row) const {
    if (owner_[row] + 1 != blocks_.size()) return false;
    if (blocks_[owner_[row]].kind != BlockKind::bullet) return blocks_[owner_[row]].kind == BlockKind::prompt;
    for (std::size_t i = rows_.size(); i-- > 0 && rows_.size() - i < tallest_dialog;)
      if (rows_[i].kind == ScreenRowKind::selection && owner_[i] == owner_[row]) return true;
    return false;
  }

  void take_hints() {
    for (std::size_t i = rows_.size(); i-- > 0 && parts_.hints.size() < hint_rows;) {
      if (rows_[i].kind == ScreenRowKind::prompt && parts_.hints.empty()) return;
      if (rows_[i].kind != ScreenRowKind::blank && rows_[i].kind != ScreenRowKind::rule &&
          (!absorbed(i) || is_answer(i))) {
        std::string_view const numbered = after_number(rows_[i].text);
        bool const option = !numbered.empty();
        std::string text{option ? numbered : std::string_view{rows_[i].text}};
        bool const selected =
            rows_[i].kind == ScreenRowKind::selection && (!absorbed(i) || blocks_[owner_[i]].kind == BlockKind::prompt);
        parts_.hints.insert(parts_.hints.begin(), {std::move(text), rows_[i].number, option, selected});
      }
    }
  }

  // The newest turn -----------------------------------------------------------------------------------------------

  /// The prompt as it can be compared with what was typed, wherever its rows were broken.
  static std::string comparable(std::string_view prompt) {
    std::string text = squeezed(prompt).text;
    std::erase(text, '\n');
    if (text.size() <= max_prompt_bytes) return text;
    std::size_t end = max_prompt_bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    text.resize(end);
    return text;
  }

  void pick_turn() {
    std::size_t begin = 0;
    std::size_t before = 0;
    Block const* newest = nullptr;
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      if (blocks_[i].kind != BlockKind::prompt || blocks_[i].rows.text.empty() || is_own_prompt(blocks_[i])) continue;
      ++parts_.prompts_seen;
      before = begin;
      begin = i + 1;
      newest = &blocks_[i];
    }
    if (newest) parts_.newest_prompt = comparable(newest->rows.text);
    if (!box_ && parts_.dialog.empty() && begin > 0 && begin == blocks_.size()) {
      parts_.unanswered = true;
      begin = before;
    }
    for (std::size_t i = begin > most_earlier ? begin - most_earlier : 0; i < begin; ++i)
      if (blocks_[i].kind != BlockKind::prompt) parts_.earlier.push_back(std::move(blocks_[i]));
    for (std::size_t i = begin; i < blocks_.size(); ++i) {
      bool const in_dialog = !parts_.dialog.empty() && blocks_[i].rows.numbers.front() >= dialog_from_;
      if (blocks_[i].kind != BlockKind::prompt && !in_dialog) parts_.turn.push_back(std::move(blocks_[i]));
    }
  }

  void find_version() {
    if (layout_.version_after.empty()) return;
    for (std::size_t i = 0; i < rows_.size() && parts_.agent_version.empty(); ++i) {
      if (rows_[i].kind != ScreenRowKind::plain || rows_[i].text.size() > 400 || absorbed(i)) continue;
      std::string const text = squeezed(rows_[i].text).text;
      std::size_t at = text.find(layout_.version_after);
      if (at == std::string::npos) continue;
      for (at += layout_.version_after.size(); at < text.size(); ++at) {
        if ((text[at] < '0' || text[at] > '9') && text[at] != '.') break;
        parts_.agent_version += text[at];
      }
    }
  }

  Layout const& layout_;
  std::vector<ScreenRow> rows_;
  int width_ = 0;  ///< of the widest row
  std::optional<InputBox> box_;
  std::vector<Block> blocks_;
  std::vector<std::size_t> owner_;
  std::vector<std::size_t> notice_columns_;
  int dialog_from_ = 0;
  bool tool_box_ = false;  ///< the rows at hand stand in a tool's box
  ScreenParts parts_;
};

}  // namespace

ScreenParts parse_screen(Layout const& layout, std::string_view screen) {
  return ScreenReader{layout, screen}.read();
}

}  // namespace failover::core
