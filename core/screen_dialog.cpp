#include "core/screen_dialog.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace failover::core {
namespace {

constexpr std::size_t no_row = static_cast<std::size_t>(-1);
constexpr std::size_t tallest_dialog = 80;
constexpr std::size_t hint_rows = 8;

/// `column`: where the text of options without numbers begins; -1 when nothing is chosen.
void add_row(std::vector<DialogRow>& dialog, ScreenRow const& row, int column) {
  if (row.kind == ScreenRowKind::blank || row.kind == ScreenRowKind::rule || row.kind == ScreenRowKind::dashes) return;
  std::string_view const numbered = after_number(row.text);
  bool const option = row.kind == ScreenRowKind::selection || !numbered.empty() || row.indent == column;
  dialog.push_back({std::string{numbered.empty() ? std::string_view{row.text} : numbered}, row.number, option,
                    row.kind == ScreenRowKind::selection});
}

/// A choice without frame or number looks like a prompt: its other answers stand below it, set in. One with a frame
/// of blank rows looks like more of an answer.
bool is_answer(std::vector<ScreenRow> const& rows, ScreenBlocks const& blocks, std::size_t row) {
  if (blocks.owner[row] + 1 != blocks.all.size()) return false;
  if (blocks.all[blocks.owner[row]].kind != BlockKind::bullet)
    return blocks.all[blocks.owner[row]].kind == BlockKind::prompt;
  for (std::size_t i = rows.size(); i-- > 0 && rows.size() - i < tallest_dialog;)
    if (rows[i].kind == ScreenRowKind::selection && blocks.owner[i] == blocks.owner[row]) return true;
  return false;
}

}  // namespace

std::vector<DialogRow> open_dialog(std::vector<ScreenRow> const& rows, ScreenBlocks const& blocks, std::size_t end,
                                   bool has_input_box) {
  std::size_t chosen = no_row;
  for (std::size_t i = end; i-- > 0 && chosen == no_row;) {
    ScreenRowKind const kind = rows[i].kind;
    if (is_content(kind) || (kind == ScreenRowKind::prompt && !rows[i].text.empty())) break;
    if (kind == ScreenRowKind::selection && !blocks.absorbed(i)) chosen = i;
    if (kind == ScreenRowKind::rule && !has_input_box && rows[i].whole.find("\xE2\x96\x94") != std::string::npos)
      chosen = i + 1;
  }
  std::vector<DialogRow> dialog;
  if (chosen == no_row || chosen >= end) return dialog;
  std::size_t begin = chosen;
  while (begin > 0 && chosen - begin < tallest_dialog) {
    ScreenRow const& row = rows[begin - 1];
    bool const edge = row.kind == ScreenRowKind::rule && !row.closes_box;
    if (edge || blocks.absorbed(begin - 1) || is_content(row.kind) || row.kind == ScreenRowKind::prompt) break;
    --begin;
  }
  bool const marked = rows[chosen].kind == ScreenRowKind::selection;
  int const column = marked ? rows[chosen].indent + 2 : -1;
  for (std::size_t i = begin; i < end; ++i) add_row(dialog, rows[i], column);
  return dialog;
}

std::vector<DialogRow> last_hints(std::vector<ScreenRow> const& rows, ScreenBlocks const& blocks) {
  std::vector<DialogRow> hints;
  for (std::size_t i = rows.size(); i-- > 0 && hints.size() < hint_rows;) {
    if (rows[i].kind == ScreenRowKind::prompt && hints.empty()) return hints;
    if (rows[i].kind != ScreenRowKind::blank && rows[i].kind != ScreenRowKind::rule &&
        (!blocks.absorbed(i) || is_answer(rows, blocks, i))) {
      std::string_view const numbered = after_number(rows[i].text);
      bool const option = !numbered.empty();
      std::string text{option ? numbered : std::string_view{rows[i].text}};
      bool const selected = rows[i].kind == ScreenRowKind::selection &&
                            (!blocks.absorbed(i) || blocks.all[blocks.owner[i]].kind == BlockKind::prompt);
      hints.insert(hints.begin(), {std::move(text), rows[i].number, option, selected});
    }
  }
  return hints;
}

}  // namespace failover::core
