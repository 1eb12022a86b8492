#include "daemon/cli/line_diff.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace failover::daemon {
namespace {

constexpr std::size_t context = 1;
constexpr std::size_t max_cells = 4'000'000;  ///< of the table of common lines; larger changes are shown as one block

using Lines = std::vector<std::string_view>;

struct Step {
  char mark = ' ';  ///< ' ', '-' or '+'
  std::string_view line = {};
};

/// Each with its line end, so that a change of that is seen.
Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    auto const end = text.find('\n');
    auto const size = end == std::string_view::npos ? text.size() : end + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

void append(std::vector<Step>& steps, char mark, Lines const& lines, std::size_t begin, std::size_t end) {
  for (auto at = begin; at < end; ++at) steps.push_back({mark, lines[at]});
}

/// The steps between two runs of lines, by the longest common subsequence.
void append_changes(std::vector<Step>& steps, Lines const& before, Lines const& after) {
  auto const rows = before.size();
  auto const columns = after.size();
  if (rows == 0 || columns == 0 || rows > max_cells / columns) {
    append(steps, '-', before, 0, rows);
    append(steps, '+', after, 0, columns);
    return;
  }
  std::vector<std::uint32_t> common((rows + 1) * (columns + 1));
  auto const cell = [&](std::size_t row, std::size_t column) -> std::uint32_t& {
    return common[row * (columns + 1) + column];
  };
  for (auto row = rows; row-- > 0;)
    for (auto column = columns; column-- > 0;)
      cell(row, column) = before[row] == after[column] ? cell(row + 1, column + 1) + 1
                                                       : std::max(cell(row + 1, column), cell(row, column + 1));
  std::size_t row = 0;
  std::size_t column = 0;
  while (row < rows && column < columns) {
    if (before[row] == after[column]) {
      steps.push_back({' ', before[row++]});
      ++column;
    } else if (cell(row + 1, column) >= cell(row, column + 1)) {
      steps.push_back({'-', before[row++]});
    } else {
      steps.push_back({'+', after[column++]});
    }
  }
  append(steps, '-', before, row, rows);
  append(steps, '+', after, column, columns);
}

std::vector<Step> steps_between(Lines const& before, Lines const& after) {
  auto const shorter = std::min(before.size(), after.size());
  std::size_t head = 0;
  while (head < shorter && before[head] == after[head]) ++head;
  std::size_t tail = 0;
  while (tail < shorter - head && before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) ++tail;
  auto const middle = [&](Lines const& lines) {
    auto const begin = lines.begin() + static_cast<std::ptrdiff_t>(head);
    return Lines(begin, lines.end() - static_cast<std::ptrdiff_t>(tail));
  };
  std::vector<Step> steps;
  append(steps, ' ', before, 0, head);
  append_changes(steps, middle(before), middle(after));
  append(steps, ' ', before, before.size() - tail, before.size());
  return steps;
}

std::string shown(Step const& step) {
  auto text = step.mark + std::string(step.line);
  return text.ends_with('\n') ? text : text + "\n\\ No newline at end of file\n";
}

/// `begin,count` of one side; an empty one is named by the line before it, as diff does.
std::string span(std::size_t lines_before, std::size_t count) {
  return std::to_string(count == 0 ? lines_before : lines_before + 1) + "," + std::to_string(count);
}

std::size_t count_unlike(std::vector<Step> const& steps, std::size_t begin, std::size_t end, char mark) {
  std::size_t count = 0;
  for (auto at = begin; at < end; ++at)
    if (steps[at].mark != mark) ++count;
  return count;
}

/// Where the hunk ends whose first change is at `first`: so much context after its last change.
std::size_t hunk_end(std::vector<Step> const& steps, std::size_t first) {
  auto last = first;
  for (auto at = first; at < steps.size() && at <= last + 2 * context + 1; ++at)
    if (steps[at].mark != ' ') last = at;
  return std::min(last + context + 1, steps.size());
}

}  // namespace

std::string line_diff(std::string_view before, std::string_view after) {
  auto const old_lines = lines_of(before);
  auto const new_lines = lines_of(after);
  auto const steps = steps_between(old_lines, new_lines);
  std::string text;
  std::size_t old_count = 0;
  std::size_t new_count = 0;
  std::size_t at = 0;
  while (true) {
    auto first = at;
    while (first < steps.size() && steps[first].mark == ' ') ++first;
    if (first == steps.size()) return text;
    auto const begin = std::max(at, first - std::min(first, context));
    auto const end = hunk_end(steps, first);
    old_count += begin - at;
    new_count += begin - at;
    auto const old_size = count_unlike(steps, begin, end, '+');
    auto const new_size = count_unlike(steps, begin, end, '-');
    text += "@@ -" + span(old_count, old_size) + " +" + span(new_count, new_size) + " @@\n";
    for (auto step = begin; step < end; ++step) text += shown(steps[step]);
    old_count += old_size;
    new_count += new_size;
    at = end;
  }
}

}  // namespace failover::daemon
