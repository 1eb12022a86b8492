#include "core/examination.hpp"

#include "core/enum_names.hpp"

#include <algorithm>

namespace failover::core {
namespace {

constexpr EnumNames<Grade, grades.size()> names{{
    {Grade::ok, "ok"},
    {Grade::warning, "warning"},
    {Grade::problem, "problem"},
    {Grade::skipped, "skipped"},
}};

std::string padded(std::string_view word, std::size_t width) {
  std::string text{word};
  text.resize(std::max(text.size() + 1, width), ' ');
  return text;
}

}  // namespace

std::string_view to_string(Grade grade) {
  return name_of(names, grade);
}

bool has_problem(Remarks const& remarks) {
  return std::any_of(remarks.begin(), remarks.end(),
                     [](Remark const& remark) { return remark.grade == Grade::problem; });
}

std::string to_line(Remark const& remark) {
  auto line = padded(to_string(remark.grade), 9) + padded(remark.about, 14);
  if (!remark.where.empty()) line += remark.where + ": ";
  line += remark.what;
  if (!remark.cure.empty()) line += "; " + remark.cure;
  for (auto& character : line)
    if (static_cast<unsigned char>(character) < 0x20 || character == 0x7f) character = '?';
  return line;
}

std::string enumerated(std::vector<std::string> const& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " and " : ", ";
    text += words[i];
  }
  return text;
}

}  // namespace failover::core
