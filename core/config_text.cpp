#include "core/config_keys.hpp"
#include "core/duration_text.hpp"

#include <type_traits>

namespace failover::core {
namespace {

bool is_plain(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
         std::string_view{"_-./:~@"}.find(byte) != std::string_view::npos;
}

std::string text_in_yaml(std::string const& text) {
  bool plain = !text.empty() && text.front() != '-' && text.front() != '@' && text.front() != ':' && text.back() != ':';
  for (char const byte : text) plain = plain && is_plain(byte);
  if (plain) return text;
  std::string quoted_text = "\"";
  for (char const byte : text) {
    if (byte == '"' || byte == '\\') quoted_text += '\\';
    quoted_text += byte;
  }
  return quoted_text + '"';
}

std::string list_in_yaml(std::vector<std::string> const& list) {
  std::string text = "[";
  for (auto const& item : list) text += (text.size() > 1 ? ", " : "") + text_in_yaml(item);
  return text + "]";
}

bool is_empty(KeyValue const& value) {
  auto const* const text = std::get_if<std::string>(&value);
  auto const* const list = std::get_if<std::vector<std::string>>(&value);
  return (text != nullptr && text->empty()) || (list != nullptr && list->empty());
}

template <class Owner>
Owner with_every_section() {
  Owner owner{};
  if constexpr (std::is_same_v<Owner, Config>)
    for (auto const& section : config_sections())
      if (section.create != nullptr) section.create(owner);
  return owner;
}

}  // namespace

std::string_view to_string(KeyType type) {
  switch (type) {
    case KeyType::boolean:
      return "true or false";
    case KeyType::integer:
      return "number";
    case KeyType::duration:
      return "duration";
    case KeyType::text:
      return "text";
    case KeyType::path:
      return "path";
    case KeyType::word:
      return "word";
    case KeyType::list:
      return "list";
  }
  return "unknown";
}

std::string yaml_text(KeyValue const& value) {
  switch (value.index()) {
    case 0:
      return std::get<bool>(value) ? "true" : "false";
    case 1:
      return std::to_string(std::get<std::int64_t>(value));
    case 2:
      return duration_text(std::get<Duration>(value));
    case 3:
      return text_in_yaml(std::get<std::string>(value));
    default:
      return list_in_yaml(std::get<std::vector<std::string>>(value));
  }
}

std::string range_text(KeyRange range, KeyType type, std::string_view unit) {
  bool const times = type == KeyType::duration;
  auto const shown = [times](std::int64_t end) { return times ? duration_text(Duration{end}) : std::to_string(end); };
  return shown(range.least) + " to " + shown(range.most) + (unit.empty() ? "" : " ") + std::string(unit);
}

template <class Owner>
std::string default_text(Key<Owner> const& key) {
  if (!key.derived.empty()) return std::string(key.derived);
  auto const value = key.access.get(with_every_section<Owner>());
  if (!value || is_empty(*value)) return {};
  return yaml_text(*value);
}

template std::string default_text(ConfigKey const& key);
template std::string default_text(AccountKey const& key);
template std::string default_text(DedicatedKey const& key);

}  // namespace failover::core
