#include "adapters/task_keys.hpp"

#include "adapters/utf8.hpp"
#include "adapters/yaml_tree.hpp"
#include "core/duration_text.hpp"
#include "core/in_quotes.hpp"
#include "core/nearest_word.hpp"
#include "core/rfc3339.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace failover::adapters {
namespace {

// `prompt` comes first, for it is a key of YAML files only.
constexpr std::array<std::string_view, 12> known_keys{"prompt",  "session", "kind",       "workdir",
                                                      "agent",   "account", "priority",   "timeout",
                                                      "retries", "after",   "not_before", "id"};
constexpr std::array<std::string_view, 3> kinds{"pool", "dedicated", "adopted"};
constexpr std::int64_t max_priority = 1'000'000;
constexpr std::int64_t max_retries = 100;
constexpr std::size_t max_name = 128;
constexpr std::size_t max_path = 4096;
constexpr std::size_t max_after = 64;

core::Error at(TextPosition place, std::string const& what) {
  return {core::ErrorKind::invalid, std::to_string(place.line) + ":" + std::to_string(place.column) + ": " + what};
}

/// ", did you mean 'pool'?" or nothing.
std::string hint(std::string_view word, std::span<std::string_view const> known) {
  auto const meant = core::nearest_word(word, known);
  return meant.empty() ? "" : ", did you mean " + core::in_quotes(meant) + "?";
}

core::Result<std::int64_t> read_number(YamlNode const& node, std::int64_t low, std::int64_t high) {
  std::int64_t value = 0;
  auto const* const end = node.text.data() + node.text.size();
  auto const [stop, error] = std::from_chars(node.text.data(), end, value);
  if (!node.quoted && error == std::errc{} && stop == end && value >= low && value <= high) return value;
  return at(node.at, node.key + " must be a whole number from " + std::to_string(low) + " to " + std::to_string(high) +
                         ", not " + (node.quoted ? "the text " : "") + core::in_quotes(node.text));
}

/// Text of one line that a person can read.
bool is_printable_text(std::string_view text, std::size_t max_bytes) {
  if (text.empty() || text.size() > max_bytes) return false;
  while (!text.empty()) {
    auto const next = first_code_point(text);
    if (!next.valid || !is_printable(next.value)) return false;
    text.remove_prefix(next.length);
  }
  return true;
}

struct Keys : TaskKeys {
  TextPosition after_at = {};
};

using Taken = core::Result<void>;

core::Result<std::string> read_name(YamlNode const& node, std::string const& of_what) {
  if (is_printable_text(node.text, max_name)) return node.text;
  return at(node.at, core::in_quotes(node.text) + " cannot be the name of " + of_what);
}

core::Result<core::TaskId> read_id(YamlNode const& node) {
  if (is_task_id(node.text)) return core::TaskId{node.text};
  return at(node.at, "an id is 1 to 64 letters, digits, _ and -, not " + core::in_quotes(node.text));
}

Taken take_prompt(Keys& keys, YamlNode const& node) {
  keys.prompted = true;
  if (is_blank(node.text)) return at(node.at, "the prompt is empty");
  return {};
}

Taken take_session(Keys& keys, YamlNode const& node) {
  auto name = read_name(node, "a session");
  if (!name) return name.error();
  keys.head.request.session = core::SessionName{std::move(*name)};
  return {};
}

Taken take_kind(Keys& keys, YamlNode const& node) {
  keys.head.request.kind = core::session_kind_from(node.text);
  if (keys.head.request.kind) return {};
  return at(node.at,
            "kind must be pool, dedicated or adopted, not " + core::in_quotes(node.text) + hint(node.text, kinds));
}

/// The same directory has one spelling here, and in what is known of a session.
Taken take_workdir(Keys& keys, YamlNode const& node) {
  if (!node.text.starts_with('/') || !is_printable_text(node.text, max_path))
    return at(node.at, "workdir must be an absolute path, not " + core::in_quotes(node.text));
  auto path = std::filesystem::path(node.text).lexically_normal().string();
  if (path.size() > 1 && path.ends_with('/')) path.pop_back();
  keys.head.request.workdir = std::move(path);
  return {};
}

Taken take_agent(Keys& keys, YamlNode const& node) {
  auto name = read_name(node, "an agent");
  if (!name) return name.error();
  keys.head.request.agent = std::move(*name);
  return {};
}

Taken take_account(Keys& keys, YamlNode const& node) {
  auto name = read_name(node, "an account");
  if (!name) return name.error();
  keys.head.request.account = core::AccountName{std::move(*name)};
  return {};
}

Taken take_priority(Keys& keys, YamlNode const& node) {
  auto const number = read_number(node, -max_priority, max_priority);
  if (!number) return number.error();
  keys.head.request.priority = *number;
  return {};
}

Taken take_retries(Keys& keys, YamlNode const& node) {
  auto const number = read_number(node, 0, max_retries);
  if (!number) return number.error();
  keys.head.request.retries = *number;
  return {};
}

Taken take_timeout(Keys& keys, YamlNode const& node) {
  auto const timeout = core::parse_duration(node.text);
  if (!timeout) return at(node.at, "timeout: " + timeout.error().detail);
  if (*timeout <= core::Duration::zero()) return at(node.at, "timeout must be longer than nothing");
  keys.head.request.timeout = *timeout;
  return {};
}

Taken take_not_before(Keys& keys, YamlNode const& node) {
  keys.head.request.not_before = core::from_rfc3339(node.text);
  if (keys.head.request.not_before) return {};
  return at(node.at, "not_before must be like 2026-11-22T19:50:19Z, not " + core::in_quotes(node.text));
}

Taken take_id(Keys& keys, YamlNode const& node) {
  auto id = read_id(node);
  if (!id) return id.error();
  keys.head.id = std::move(*id);
  return {};
}

/// One id, or a list of them.
Taken take_after(Keys& keys, YamlNode const& node) {
  keys.after_at = node.at;
  std::vector<YamlNode> const one{node};
  auto const& nodes = node.kind == YamlNode::Kind::list ? node.items : one;
  if (nodes.empty() || nodes.size() > max_after)
    return at(node.at, "after must name 1 to " + std::to_string(max_after) + " tasks");
  for (auto const& item : nodes) {
    if (item.kind != YamlNode::Kind::scalar) return at(item.at, "after must be an id or a list of ids");
    auto id = read_id(item);
    if (!id) return id.error();
    auto& after = keys.head.request.after;
    if (std::find(after.begin(), after.end(), *id) != after.end())
      return at(item.at, "after names " + core::in_quotes(id->str()) + " twice");
    after.push_back(std::move(*id));
  }
  return {};
}

struct Key {
  std::string_view name = {};
  Taken (*take)(Keys&, YamlNode const&) = nullptr;
};
constexpr std::array<Key, known_keys.size()> readers{{{"prompt", take_prompt},
                                                      {"session", take_session},
                                                      {"kind", take_kind},
                                                      {"workdir", take_workdir},
                                                      {"agent", take_agent},
                                                      {"account", take_account},
                                                      {"priority", take_priority},
                                                      {"timeout", take_timeout},
                                                      {"retries", take_retries},
                                                      {"after", take_after},
                                                      {"not_before", take_not_before},
                                                      {"id", take_id}}};

Taken take_key(Keys& keys, YamlNode const& node, std::span<std::string_view const> known) {
  if (std::find(known.begin(), known.end(), node.key) == known.end())
    return at(node.key_at, "unknown key " + core::in_quotes(node.key) + hint(node.key, known));
  bool const may_be_list = node.key == "after" && node.kind == YamlNode::Kind::list;
  if (node.kind != YamlNode::Kind::scalar && !may_be_list)
    return at(node.key_at, node.key + (node.key == "after" ? " must be an id or a list of ids" : " must be one value"));
  auto const* const reader =
      std::find_if(readers.begin(), readers.end(), [&](Key const& key) { return key.name == node.key; });
  return reader->take(keys, node);
}

}  // namespace

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

core::Result<TaskKeys> read_task_keys(std::string_view text, int first_line, TaskFormat format) {
  auto const known = std::span{known_keys}.subspan(format == TaskFormat::yaml ? 0 : 1);
  auto const tree = parse_yaml(text, {.bytes = text.size(), .nodes = 200, .depth = 4}, first_line);
  // The first is enough to mend the file by.
  if (!tree.problems.empty()) return at(tree.problems.front().at, tree.problems.front().message);
  Keys keys;
  if (tree.root.kind == YamlNode::Kind::nothing) return TaskKeys{std::move(keys)};
  if (tree.root.kind != YamlNode::Kind::map) return at(tree.root.at, "must be lines of `key: value`");
  for (auto const& node : tree.root.items)
    if (auto taken = take_key(keys, node, known); !taken) return taken.error();
  auto const& after = keys.head.request.after;
  if (keys.head.id && std::find(after.begin(), after.end(), *keys.head.id) != after.end())
    return at(keys.after_at, "a task cannot come after itself");
  return TaskKeys{std::move(keys)};
}

}  // namespace failover::adapters
