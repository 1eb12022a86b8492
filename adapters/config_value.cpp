#include "adapters/config_value.hpp"

#include "core/duration_text.hpp"
#include "core/in_quotes.hpp"
#include "core/nearest_word.hpp"

#include <charconv>
#include <optional>

namespace failover::adapters {
namespace {

using core::Error;
using core::ErrorKind;
using core::KeyType;
using core::KeyValue;
using core::Result;

Error expected(std::string const& what, YamlNode const& node) {
  return {ErrorKind::invalid, "expects " + what + ", found " + found(node)};
}

std::string with_range(std::string const& what, ValueForm const& form) {
  return form.range.empty() ? what : what + " (" + form.range + ")";
}

bool is_plain_scalar(YamlNode const& node) {
  return node.kind == YamlNode::Kind::scalar && !node.quoted;
}

Result<KeyValue> boolean_of(YamlNode const& node) {
  if (is_plain_scalar(node) && node.text == "true") return KeyValue{true};
  if (is_plain_scalar(node) && node.text == "false") return KeyValue{false};
  return expected("true or false", node);
}

// Decimal without leading zeros: YAML 1.1 and 1.2 do not agree what 010 is.
std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  auto const digits = text.substr(text.starts_with('-') ? 1 : 0);
  if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
  return number;
}

Result<KeyValue> integer_of(YamlNode const& node, ValueForm const& form) {
  auto const number = is_plain_scalar(node) ? whole_number(node.text) : std::nullopt;
  if (!number) return expected(with_range("a whole number", form), node);
  return KeyValue{*number};
}

Result<KeyValue> duration_of(YamlNode const& node, ValueForm const& form) {
  if (node.kind != YamlNode::Kind::scalar)
    return expected(with_range("a duration such as 30s, 5m or 1h30m", form), node);
  auto const duration = core::parse_duration(node.text);
  if (!duration)
    return Error{ErrorKind::invalid,
                 duration.error().detail + (form.range.empty() ? "" : " (allowed: " + form.range + ")")};
  return KeyValue{*duration};
}

Result<KeyValue> text_of(YamlNode const& node, KeyType type) {
  if (node.kind == YamlNode::Kind::scalar) return KeyValue{node.text};
  // YAML reads a lone ~ as null; in a path it means the home directory.
  if (type == KeyType::path && node.text == "~") return KeyValue{node.text};
  return expected(type == KeyType::path ? "a path" : "a text", node);
}

Result<KeyValue> word_of(YamlNode const& node, ValueForm const& form) {
  std::string allowed;
  for (auto const word : form.words) {
    if (node.kind == YamlNode::Kind::scalar && node.text == word) return KeyValue{node.text};
    allowed += (allowed.empty() ? "" : ", ") + std::string(word);
  }
  auto const near = core::nearest_word(node.text, form.words);
  auto error = expected((form.words.size() > 1 ? "one of " : "") + allowed, node);
  if (!near.empty()) error.detail += ": did you mean " + core::in_quotes(near) + "?";
  return error;
}

Result<KeyValue> list_of(YamlNode const& node) {
  std::vector<std::string> list;
  if (node.kind == YamlNode::Kind::nothing) return KeyValue{list};
  if (node.kind != YamlNode::Kind::list) return expected("a list such as [first, second]", node);
  for (auto const& item : node.items) {
    if (item.kind != YamlNode::Kind::scalar) return expected("a list of texts", item);
    list.push_back(item.text);
  }
  return KeyValue{std::move(list)};
}

}  // namespace

std::string found(YamlNode const& node) {
  switch (node.kind) {
    case YamlNode::Kind::nothing:
      return "nothing";
    case YamlNode::Kind::scalar:
      return node.quoted ? "the quoted text " + core::in_quotes(node.text) : core::in_quotes(node.text);
    case YamlNode::Kind::list:
      return "a list";
    case YamlNode::Kind::map:
      return "a section of keys";
    case YamlNode::Kind::alias:
      return "an alias";
  }
  return "nothing";
}

Result<KeyValue> value_of_node(YamlNode const& node, ValueForm const& form) {
  switch (form.type) {
    case KeyType::boolean:
      return boolean_of(node);
    case KeyType::integer:
      return integer_of(node, form);
    case KeyType::duration:
      return duration_of(node, form);
    case KeyType::text:
    case KeyType::path:
      return text_of(node, form.type);
    case KeyType::word:
      return word_of(node, form);
    case KeyType::list:
      return list_of(node);
  }
  return expected("a value", node);
}

}  // namespace failover::adapters
