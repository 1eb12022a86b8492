#include "adapters/queue_names.hpp"

#include "adapters/task_file.hpp"
#include "adapters/utf8.hpp"

#include <algorithm>
#include <utility>

namespace failover::adapters {
namespace {

// With an id and a claim of 64 bytes each and the result's end a name stays within the 255 bytes of a file name.
constexpr std::size_t max_title = 100;
constexpr std::string_view result_end = ".result.json";

/// Splits at the last dot; nothing without one.
std::optional<std::pair<std::string_view, std::string_view>> split_last(std::string_view name) {
  auto const dot = name.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  return std::pair{name.substr(0, dot), name.substr(dot + 1)};
}

}  // namespace

bool is_passed_over(std::string_view name) {
  return name.empty() || name.front() == '.' || name.ends_with('~') || name.ends_with(".tmp") ||
         name.ends_with(result_end);
}

std::string title_of(std::string_view name) {
  std::string title;
  while (!name.empty()) {
    auto const next = first_code_point(name);
    bool const fits = next.valid && is_printable(next.value) && next.value != U'/';
    title.append(fits ? name.substr(0, next.length) : "_");
    name.remove_prefix(next.length);
  }
  if (title.size() <= max_title) return title;
  auto const dot = title.rfind('.');
  auto const end = dot == std::string::npos || title.size() - dot > max_title / 2 ? "" : title.substr(dot);
  return std::string(cut_utf8(title, max_title - end.size())) + end;
}

std::string numbered(std::string const& title, int number) {
  if (number == 1) return title;
  auto const dot = std::min(title.rfind('.'), title.size());
  return title.substr(0, dot) + "-" + std::to_string(number) + title.substr(dot);
}

std::string filed_name(std::string const& title, core::TaskId const& id) {
  return title + "." + id.str();
}

std::string claimed_name(std::string const& title, core::TaskId const& id, core::ClaimId const& claim) {
  return filed_name(title, id) + "." + claim.str();
}

std::string result_name(std::string const& filed) {
  return filed + std::string(result_end);
}

std::optional<QueueName> parse_filed_name(std::string_view name) {
  auto const parts = split_last(name);
  if (!parts || !task_format(parts->first) || !is_task_id(parts->second)) return std::nullopt;
  return QueueName{title_of(parts->first), core::TaskId{std::string(parts->second)}, {}};
}

std::optional<QueueName> parse_claimed_name(std::string_view name) {
  auto const parts = split_last(name);
  if (!parts || !is_task_id(parts->second)) return std::nullopt;
  auto filed = parse_filed_name(parts->first);
  if (filed) filed->claim = core::ClaimId{std::string(parts->second)};
  return filed;
}

std::optional<core::TaskSignal> parse_signal_name(std::string_view name) {
  auto const end = split_last(name);
  if (!end || (end->second != "done" && end->second != "failed")) return std::nullopt;
  auto const ids = split_last(end->first);
  if (!ids || !is_task_id(ids->first) || !is_task_id(ids->second)) return std::nullopt;
  return core::TaskSignal{core::TaskId{std::string(ids->first)}, core::ClaimId{std::string(ids->second)},
                          end->second == "done"};
}

}  // namespace failover::adapters
