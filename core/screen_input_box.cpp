#include "core/screen_input_box.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace failover::core {
namespace {

constexpr std::size_t tallest_box = 200;
constexpr int panel_indent = 2;
constexpr std::string_view panel_foot = "\xE2\x95\xB9";  // ╹

class BoxFinder {
 public:
  BoxFinder(Layout const& layout, std::vector<ScreenRow> const& rows) : layout_(layout), rows_(rows) {}

  std::optional<InputBox> find() const {
    if (layout_.input_panel) return panel();
    for (std::size_t i = rows_.size(); i-- > 0;) {
      ScreenRow const& row = rows_[i];
      bool const framed = i > 0 && rows_[i - 1].kind == ScreenRowKind::rule;
      if (row.kind == ScreenRowKind::prompt || (framed && row.kind == ScreenRowKind::selection && row.indent == 0))
        if (auto box = framed ? framed_box(i) : bare_box(i)) return box;
    }
    return std::nullopt;
  }

 private:
  std::optional<InputBox> framed_box(std::size_t prompt) const {
    std::size_t const limit = std::min(rows_.size(), prompt + tallest_box);
    for (std::size_t i = prompt + 1; i < limit; ++i) {
      if (rows_[i].kind == ScreenRowKind::rule && (!rows_[prompt].boxed || rows_[i].closes_box))
        return nothing_but_notices(i + 1, true) ? std::optional{InputBox{prompt - 1, prompt, i + 1, i}} : std::nullopt;
    }
    if (rows_[prompt].kind == ScreenRowKind::selection) return std::nullopt;
    return nothing_but_notices(prompt + 1, false) ? std::optional{InputBox{prompt - 1, prompt, prompt + 1, prompt + 1}}
                                                  : std::nullopt;
  }

  /// Without a frame an empty prompt line is the input box, if nothing but notices follows.
  std::optional<InputBox> bare_box(std::size_t prompt) const {
    std::string const& text = rows_[prompt].text;
    bool const empty = text.empty() || text == "\xE2\x96\x8C" || text == "_" || text == "\xE2\x96\x88";
    if (!empty && (!layout_.last_prompt_is_input || was_answered(prompt))) return std::nullopt;
    if (!nothing_but_notices(prompt + 1, false)) return std::nullopt;
    return InputBox{prompt, prompt, prompt + 1, prompt + 1};
  }

  /// The rows of bars above the lowest foot. The last of them with a text names the model.
  std::optional<InputBox> panel() const {
    std::size_t foot = rows_.size();
    while (foot > 0 && !begins_with(rows_[foot - 1], panel_foot)) --foot;
    if (foot == 0) return std::nullopt;
    --foot;
    std::size_t top = foot;
    while (top > 0 && foot - top < tallest_box && begins_with(rows_[top - 1], panel_bar)) --top;
    std::size_t model = foot;
    while (model > top && is_empty(rows_[model - 1])) --model;
    if (model == top) return std::nullopt;
    --model;
    std::size_t first = top;
    while (first < model && is_empty(rows_[first])) ++first;
    return InputBox{top, first, foot + 1, model};
  }

  static bool begins_with(ScreenRow const& row, std::string_view mark) {
    auto const begin = row.whole.find_first_not_of(' ');
    return begin != std::string::npos && std::string_view(row.whole).substr(begin).starts_with(mark);
  }

  static bool is_empty(ScreenRow const& row) { return row.text.empty() || row.text == panel_bar; }

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

  Layout const& layout_;
  std::vector<ScreenRow> const& rows_;
};

}  // namespace

std::optional<InputBox> find_input_box(Layout const& layout, std::vector<ScreenRow> const& rows) {
  return BoxFinder{layout, rows}.find();
}

}  // namespace failover::core
