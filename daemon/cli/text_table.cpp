#include "daemon/cli/text_table.hpp"

#include "adapters/utf8.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace failover::daemon {
namespace {

struct Shown {
  std::string text = {};
  std::size_t columns = 0;
};

Shown printable(std::string_view text) {
  Shown shown;
  while (!text.empty()) {
    auto const point = adapters::first_code_point(text);
    bool const good = point.valid && adapters::is_printable(point.value);
    shown.text += good ? text.substr(0, point.length) : std::string_view{"\xef\xbf\xbd"};
    text.remove_prefix(point.length);
    ++shown.columns;
  }
  return shown;
}

char const* code_of(Paint paint) {
  switch (paint) {
    case Paint::good:
      return "\x1b[32m";
    case Paint::warning:
      return "\x1b[33m";
    case Paint::bad:
      return "\x1b[31m";
    case Paint::faint:
      return "\x1b[2m";
    case Paint::heading:
      return "\x1b[1m";
    case Paint::none:
      break;
  }
  return "";
}

}  // namespace

std::string painted(std::string const& text, Paint paint, bool color) {
  if (!color || paint == Paint::none || text.empty()) return text;
  return code_of(paint) + text + "\x1b[0m";
}

std::string text_table(std::vector<std::vector<Cell>> const& rows, bool color) {
  std::vector<std::size_t> widths;
  for (auto const& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t at = 0; at < row.size(); ++at) widths[at] = std::max(widths[at], printable(row[at].text).columns);
  }
  std::string table;
  for (auto const& row : rows) {
    std::size_t gap = 0;
    for (std::size_t at = 0; at < row.size(); ++at) {
      auto const shown = printable(row[at].text);
      if (shown.columns > 0) table += std::string(gap, ' ') + painted(shown.text, row[at].paint, color);
      gap = (shown.columns > 0 ? 0 : gap) + widths[at] - shown.columns + 2;
    }
    table += '\n';
  }
  return table;
}

}  // namespace failover::daemon
