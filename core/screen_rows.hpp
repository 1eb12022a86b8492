#pragma once

#include "core/patterns.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace failover::core {

enum class ScreenRowKind {
  blank,
  rule,       ///< a line across, also the edge of a drawn box
  dashes,     ///< a dashed line inside a dialog
  prompt,     ///< begins with the prompt mark
  selection,  ///< begins with a mark that also chooses in dialogs, and stands indented or before a number
  bullet,
  gutter,
  spinner,
  finished,  ///< a spinner that has come to rest
  plain
};

/// Whether a row is the agent's own: it begins with one of the marks before what it says and does.
[[nodiscard]] constexpr bool is_content(ScreenRowKind kind) {
  return kind == ScreenRowKind::bullet || kind == ScreenRowKind::gutter || kind == ScreenRowKind::spinner ||
         kind == ScreenRowKind::finished;
}

/// One physical row, folded.
struct ScreenRow {
  ScreenRowKind kind = ScreenRowKind::blank;
  int number = 0;           ///< 1-based
  int indent = 0;           ///< columns before the first character, in a box before that of its inside
  int begin = 0;            ///< columns before the first character, the box's bar included
  bool boxed = false;       ///< between two bars; they are gone from `text`
  bool closes_box = false;  ///< of a rule: the lower edge
  bool noticed = false;     ///< of a plain row: began with a sign of the layout that carries no meaning
  bool shell = false;       ///< of a prompt: a command of the user's
  int end = 0;              ///< columns up to the last character
  std::string text = {};    ///< without indentation and without the mark
  std::string whole = {};   ///< the row as printed, controls removed, for columns
};

/// The rows of a screen, each by itself; trailing blank ones are left off.
[[nodiscard]] std::vector<ScreenRow> split_rows(Layout const& layout, std::string_view screen);

/// Signs that agents and their themes put before a message; those of lists, to-do lists and quotations are no such
/// signs.
[[nodiscard]] bool is_mark(char32_t c);

/// `1. Yes` begins with a number; then the text after it, else nothing.
[[nodiscard]] std::string_view after_number(std::string_view text);

}  // namespace failover::core
