#include "adapters/draft.hpp"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <string>
#include <vector>

namespace failover::adapters {
namespace {

/// As far as SGR matters here.
struct Pen {
  bool faint = false;
  bool inverse = false;
  bool grey = false;
};

struct Cell {
  std::string_view glyph = {};
  Pen pen = {};
};
using Row = std::vector<Cell>;

/// Neither near the background nor near the ordinary text, on a dark or a light theme.
bool is_middle_grey(int r, int g, int b) {
  auto const [low, high] = std::minmax({r, g, b});
  return high - low <= 24 && low >= 64 && high <= 190;
}

std::vector<int> numbers(std::string_view parameters) {
  std::vector<int> values(1, 0);
  for (auto const c : parameters) {
    if (c >= '0' && c <= '9') {
      values.back() = std::min(values.back() * 10 + (c - '0'), 9999);
    } else {
      values.push_back(0);
    }
  }
  return values;
}

/// The foreground of "38;5;n" or "38;2;r;g;b" beginning at `at`; returns how many further numbers belong to it.
std::size_t read_colour(std::vector<int> const& sgr, std::size_t at, bool& grey) {
  auto const value = [&](std::size_t offset) { return at + offset < sgr.size() ? sgr[at + offset] : 0; };
  if (value(1) == 5) {
    grey = value(2) == 8 || (value(2) >= 237 && value(2) <= 250);  // 232 to 255 is the ramp from black to white
    return 2;
  }
  if (value(1) == 2) {
    grey = is_middle_grey(value(2), value(3), value(4));
    return 4;
  }
  return 0;
}

void apply(std::string_view parameters, Pen& pen) {
  auto const sgr = numbers(parameters);
  for (std::size_t i = 0; i < sgr.size(); ++i) {
    auto const code = sgr[i];
    bool background = false;
    if (code == 0) pen = {};
    if (code == 2) pen.faint = true;
    if (code == 22) pen.faint = false;
    if (code == 7) pen.inverse = true;
    if (code == 27) pen.inverse = false;
    if ((code >= 30 && code <= 37) || code == 39 || (code >= 90 && code <= 97)) pen.grey = code == 90;
    if (code == 38) i += read_colour(sgr, i, pen.grey);
    if (code == 48) i += read_colour(sgr, i, background);
  }
}

std::size_t glyph_length(std::string_view text) {
  std::size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80) ++length;
  return length;
}

std::vector<Row> rows_of(std::string_view text) {
  std::vector<Row> rows(1);
  Pen pen;  // lasts beyond the end of a row
  while (!text.empty()) {
    if (text.starts_with("\x1b[")) {
      auto const end = text.find_first_not_of("0123456789;:", 2);
      if (end == std::string_view::npos) break;
      if (text[end] == 'm') apply(text.substr(2, end - 2), pen);
      text.remove_prefix(end + 1);
      continue;
    }
    auto const length = glyph_length(text);
    if (text[0] == '\n') {
      rows.emplace_back();
    } else if (static_cast<unsigned char>(text[0]) >= ' ') {
      rows.back().push_back({text.substr(0, length), pen});
    }
    text.remove_prefix(length);
  }
  return rows;
}

bool is_blank(Cell const& cell) {
  return cell.glyph == " " || cell.glyph == "\u00a0";
}

bool is_one_of(Cell const& cell, std::initializer_list<std::string_view> glyphs) {
  return std::find(glyphs.begin(), glyphs.end(), cell.glyph) != glyphs.end();
}

bool is_rule(Row const& row) {
  auto const first = std::find_if_not(row.begin(), row.end(), is_blank);
  return first != row.end() && is_one_of(*first, {"─", "━", "╰", "└"});
}

/// Where the box's text begins in this row, or its end when this is no prompt line.
Row::const_iterator after_marker(Row const& row) {
  for (auto cell = row.begin(); cell != row.end(); ++cell) {
    if (is_one_of(*cell, {"❯", ">"})) return cell + 1;
    if (!is_blank(*cell) && !is_one_of(*cell, {"│", "┃"})) break;
  }
  return row.end();
}

bool begins_with(Row const& row, std::string_view glyph) {
  auto const first = std::find_if_not(row.begin(), row.end(), is_blank);
  return first != row.end() && first->glyph == glyph;
}

bool is_frame(Cell const& cell) {
  return is_one_of(cell, {"│", "┃"});
}

bool is_empty(Row const& row) {
  return std::all_of(row.begin(), row.end(), [](Cell const& cell) { return is_blank(cell) || is_frame(cell); });
}

/// The characters of an input box, its frame and what is blank left off.
using Text = std::vector<Cell>;

void append(Text& text, Row::const_iterator begin, Row::const_iterator end) {
  std::copy_if(begin, end, std::back_inserter(text),
               [](Cell const& cell) { return !is_blank(cell) && !is_frame(cell); });
}

bool is_suggestion(Text const& text) {
  auto const in_grey = [](Cell const& cell) { return cell.pen.faint || cell.pen.grey; };
  bool const all = std::all_of(text.begin(), text.end(), [&](Cell const& c) { return c.pen.inverse || in_grey(c); });
  return all && std::any_of(text.begin(), text.end(), [&](Cell const& c) { return !c.pen.inverse && in_grey(c); });
}

/// Of a box without a frame: the lowest row that begins with the mark, and those down to an empty one.
Text bare_text(std::vector<Row> const& rows) {
  Text text;
  auto const prompt = std::find_if(rows.rbegin(), rows.rend(), [](Row const& row) { return begins_with(row, "›"); });
  if (prompt == rows.rend()) return text;
  auto row = prompt.base() - 1;
  append(text, std::find_if_not(row->begin(), row->end(), is_blank) + 1, row->end());
  while (++row != rows.end() && !is_empty(*row)) append(text, row->begin(), row->end());
  return text;
}

/// Of a panel of `┃` on a foot of `╹`, whose last row with a text names the model.
Text panel_text(std::vector<Row> const& rows) {
  Text text;
  auto const foot = std::find_if(rows.rbegin(), rows.rend(), [](Row const& row) { return begins_with(row, "╹"); });
  if (foot == rows.rend()) return text;
  auto end = foot.base() - 1;
  auto first = end;
  while (first != rows.begin() && begins_with(*(first - 1), "┃")) --first;
  while (end != first && is_empty(*(end - 1))) --end;
  if (end == first) return text;
  for (auto row = first; row != end - 1; ++row) append(text, row->begin(), row->end());
  return text;
}

bool reads(Text const& text, std::string_view shown) {
  for (auto const& cell : text) {
    if (!shown.starts_with(cell.glyph)) return false;
    shown.remove_prefix(cell.glyph.size());
  }
  return shown.empty() && !text.empty();
}

}  // namespace

bool holds_only_a_suggestion(std::string_view screen_with_colours) {
  auto const rows = rows_of(screen_with_colours);
  auto const is_prompt = [](Row const& row) { return after_marker(row) != row.end(); };
  auto const prompt = std::find_if(rows.rbegin(), rows.rend(), is_prompt);
  if (prompt == rows.rend()) return false;
  auto const first = prompt.base() - 1;
  auto const end = std::find_if(first, rows.end(), is_rule);
  if (end == rows.end()) return false;

  Text text;
  for (auto row = first; row != end; ++row) append(text, row == first ? after_marker(*row) : row->begin(), row->end());
  return is_suggestion(text);
}

bool holds_only_an_unframed_suggestion(std::string_view screen_with_colours, std::string_view shown) {
  auto const rows = rows_of(screen_with_colours);
  for (auto const& text : {bare_text(rows), panel_text(rows)})
    if (reads(text, shown)) return is_suggestion(text);
  return false;
}

}  // namespace failover::adapters
