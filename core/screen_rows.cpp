#include "core/screen_rows.hpp"

#include "core/fold.hpp"
#include "core/screen.hpp"

#include <algorithm>

namespace failover::core {
namespace {

constexpr std::u32string_view bars = U"│┃║▌▐|";
constexpr std::u32string_view lines = U"─━═-▔▀▄▁_";
constexpr std::u32string_view dashes = U"╌┄┈╍┅┉";
constexpr std::u32string_view corners = U"╭╮╰╯┌┐└┘┏┓┗┛╔╗╚╝├┤";
constexpr std::u32string_view lower_corners = U"╰╯└┘┗┛╚╝";
constexpr std::size_t shortest_rule = 8;

bool contains(std::u32string_view set, char32_t c) {
  return set.find(c) != std::u32string_view::npos;
}

bool is_blank(char32_t c) {
  return c == U' ' || c == 0xA0;
}

/// A row as code points: columns are counted so, wide characters aside.
using Points = std::u32string;

Points points_of(std::string_view row) {
  Points points(row.size(), U' ');
  std::size_t count = 0;
  for (std::size_t at = 0; at < row.size(); ++count) {
    auto const byte = static_cast<unsigned char>(row[at]);
    points[count] = byte < 0x80 ? byte : next_code_point(row, at);
    if (byte < 0x80) ++at;
  }
  points.resize(count);
  while (!points.empty() && is_blank(points.back())) points.pop_back();
  return points;
}

/// A line across the row: nothing but line characters, or a title between two long ends.
bool is_rule(Points const& row, std::size_t from) {
  std::size_t const size = row.size() - from;
  if (size < shortest_rule) return false;
  auto const is_line = [&](char32_t c) { return contains(lines, c) || contains(corners, c); };
  auto const head =
      static_cast<std::size_t>(std::find_if_not(row.begin() + static_cast<std::ptrdiff_t>(from), row.end(), is_line) -
                               row.begin() - static_cast<std::ptrdiff_t>(from));
  if (head == size) return true;
  auto const tail = static_cast<std::size_t>(std::find_if_not(row.rbegin(), row.rend(), is_line) - row.rbegin());
  bool const ended = tail >= 2 || (tail == 1 && head >= 2 * shortest_rule);  // a title at the right end
  return head >= 2 && ended && head + tail >= size / 3 && row[from] != U'-' && row[from] != U'_';
}

/// The squares of a progress bar, before what it is about.
constexpr std::u32string_view squares = U"■□▪▫⬝⬛⬜▰▱█▓▒░";
constexpr std::size_t fewest_squares = 3;

std::size_t first_filled(Points const& row, std::size_t from) {
  while (from < row.size() && is_blank(row[from])) ++from;
  return from;
}

/// "✻ Thinking…", "* Monitoring 17 agents… (…": some words, then an ellipsis.
bool is_running(std::string_view text) {
  std::size_t const dots = text.find("...");
  if (dots == std::string_view::npos || dots == 0 || dots > 60) return false;
  return text[0] >= 'A' && text[0] <= 'Z' && text.substr(0, dots).find(':') == std::string_view::npos &&
         (text.size() == dots + 3 || text[dots + 3] == ' ' || text[dots + 3] == '(');
}

bool starts_after_word(std::string_view text, std::string_view what) {
  std::size_t const space = text.find(' ');
  return space != std::string_view::npos && text.substr(space).substr(0, what.size()) == what;
}

}  // namespace

bool is_mark(char32_t c) {
  bool const punctuation = (c >= 0x203B && c <= 0x205E && c != 0x2043) || c == 0xA7 || c == 0xB6 || c == 0x2020;
  bool const font = (c >= 0xE000 && c <= 0xF8FF) || (c >= 0xF0000 && c <= 0xFFFFD);
  bool const sign = (c >= 0x2100 && c <= 0x2BFF) || (c >= 0x1F300 && c <= 0x1FAFF) || punctuation || font;
  return sign && !contains(U"☐☑☒□■◻◼▢▣✓✔○◯◉◌", c) && !contains(bars, c) && !contains(lines, c) && !contains(corners, c);
}

std::string_view after_number(std::string_view text) {
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  if (digits == 0 || digits > 2 || digits + 1 >= text.size()) return {};
  if ((text[digits] != '.' && text[digits] != ')') || text[digits + 1] != ' ') return {};
  return trimmed(text.substr(digits + 1));
}

namespace {

std::string text_of(Points const& row, std::size_t from, std::size_t to) {
  std::string text = fold(std::u32string_view{row}.substr(from, to - from));
  text.erase(text.find_last_not_of(' ') + 1);
  text.erase(0, text.find_first_not_of(' '));
  return text;
}

class RowReader {
 public:
  RowReader(Layout const& layout, int number) : layout_(layout) { row_.number = number; }

  ScreenRow read(std::string_view raw) {
    bool const plain =
        std::none_of(raw.begin(), raw.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    row_.whole = plain ? std::string{raw} : without_controls(raw);
    Points const points = points_of(row_.whole);
    std::size_t from = first_filled(points, 0);
    std::size_t to = points.size();
    row_.end = static_cast<int>(to);
    if (from == to) return std::move(row_);
    row_.begin = static_cast<int>(from);
    unbox(points, from, to);
    row_.indent = static_cast<int>(from) - (row_.boxed ? box_indent_ : 0);
    if (from >= to) return std::move(row_);
    classify(points, from, to);
    return std::move(row_);
  }

 private:
  /// Takes off the bars of drawn boxes, also of nested ones. A bar on the left alone is opencode's frame.
  void unbox(Points const& points, std::size_t& from, std::size_t& to) {
    while (to - from >= 2 && contains(bars, points[from]) && contains(bars, points[to - 1])) {
      row_.boxed = true;
      --to;
      box_indent_ = static_cast<int>(++from);
      while (from < to && is_blank(points[from])) ++from;
      while (to > from && is_blank(points[to - 1])) --to;
    }
    if (!row_.boxed && to - from >= 2 && points[from] == U'┃') {
      from = first_filled(points, from + 1);
      row_.boxed = true;
      box_indent_ = static_cast<int>(from);
    }
  }

  static std::size_t after_progress_bar(Points const& points, std::size_t from, std::size_t to) {
    std::size_t at = from;
    while (at < to && contains(squares, points[at])) ++at;
    return at - from >= fewest_squares && at < to && is_blank(points[at]) ? first_filled(points, at) : from;
  }

  void classify(Points const& points, std::size_t from, std::size_t to) {
    from = after_progress_bar(points, from, to);
    char32_t const lead = points[from];
    if (to - from >= shortest_rule &&
        std::all_of(points.begin() + static_cast<std::ptrdiff_t>(from),
                    points.begin() + static_cast<std::ptrdiff_t>(to), [](char32_t c) { return contains(dashes, c); })) {
      row_.kind = ScreenRowKind::dashes;
      return;
    }
    if (is_rule(points, from)) {
      row_.kind = ScreenRowKind::rule;
      row_.closes_box = contains(lower_corners, lead);
      return;
    }
    bool const alone = from + 1 == to;
    bool const marked = alone || is_blank(points[from + 1]);
    bool const emoji = !alone && points[from + 1] == 0xFE0F;
    std::size_t const after = std::min(first_filled(points, from + 1), to);
    row_.kind = ScreenRowKind::plain;
    std::size_t text_from = from;
    if (marked && from == 0 && contains(layout_.shells, lead)) {
      row_.kind = ScreenRowKind::prompt;
      row_.shell = true;
      text_from = after;
    } else if (marked && contains(layout_.gutters, lead)) {
      row_.kind = ScreenRowKind::gutter;
      text_from = after;
    } else if (marked && (contains(layout_.prompts, lead) || contains(layout_.selectors, lead))) {
      text_from = after;
      row_.text = text_of(points, text_from, to);
      classify_prompt(lead);
      if (row_.kind != ScreenRowKind::plain) return;
    }
    if (row_.kind == ScreenRowKind::plain && marked && contains(layout_.spinners, lead)) {
      row_.text = text_of(points, after, to);
      if (is_running(row_.text)) row_.kind = ScreenRowKind::spinner;
      if (starts_after_word(row_.text, " for ")) row_.kind = ScreenRowKind::finished;
      if (row_.kind != ScreenRowKind::plain) return;
      if (lead != U'*' && lead != 0xB7) text_from = after;  // "✻ API error · retrying in 2s"
    }
    if (row_.kind == ScreenRowKind::plain && marked && contains(layout_.bullets, lead)) {
      row_.kind = ScreenRowKind::bullet;
      text_from = after;
    }
    row_.noticed = row_.kind == ScreenRowKind::plain && contains(layout_.marks, lead);
    if (row_.kind == ScreenRowKind::plain && (contains(layout_.marks, lead) || ((marked || emoji) && is_mark(lead))))
      text_from = emoji ? from + 1 : after;
    // U+FE0F after a mark: the emoji form of the same sign
    if (text_from > from && text_from < to && points[text_from] == 0xFE0F)
      text_from = first_filled(points, text_from + 1);
    row_.text = text_of(points, std::min(text_from, to), to);
  }

  void classify_prompt(char32_t lead) {
    bool const numbered = !after_number(row_.text).empty();
    bool const prompt = contains(layout_.prompts, lead);
    bool const selects = contains(layout_.selectors, lead);
    if (selects && (numbered || (!prompt && row_.boxed)))
      row_.kind = ScreenRowKind::selection;
    else if (prompt && row_.indent <= 1 && (row_.indent == 0 || row_.boxed || row_.text.empty() || !selects))
      row_.kind = ScreenRowKind::prompt;
    else if (prompt && selects)
      row_.kind = row_.text.empty() ? ScreenRowKind::prompt : ScreenRowKind::selection;
    else if (prompt)
      row_.kind = ScreenRowKind::prompt;
    else
      row_.kind = contains(layout_.bullets, lead) ? ScreenRowKind::bullet : ScreenRowKind::plain;
  }

  Layout const& layout_;
  ScreenRow row_;
  int box_indent_ = 0;
};

}  // namespace

std::vector<ScreenRow> split_rows(Layout const& layout, std::string_view screen) {
  std::size_t from = screen.size();
  for (std::size_t breaks = 0; from > 0; --from)
    if (screen[from - 1] == '\n' && ++breaks == max_screen_rows) break;
  int number =
      1 + static_cast<int>(std::count(screen.begin(), screen.begin() + static_cast<std::ptrdiff_t>(from), '\n'));
  std::vector<ScreenRow> rows;
  rows.reserve(
      1 + static_cast<std::size_t>(std::count(screen.begin() + static_cast<std::ptrdiff_t>(from), screen.end(), '\n')));
  for (std::size_t begin = from; begin <= screen.size(); ++number) {
    std::size_t const end = std::min(screen.find('\n', begin), screen.size());
    rows.push_back(RowReader{layout, number}.read(screen.substr(begin, end - begin)));
    begin = end + 1;
  }
  while (!rows.empty() && rows.back().kind == ScreenRowKind::blank) rows.pop_back();
  return rows;
}

}  // namespace failover::core
