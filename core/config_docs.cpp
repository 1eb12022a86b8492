#include "core/config_docs.hpp"

#include "core/config_keys.hpp"

#include <algorithm>

namespace failover::core {
namespace {

constexpr std::size_t comment_width = 100;

std::string_view section_of(std::string_view path) {
  auto const dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : path.substr(0, dot);
}
std::string_view leaf_of(std::string_view path) {
  auto const dot = path.rfind('.');
  return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

std::vector<ConfigKey> keys_of(ConfigSection const& section) {
  std::vector<ConfigKey> keys;
  for (auto const& key : config_keys())
    if (section_of(key.path) == section.path) keys.push_back(key);
  return keys;
}

template <class Owner>
std::string allowed_text(Key<Owner> const& key) {
  if (key.range) return range_text(*key.range, key.access.type, key.unit);
  std::string words;
  for (auto const word : key.access.words) words += (words.empty() ? "" : ", ") + std::string(word);
  return words;
}

// Markdown.

std::string in_code(std::string const& text) {
  return text.empty() || text.find('`') != std::string::npos || text.starts_with("the ") ? text : "`" + text + "`";
}

template <class Owner>
std::string markdown_row(Key<Owner> const& key) {
  auto const standard = default_text(key);
  auto const shown = !standard.empty() ? in_code(standard) : key.need == KeyNeed::required ? "required" : "none";
  auto const allowed = allowed_text(key);
  return "| `" + std::string(leaf_of(key.path)) + "` | " + std::string(to_string(key.access.type)) + " | " + shown +
         " | " + allowed + (allowed.empty() ? "| " : " | ") +
         (key.applied == KeyApplied::reload ? "reload" : "restart") + " | " + std::string(key.sentence) + " |\n";
}

template <class Keys>
std::string markdown_rows(Keys const& keys) {
  std::string text = "| key | type | default | allowed | applied | meaning |\n|---|---|---|---|---|---|\n";
  for (auto const& key : keys) text += markdown_row(key);
  return text + "\n";
}

std::string markdown_section(ConfigSection const& section) {
  bool const list = section.form == SectionForm::list;
  auto text =
      "## `" + std::string(section.path) + (list ? "[]" : "") + "`\n\n" + std::string(section.sentence) + "\n\n";
  if (section.path == "accounts") return text + markdown_rows(account_keys());
  if (list) return text + markdown_rows(dedicated_keys());
  return text + markdown_rows(keys_of(section));
}

// The example.

std::string comment(std::string const& sentence, std::string const& indent) {
  std::string text;
  auto line = indent + "#";
  for (std::size_t at = 0; at < sentence.size();) {
    auto const end = std::min(sentence.find(' ', at), sentence.size());
    auto const word = sentence.substr(at, end - at);
    if (line.size() + 1 + word.size() > comment_width) {
      text += line + "\n";
      line = indent + "#";
    }
    line += " " + word;
    at = end + 1;
  }
  return text + line + "\n";
}

template <class Owner>
std::string explained(Key<Owner> const& key) {
  std::string text(key.sentence);
  std::erase(text, '`');
  auto const allowed = allowed_text(key);
  if (!allowed.empty()) text += " (" + allowed + ")";
  std::string from(key.derived);
  std::erase(from, '`');
  if (!from.empty()) text += " Default: " + from + ".";
  return text;
}

template <class Owner>
std::string example_value(Key<Owner> const& key) {
  return key.example.empty() ? default_text(key) : std::string(key.example);
}

std::string example_keys(ConfigSection const& section, std::string const& indent) {
  // Within a section that is itself a comment, one `#` stands in front of the section's own column.
  bool const disabled = section.form == SectionForm::optional;
  auto const setting = disabled ? indent.substr(2) + "#  " : indent + "#";
  std::string text;
  for (auto const& key : keys_of(section))
    text += comment(explained(key), disabled ? indent.substr(2) : indent) + setting + std::string(leaf_of(key.path)) +
            ": " + example_value(key) + "\n";
  return text;
}

std::string example_accounts() {
  std::string text;
  for (auto const& key : account_keys()) text += comment(std::string(leaf_of(key.path)) + ": " + explained(key), "  ");
  for (std::string const name : {"main", "second"})
    text += "  - name: " + name + "\n    config_dir: ~/.claude-accounts/" + name + "\n    #disabled: false\n";
  return text;
}

std::string example_dedicated() {
  std::string text;
  std::string_view lead = "  #  - ";
  for (auto const& key : dedicated_keys()) {
    text +=
        comment(explained(key), "  ") + std::string(lead) + std::string(key.path) + ": " + example_value(key) + "\n";
    lead = "  #    ";
  }
  return text;
}

std::string example_section(ConfigSection const& section) {
  bool const nested = section.path.find('.') != std::string_view::npos;
  std::string const indent = nested ? "  " : "";
  bool const disabled = section.form == SectionForm::optional || (nested && section.form == SectionForm::list);
  std::string sentence(section.sentence);
  std::erase(sentence, '`');
  auto text =
      "\n" + comment(sentence, indent) + indent + (disabled ? "#" : "") + std::string(leaf_of(section.path)) + ":\n";
  if (section.path == "accounts") return text + example_accounts();
  if (section.form == SectionForm::list) return text + example_dedicated();
  return text + example_keys(section, indent + "  ");
}

}  // namespace

std::string configuration_table_markdown() {
  std::string text =
      "# Configuration\n\n"
      "The file is YAML: `claude-failover.yaml` in `$CONFIGURATION_DIRECTORY` when systemd sets it, else\n"
      "`claude-failover/config.yaml` in `$XDG_CONFIG_HOME` or `~/.config`. `claude-failover check-config` names every\n"
      "mistake at once. Unknown and repeated keys, anchors, aliases, tags and a second document are mistakes.\n\n"
      "A duration is whole numbers with units, larger first: `500ms`, `30s`, `5m`, `1h30m`, `7d`. A path may begin "
      "with\n"
      "`~/`; a relative one starts at the file's own directory. What is applied by `reload` changes on SIGHUP; a "
      "faulty\n"
      "file changes nothing. The rest waits for a restart.\n\n";
  for (auto const& section : config_sections()) text += markdown_section(section);
  text.pop_back();
  return text;
}

std::string example_configuration_yaml() {
  std::string text =
      "# Configuration of claude-failover. Only the accounts are needed: every other key stands here with its\n"
      "# default, or an example, behind a #. Take the # away to set it. `claude-failover check-config FILE` checks\n"
      "# the result; conf/configuration.md has the same keys as tables.\n"
      "#\n"
      "# Durations: 500ms, 30s, 5m, 1h30m, 7d. Paths: absolute, ~/..., or relative to this file's directory.\n";
  for (auto const& section : config_sections()) text += example_section(section);
  return text;
}

}  // namespace failover::core
