#include "core/screen_notices.hpp"

#include "core/fold.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace failover::core {
namespace {

constexpr int right_aligned = 10;

class NoticeReader {
 public:
  explicit NoticeReader(Layout const& layout) : layout_(layout) {}

  /// A row below the box may hold several columns, three blanks apart, each of which goes on in the rows below.
  void add_row(ScreenRow const& row) {
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

  [[nodiscard]] std::vector<JoinedRows> take() { return std::move(notices_); }

 private:
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
    auto const same = std::find(columns_.begin(), columns_.end(), column);
    auto const index = static_cast<std::size_t>(same - columns_.begin());
    if (same == columns_.end()) {
      columns_.push_back(column);
      notices_.emplace_back();
    }
    notices_[index].append(trimmed(fold(raw)), number);
  }

  Layout const& layout_;
  std::vector<std::size_t> columns_;  ///< where each notice begins
  std::vector<JoinedRows> notices_;
};

}  // namespace

std::vector<JoinedRows> notices_below(Layout const& layout, std::vector<ScreenRow> const& rows, InputBox const& box) {
  NoticeReader reader{layout};
  for (std::size_t i = box.end; i < rows.size(); ++i) reader.add_row(rows[i]);
  return reader.take();
}

bool has_notice_above(std::vector<ScreenRow> const& rows, InputBox const& box) {
  if (box.top == 0) return false;
  ScreenRow const& row = rows[box.top - 1];
  if (row.kind != ScreenRowKind::plain || row.boxed || row.indent < 2) return false;
  ScreenRowKind const before = box.top > 1 ? rows[box.top - 2].kind : ScreenRowKind::blank;
  bool const fills = row.whole.size() + 4 >= rows[box.top].whole.size() / 3 && before == ScreenRowKind::blank;
  return row.indent >= right_aligned || before == ScreenRowKind::finished || before == ScreenRowKind::spinner || fills;
}

}  // namespace failover::core
