#include "adapters/config_json.hpp"

#include "core/config_keys.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace failover::adapters {
namespace {

using core::KeyType;
using core::KeyValue;

constexpr std::string_view channels_key = "channels";
constexpr std::string_view accounts_key = "accounts";
constexpr std::string_view dedicated_key = "sessions.dedicated";

bool is_of_a_channel(std::string_view path) {
  return std::any_of(core::config_sections().begin(), core::config_sections().end(), [&](auto const& section) {
    return section.form == core::SectionForm::optional && path.starts_with(section.path);
  });
}

// Writing. ---

struct Json {
  std::string& out;
  void operator()(bool value) const { out += value ? "true" : "false"; }
  void operator()(std::int64_t value) const { out += std::to_string(value); }
  void operator()(core::Duration value) const { out += std::to_string(value.count()); }
  void operator()(std::string const& text) const { append_json(out, std::string_view{text}); }
  void operator()(std::vector<std::string> const& list) const {
    out.push_back('[');
    for (auto const& item : list) {
      if (out.back() != '[') out.push_back(',');
      append_json(out, std::string_view{item});
    }
    out.push_back(']');
  }
};

void begin_member(std::string& out, std::string_view key) {
  if (out.back() != '{') out.push_back(',');
  append_json(out, key);
  out.push_back(':');
}

template <class Owner>
void append_keys(std::string& out, std::span<core::Key<Owner> const> keys, Owner const& owner) {
  for (auto const& key : keys) {
    if (is_of_a_channel(key.path)) continue;
    auto const value = key.access.get(owner);
    if (!value) continue;
    begin_member(out, key.path);
    std::visit(Json{out}, *value);
  }
}

template <class Owner>
void append_list(std::string& out, std::string_view path, std::span<core::Key<Owner> const> keys,
                 std::vector<Owner> const& owners) {
  begin_member(out, path);
  out.push_back('[');
  for (auto const& owner : owners) {
    if (out.back() != '[') out.push_back(',');
    out.push_back('{');
    append_keys(out, keys, owner);
    out.push_back('}');
  }
  out.push_back(']');
}

/// The optional sections that are there: those of which a key has a value.
std::vector<std::string> channels_of(core::Config const& config) {
  std::vector<std::string> channels;
  for (auto const& section : core::config_sections()) {
    if (section.form != core::SectionForm::optional) continue;
    bool const there = std::any_of(core::config_keys().begin(), core::config_keys().end(), [&](auto const& key) {
      return key.path.starts_with(section.path) && key.access.get(config).has_value();
    });
    if (there) channels.emplace_back(section.path);
  }
  return channels;
}

// Reading. ---

std::optional<std::vector<std::string>> texts_in(JsonNode const& node) {
  auto const count = node.length();
  if (!count) return std::nullopt;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < *count; ++i) {
    auto text = text_of(node.element(i));
    if (!text) return std::nullopt;
    texts.push_back(std::move(*text));
  }
  return texts;
}

template <class T>
std::optional<KeyValue> as_value(std::optional<T> value) {
  if (!value) return std::nullopt;
  return KeyValue{std::move(*value)};
}

template <class Owner>
std::optional<KeyValue> value_in(JsonNode const& node, core::KeyAccess<Owner> const& access) {
  switch (access.type) {
    case KeyType::boolean:
      return as_value(node.boolean());
    case KeyType::integer:
      return as_value(node.integer());
    case KeyType::duration: {
      auto const count = node.integer();
      return count ? std::optional<KeyValue>(core::Duration{*count}) : std::nullopt;
    }
    case KeyType::list:
      return as_value(texts_in(node));
    case KeyType::word: {
      auto word = text_of(node);
      bool const known = word && std::find(access.words.begin(), access.words.end(), *word) != access.words.end();
      return known ? as_value(std::move(word)) : std::nullopt;
    }
    case KeyType::text:
    case KeyType::path:
      return as_value(text_of(node));
  }
  return std::nullopt;
}

core::Error wrong(std::string_view what) {
  return {core::ErrorKind::invalid, "config." + std::string(what)};
}

/// Reads the keys into the owner and counts them.
template <class Owner>
core::Result<std::size_t> read_keys(JsonNode const& object, std::span<core::Key<Owner> const> keys, Owner& owner) {
  std::size_t read = 0;
  for (auto const& key : keys) {
    auto const node = is_of_a_channel(key.path) ? std::nullopt : object.member(key.path);
    if (!node) continue;
    auto value = value_in(*node, key.access);
    if (!value) return wrong(std::string(key.path) + " is not what it should be");
    key.access.set(owner, std::move(*value));
    ++read;
  }
  return read;
}

template <class Owner>
core::Result<std::size_t> read_list(JsonNode const& object, std::string_view path,
                                    std::span<core::Key<Owner> const> keys, std::vector<Owner>& owners) {
  auto const list = object.member(path);
  if (!list) return std::size_t{0};
  auto const count = list->length();
  if (!count) return wrong(std::string(path) + " is no list");
  for (std::size_t i = 0; i < *count; ++i) {
    auto const read = read_keys(list->element(i), keys, owners.emplace_back());
    if (!read) return read;
    if (list->element(i).members() != *read) return wrong(std::string(path) + " has a key that is not known");
  }
  return std::size_t{1};
}

core::Result<std::size_t> create_channels(JsonNode const& object, core::Config& config) {
  auto const node = object.member(channels_key);
  if (!node) return std::size_t{0};
  auto const channels = texts_in(*node);
  if (!channels) return wrong("channels is no list of names");
  for (auto const& channel : *channels) {
    auto const sections = core::config_sections();
    auto const section = std::find_if(sections.begin(), sections.end(), [&](auto const& candidate) {
      return candidate.path == channel && candidate.create != nullptr;
    });
    if (section == sections.end()) return wrong("channels: no such channel: " + channel);
    section->create(config);
  }
  return std::size_t{1};
}

}  // namespace

std::string config_to_json(core::Config const& config) {
  std::string out = "{";
  append_keys(out, core::config_keys(), config);
  append_list(out, accounts_key, core::account_keys(), config.accounts);
  append_list(out, dedicated_key, core::dedicated_keys(), config.sessions.dedicated);
  begin_member(out, channels_key);
  Json{out}(channels_of(config));
  return out + "}";
}

core::Result<core::Config> config_from_json(JsonNode const& object) {
  core::Config config;
  std::size_t known = 0;
  for (auto const& read : {create_channels(object, config), read_keys(object, core::config_keys(), config),
                           read_list(object, accounts_key, core::account_keys(), config.accounts),
                           read_list(object, dedicated_key, core::dedicated_keys(), config.sessions.dedicated)}) {
    if (!read) return read.error();
    known += *read;
  }
  if (object.members() != known) return wrong(" has a key that is not known");
  return config;
}

}  // namespace failover::adapters
