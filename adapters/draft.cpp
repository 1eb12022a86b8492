#include "adapters/draft.hpp"

#include <algorithm>
#include <initializer_list>
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

}  // namespace

bool holds_only_a_suggestion(std::string_view screen_with_colours) {
  auto const rows = rows_of(screen_with_colours);
  auto const is_prompt = [](Row const& row) { return after_marker(row) != row.end(); };
  auto const prompt = std::find_if(rows.rbegin(), rows.rend(), is_prompt);
  if (prompt == rows.rend()) return false;
  auto const first = prompt.base() - 1;
  auto const end = std::find_if(first, rows.end(), is_rule);
  if (end == rows.end()) return false;

  bool suggested = false;
  for (auto row = first; row != end; ++row) {
    auto const begin = row == first ? after_marker(*row) : row->begin();
    for (auto cell = begin; cell != row->end(); ++cell) {
      if (is_blank(*cell) || cell->pen.inverse || is_one_of(*cell, {"│", "┃"})) continue;
      if (!cell->pen.faint && !cell->pen.grey) return false;
      suggested = true;
    }
  }
  return suggested;
}

}  // namespace failover::adapters
