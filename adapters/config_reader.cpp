#include "adapters/config_reader.hpp"

#include "adapters/config_value.hpp"
#include "adapters/paths.hpp"
#include "core/in_quotes.hpp"
#include "core/nearest_word.hpp"

#include <algorithm>

namespace failover::adapters {
namespace {

using core::Config;
using core::in_quotes;
using core::KeyType;
using core::KeyValue;
using core::Result;

std::string joined(std::string const& section, std::string const& key) {
  return section.empty() ? key : section + "." + key;
}

core::ConfigKey const* find_key(std::string_view path) {
  for (auto const& key : core::config_keys())
    if (key.path == path) return &key;
  return nullptr;
}

core::ConfigSection const* find_section(std::string_view path) {
  for (auto const& section : core::config_sections())
    if (section.path == path) return &section;
  return nullptr;
}

// The words that may stand in a section: the next step of every path that begins with it.
std::vector<std::string_view> words_in(std::string const& section) {
  auto const prefix = section.empty() ? section : section + ".";
  std::vector<std::string_view> words;
  auto const add = [&](std::string_view path) {
    if (path.starts_with(prefix) && path.find('.', prefix.size()) == std::string_view::npos)
      words.push_back(path.substr(prefix.size()));
  };
  for (auto const& key : core::config_keys()) add(key.path);
  for (auto const& known : core::config_sections()) add(known.path);
  return words;
}

// A key that was written in another section than its own; "" when no key or more than one is called so.
std::string_view same_word_elsewhere(std::string const& word) {
  std::string_view only;
  for (auto const& key : core::config_keys()) {
    if (!key.path.ends_with("." + word)) continue;
    if (!only.empty()) return {};
    only = key.path;
  }
  return only;
}

template <class Owner>
ValueForm form_of(core::Key<Owner> const& key) {
  return {key.access.type, key.access.words,
          key.range ? core::range_text(*key.range, key.access.type, key.unit) : std::string{}};
}

}  // namespace

Config ConfigReader::read(YamlNode const& root) {
  Config config;
  remember("", {});  // the file as a whole, not where its first key stands
  if (root.kind == YamlNode::Kind::scalar)
    report_unreadable(root, "", "the file holds a single text: write keys, such as accounts:");
  else
    read_section(root, "", config);
  return config;
}

void ConfigReader::report_fault(std::string const& path, std::string const& message) {
  // From the key outwards: `accounts[1].config_dir`, `accounts[1]`, `accounts`, the file.
  for (auto around = path;;) {
    if (unreadable_.contains(around)) return;
    if (auto const place = places_.find(around); place != places_.end()) {
      problems_.push_back({place->second, path + ": " + message});
      return;
    }
    auto const step = around.find_last_of(".[");
    around = step == std::string::npos ? std::string{} : around.substr(0, step);
  }
}

bool ConfigReader::stands_in_file(std::string const& path) const {
  return places_.contains(path);
}

void ConfigReader::read_section(YamlNode const& node, std::string const& section, Config& config) {
  if (!expect(node, YamlNode::Kind::map, section, "a section of keys")) return;
  for (auto const& entry : node.items) read_entry(entry, section, config);
}

void ConfigReader::read_entry(YamlNode const& node, std::string const& section, Config& config) {
  auto const path = joined(section, node.key);
  // A dot would make one key of a section's and its own name: there is one way to write each.
  if (node.key.find('.') != std::string::npos) return report_unknown(node, section, words_in(section));
  if (auto const* const key = find_key(path)) return read_value(node, path, *key, config);
  auto const* const inner = find_section(path);
  if (inner == nullptr) return report_unknown(node, section, words_in(section));
  remember(path, node.key_at);
  if (path == "accounts") return read_elements(node, path, core::account_keys(), config.accounts);
  if (path == "sessions.dedicated") return read_elements(node, path, core::dedicated_keys(), config.sessions.dedicated);
  if (inner->create != nullptr) inner->create(config);
  read_section(node, path, config);
}

template <class Owner>
void ConfigReader::read_elements(YamlNode const& node, std::string const& path, std::span<core::Key<Owner> const> keys,
                                 std::vector<Owner>& elements) {
  if (!expect(node, YamlNode::Kind::list, path, "a list, each element beginning with -")) return;
  for (auto const& item : node.items) {
    auto const element_path = path + "[" + std::to_string(elements.size()) + "]";
    remember(element_path, item.at);
    read_element(item, element_path, keys, elements.emplace_back());
  }
}

template <class Owner>
void ConfigReader::read_element(YamlNode const& node, std::string const& path, std::span<core::Key<Owner> const> keys,
                                Owner& element) {
  std::vector<std::string_view> known;
  for (auto const& key : keys) known.push_back(key.path);
  if (node.kind != YamlNode::Kind::map)
    return report_unreadable(node, path, "expects keys (" + std::string(known.front()) + ": …), found " + found(node));
  for (auto const& entry : node.items) {
    auto const key = std::find_if(keys.begin(), keys.end(), [&](auto const& one) { return one.path == entry.key; });
    if (key == keys.end())
      report_unknown(entry, path, known);
    else
      read_value(entry, joined(path, entry.key), *key, element);
  }
}

template <class Owner>
void ConfigReader::read_value(YamlNode const& node, std::string const& path, core::Key<Owner> const& key,
                              Owner& owner) {
  remember(path, node.kind == YamlNode::Kind::nothing ? node.key_at : node.at);
  for (std::size_t i = 0; i < node.items.size(); ++i) remember(path + "[" + std::to_string(i) + "]", node.items[i].at);
  auto value = value_of_node(node, form_of(key));
  if (!value) return report_unreadable(node, path, value.error().detail);
  if (auto* const text = std::get_if<std::string>(&*value); text != nullptr && key.access.type == KeyType::path) {
    auto resolved = resolve_path(*text, base_dir_, home_);
    if (!resolved) return report_unreadable(node, path, resolved.error().detail);
    *text = std::move(*resolved);
  }
  key.access.set(owner, std::move(*value));
}

// True when there is something of that kind to read. Nothing at all is an empty section or list.
bool ConfigReader::expect(YamlNode const& node, YamlNode::Kind kind, std::string const& path,
                          std::string const& expected) {
  if (node.kind == kind) return true;
  if (node.kind != YamlNode::Kind::nothing)
    report_unreadable(node, path, "expects " + expected + ", found " + found(node));
  return false;
}

void ConfigReader::report_unknown(YamlNode const& node, std::string const& section,
                                  std::vector<std::string_view> const& known) {
  auto message = "unknown key " + in_quotes(node.key) + (section.empty() ? "" : " in " + section);
  auto meant = core::nearest_word(node.key, known);
  if (meant.empty()) meant = same_word_elsewhere(node.key);
  if (!meant.empty()) message += ": did you mean " + in_quotes(meant) + "?";
  problems_.push_back({node.key_at, std::move(message)});
}

void ConfigReader::report_unreadable(YamlNode const& node, std::string const& path, std::string const& message) {
  unreadable_.insert(path);
  if (node.kind == YamlNode::Kind::alias) return;  // the tree has reported it
  auto const at = node.kind == YamlNode::Kind::nothing && !node.key.empty() ? node.key_at : node.at;
  problems_.push_back({at, path.empty() ? message : path + ": " + message});
}

void ConfigReader::remember(std::string const& path, TextPosition at) {
  places_.insert_or_assign(path, at);
}

}  // namespace failover::adapters
