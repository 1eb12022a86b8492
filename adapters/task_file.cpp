#include "adapters/task_file.hpp"

#include "adapters/utf8.hpp"
#include "adapters/yaml_tree.hpp"
#include "core/duration_text.hpp"
#include "core/in_quotes.hpp"
#include "core/nearest_word.hpp"
#include "core/rfc3339.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <string>
#include <utility>

namespace failover::adapters {
namespace {

// `prompt` comes first, for it is a key of YAML files only.
constexpr std::array<std::string_view, 7> known_keys{"prompt",  "session",    "priority", "timeout",
                                                     "retries", "not_before", "id"};
constexpr std::array<std::string_view, 5> later_keys{"kind", "workdir", "agent", "account", "after"};
constexpr std::int64_t max_priority = 1'000'000;
constexpr std::int64_t max_retries = 100;
constexpr std::size_t max_session_name = 128;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view fence = "---";

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

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

core::Error at(TextPosition place, std::string const& what, core::ErrorKind kind = core::ErrorKind::invalid) {
  return {kind, std::to_string(place.line) + ":" + std::to_string(place.column) + ": " + what};
}

core::Result<std::int64_t> read_number(YamlNode const& node, std::int64_t low, std::int64_t high) {
  std::int64_t value = 0;
  auto const* const end = node.text.data() + node.text.size();
  auto const [stop, error] = std::from_chars(node.text.data(), end, value);
  if (error == std::errc{} && stop == end && value >= low && value <= high) return value;
  return at(node.at, node.key + " must be a whole number from " + std::to_string(low) + " to " + std::to_string(high) +
                         ", not " + core::in_quotes(node.text));
}

bool is_session_name(std::string_view text) {
  if (text.empty() || text.size() > max_session_name) return false;
  while (!text.empty()) {
    auto const next = first_code_point(text);
    if (!next.valid || !is_printable(next.value)) return false;
    text.remove_prefix(next.length);
  }
  return true;
}

struct Keys {
  TaskHead head = {};
  bool prompted = false;
};

core::Error refuse_key(YamlNode const& node, std::span<std::string_view const> known) {
  if (std::find(later_keys.begin(), later_keys.end(), node.key) != later_keys.end())
    return at(node.key_at, "key " + core::in_quotes(node.key) + " is not supported yet", core::ErrorKind::unsupported);
  auto const meant = core::nearest_word(node.key, known);
  auto const hint = meant.empty() ? "" : ", did you mean " + core::in_quotes(meant) + "?";
  return at(node.key_at, "unknown key " + core::in_quotes(node.key) + hint);
}

core::Result<void> take_number(core::TaskRequest& request, YamlNode const& node) {
  bool const priority = node.key == "priority";
  auto const number = read_number(node, priority ? -max_priority : 0, priority ? max_priority : max_retries);
  if (!number) return number.error();
  if (priority)
    request.priority = *number;
  else
    request.retries = *number;
  return {};
}

core::Result<void> take_time(core::TaskRequest& request, YamlNode const& node) {
  if (node.key == "not_before") {
    request.not_before = core::from_rfc3339(node.text);
    if (request.not_before) return {};
    return at(node.at, "not_before must be like 2026-11-22T19:50:19Z, not " + core::in_quotes(node.text));
  }
  auto const timeout = core::parse_duration(node.text);
  if (!timeout) return at(node.at, "timeout: " + timeout.error().detail);
  if (*timeout <= core::Duration::zero()) return at(node.at, "timeout must be longer than nothing");
  request.timeout = *timeout;
  return {};
}

core::Result<void> take_key(Keys& keys, YamlNode const& node, std::span<std::string_view const> known) {
  if (std::find(known.begin(), known.end(), node.key) == known.end()) return refuse_key(node, known);
  if (node.kind != YamlNode::Kind::scalar) return at(node.key_at, node.key + " must be one value");
  if (node.key == "prompt") {
    keys.prompted = true;
    if (is_blank(node.text)) return at(node.at, "the prompt is empty");
    return {};
  }
  if (node.key == "session") {
    if (!is_session_name(node.text)) return at(node.at, core::in_quotes(node.text) + " cannot be a session's name");
    keys.head.request.session = core::SessionName{node.text};
    return {};
  }
  if (node.key == "id") {
    if (!is_task_id(node.text))
      return at(node.at, "an id is 1 to 64 letters, digits, _ and -, not " + core::in_quotes(node.text));
    keys.head.id = core::TaskId{node.text};
    return {};
  }
  if (node.key == "timeout" || node.key == "not_before") return take_time(keys.head.request, node);
  return take_number(keys.head.request, node);
}

/// `first_line` is the file's line in which the YAML begins.
core::Result<Keys> read_keys(std::string_view text, int first_line, std::span<std::string_view const> known) {
  auto tree = parse_yaml(text, {.bytes = text.size(), .nodes = 100, .depth = 4});
  auto const shift = [first_line](TextPosition& place) { place.line += first_line - 1; };
  for (auto& problem : tree.problems) {
    shift(problem.at);
    return at(problem.at, problem.message);  // the first is enough to mend the file by
  }
  Keys keys;
  if (tree.root.kind == YamlNode::Kind::nothing) return keys;
  shift(tree.root.at);
  if (tree.root.kind != YamlNode::Kind::map) return at(tree.root.at, "must be lines of `key: value`");
  for (auto& node : tree.root.items) {
    shift(node.at);
    shift(node.key_at);
    if (auto taken = take_key(keys, node, known); !taken) return taken.error();
  }
  return keys;
}

core::Result<TaskHead> parse_yaml_task(std::string_view bytes) {
  auto const keys = read_keys(bytes, 1, known_keys);
  if (!keys) return keys.error();
  if (!keys->prompted) return at({1, 1}, "a .yaml task needs the key 'prompt' with the text of the task");
  return keys->head;
}

core::Result<TaskHead> parse_text_task(std::string_view bytes, Extent extent) {
  auto const parts = split(bytes);
  if (!parts) return parts.error();
  if (extent == Extent::whole && is_blank(parts->body))
    return core::Error{core::ErrorKind::invalid, "the task is empty"};
  if (!parts->front_matter) return TaskHead{};
  auto const keys = read_keys(*parts->front_matter, 2, std::span{known_keys}.subspan(1));
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

bool is_task_id(std::string_view text) {
  auto const plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= 64 && text.front() != '-' && std::all_of(text.begin(), text.end(), plain);
}

}  // namespace failover::adapters
