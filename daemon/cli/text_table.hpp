#pragma once

#include <string>
#include <vector>

namespace failover::daemon {

enum class Paint { none, good, warning, bad, faint, heading };

struct Cell {
  std::string text = {};
  Paint paint = Paint::none;
};

/// The text between the codes that a terminal takes as its colour; as it is without colour or paint.
[[nodiscard]] std::string painted(std::string const& text, Paint paint, bool color);

/// Rows of cells as left-aligned columns, two blanks apart, one line a row, no trailing blanks. The first row is the
/// heading. Whatever is no printable UTF-8 is shown as U+FFFD; every code point counts as one column.
[[nodiscard]] std::string text_table(std::vector<std::vector<Cell>> const& rows, bool color);

}  // namespace failover::daemon
