#include "adapters/task_splice.hpp"

#include "adapters/yaml_tree.hpp"
#include "core/in_quotes.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace failover::adapters {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

core::Error not_line_by_line(std::string_view key) {
  return {core::ErrorKind::invalid,
          "its keys do not stand one a line, so '" + std::string(key) + "' cannot be put in; write it there yourself"};
}

YamlTree tree_of(std::string_view text) {
  return parse_yaml(text, {.bytes = text.size(), .nodes = 200, .depth = 4});
}

YamlNode const* entry(YamlTree const& tree, std::string_view key) {
  auto const& items = tree.root.items;
  auto const found = std::find_if(items.begin(), items.end(), [&](auto const& item) { return item.key == key; });
  return found == items.end() ? nullptr : &*found;
}

/// Where the keys stand in the file.
struct Region {
  std::size_t begin = 0;
  std::size_t size = 0;
};

/// Nothing for a text without front matter.
std::optional<Region> region_of(TaskFormat format, std::string_view bytes) {
  if (format == TaskFormat::text) {
    auto const part = front_matter_of(bytes);
    if (!part) return std::nullopt;
    return Region{static_cast<std::size_t>(part->data() - bytes.data()), part->size()};
  }
  std::size_t begin = bytes.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
  if (bytes.substr(begin).starts_with("---\n")) begin += 4;
  if (bytes.substr(begin).starts_with("---\r\n")) begin += 5;
  return Region{begin, bytes.size() - begin};
}

std::string without_line(std::string text, int line) {
  std::size_t begin = 0;
  for (int count = 1; count < line; ++count) begin = text.find('\n', begin) + 1;
  auto const end = text.find('\n', begin);
  return text.erase(begin, end == std::string::npos ? std::string::npos : end + 1 - begin);
}

bool same(YamlNode const& a, YamlNode const& b) {
  return a.key == b.key && a.kind == b.kind && a.text == b.text && a.quoted == b.quoted &&
         std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), same);
}

/// Whether the two say the same but for the key.
bool say_the_same_but_for(std::string_view key, std::string_view before, std::string_view after) {
  auto const others = [&](std::string_view text) {
    auto items = tree_of(text).root.items;
    std::erase_if(items, [&](auto const& item) { return item.key == key; });
    return items;
  };
  auto const left = others(before);
  auto const right = others(after);
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), same);
}

/// The keys with a line for that one first, its own line taken out.
core::Result<std::string> with_key(std::string const& keys, std::string_view key, std::string const& value) {
  auto spliced = keys;
  auto const tree = tree_of(keys);
  if (auto const* const old = entry(tree, key)) {
    if (old->at.line != old->key_at.line) return not_line_by_line(key);
    spliced = without_line(std::move(spliced), old->key_at.line);
  }
  spliced.insert(0, std::string(key) + ": " + value + "\n");
  auto const after = tree_of(spliced);
  bool const good = after.problems.empty() && entry(after, key) != nullptr && say_the_same_but_for(key, keys, spliced);
  if (!good) return not_line_by_line(key);
  return spliced;
}

core::Result<std::string> quoted(std::string const& text) {
  // A quoted text may go on in the next line, where YAML makes a blank of the end.
  if (std::any_of(text.begin(), text.end(), [](char c) { return c >= 0 && c < ' '; }))
    return core::Error{core::ErrorKind::invalid, core::in_quotes(text) + " cannot be the name of a session"};

  std::string out = "'";
  for (auto const c : text) out += c == '\'' ? std::string{"''"} : std::string{c};
  return out + "'";
}

}  // namespace

core::Result<std::string> with_keys(TaskFormat format, std::string_view bytes, AskedKeys const& asked) {
  if (!asked.session && !asked.priority) return std::string{bytes};
  auto const region = region_of(format, bytes);
  core::Result<std::string> keys = region ? std::string{bytes.substr(region->begin, region->size)} : std::string{};
  if (asked.priority) keys = with_key(*keys, "priority", std::to_string(*asked.priority));
  if (keys && asked.session) {
    auto const name = quoted(asked.session->str());
    keys = name ? with_key(*keys, "session", *name) : name.error();
  }
  if (!keys) return keys.error();
  std::string spliced{bytes};
  if (region) {
    spliced.replace(region->begin, region->size, *keys);
  } else {
    auto const begin = bytes.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
    spliced.insert(begin, "---\n" + *keys + "---\n");
  }
  auto const head = parse_task(format, spliced, Extent::whole);
  if (!head) return head.error();
  return spliced;
}

}  // namespace failover::adapters
