#include "adapters/task_file.hpp"

#include "adapters/task_keys.hpp"
#include "core/in_quotes.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace failover::adapters {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view fence = "---";

/// Takes the first line off, without its end.
std::string_view take_line(std::string_view& text) {
  auto const end = text.find('\n');
  auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  line = line.substr(0, line.find_last_not_of(" \t\r") + 1);
  return line;
}

struct Parts {
  std::optional<std::string_view> front_matter = {};  ///< begins in line 2
  std::string_view body = {};
};

core::Result<Parts> split(std::string_view bytes) {
  if (bytes.starts_with(byte_order_mark)) bytes.remove_prefix(byte_order_mark.size());
  Parts parts;
  parts.body = bytes;
  auto rest = bytes;
  if (take_line(rest) != fence) return parts;
  auto const begin = rest;
  while (!rest.empty()) {
    auto const before = begin.size() - rest.size();
    if (before > max_front_matter) break;
    if (take_line(rest) != fence) continue;
    parts.front_matter = begin.substr(0, before);
    parts.body = rest;
    return parts;
  }
  return core::Error{core::ErrorKind::invalid,
                     "1:1: the front matter that `---` opens is not closed by a line `---` within 16 KiB"};
}

core::Result<TaskHead> parse_yaml_task(std::string_view bytes) {
  auto const keys = read_task_keys(bytes, 1, TaskFormat::yaml);
  if (!keys) return keys.error();
  if (!keys->prompted)
    return core::Error{core::ErrorKind::invalid, "1:1: a .yaml task needs the key 'prompt' with the text of the task"};
  return keys->head;
}

core::Result<TaskHead> parse_text_task(std::string_view bytes, Extent extent) {
  auto const parts = split(bytes);
  if (!parts) return parts.error();
  if (extent == Extent::whole && is_blank(parts->body))
    return core::Error{core::ErrorKind::invalid, "the task is empty"};
  if (!parts->front_matter) return TaskHead{};
  auto const keys = read_task_keys(*parts->front_matter, 2, TaskFormat::text);
  if (!keys) return keys.error();
  return keys->head;
}

}  // namespace

std::optional<TaskFormat> task_format(std::string_view file_name) {
  if (file_name.ends_with(".md") || file_name.ends_with(".txt")) return TaskFormat::text;
  if (file_name.ends_with(".yaml")) return TaskFormat::yaml;
  return std::nullopt;
}

core::Result<TaskHead> parse_task(TaskFormat format, std::string_view bytes, Extent extent) {
  return format == TaskFormat::yaml ? parse_yaml_task(bytes) : parse_text_task(bytes, extent);
}

core::Result<TaskHead> check_task(std::string_view file_name, std::string_view bytes, std::size_t max_bytes) {
  auto const format = task_format(file_name);
  if (!format)
    return core::Error{core::ErrorKind::invalid,
                       core::in_quotes(file_name) + " is no task's name; it must end in .md, .txt or .yaml"};
  if (bytes.size() > max_bytes)
    return core::Error{core::ErrorKind::too_large, "it has " + std::to_string(bytes.size()) + " bytes, more than the " +
                                                       std::to_string(max_bytes) + " of dispatcher.max_task_bytes"};
  return parse_task(*format, bytes, Extent::whole);
}

std::optional<std::string_view> front_matter_of(std::string_view bytes) {
  auto const parts = split(bytes);
  return parts ? parts->front_matter : std::nullopt;
}

bool is_task_id(std::string_view text) {
  auto const plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= 64 && text.front() != '-' && std::all_of(text.begin(), text.end(), plain);
}

}  // namespace failover::adapters
