#include "adapters/settings_view.hpp"

#include "adapters/json_splice.hpp"
#include "adapters/own_command.hpp"

#include <algorithm>
#include <set>
#include <string>

namespace failover::adapters {
namespace {

using core::Error;
using core::Result;
using Members = std::vector<JsonMember>;

Error twice(JsonText const& json, JsonMember const& second) {
  return error_at(json.text(), second.range.begin, "\"" + second.name + "\" stands here a second time: remove one");
}

std::optional<JsonMember> first_named(Members const& members, std::string_view name) {
  auto const found = std::ranges::find(members, name, &JsonMember::name);
  return found == members.end() ? std::nullopt : std::optional{*found};
}

/// The error for the first name that an object has twice.
Result<void> all_different(JsonText const& json, Members const& members) {
  std::set<std::string_view> seen;
  for (auto const& member : members)
    if (!seen.insert(member.name).second) return twice(json, member);
  return {};
}

/// The command of a hook or status line that is one: `{"type": "command", "command": "…"}`.
Result<std::optional<JsonValue>> command_of(JsonText const& json, JsonValue const& entry) {
  if (entry.kind != JsonKind::object) return std::optional<JsonValue>{};
  auto const members = json.members(entry);
  auto const type = only_member(json, members, "type");
  if (!type) return type.error();
  auto const command = only_member(json, members, "command");
  if (!command) return command.error();
  bool const usable = *type && (*type)->value.kind == JsonKind::string && json.string((*type)->value) == "command" &&
                      *command && (*command)->value.kind == JsonKind::string;
  return usable ? std::optional{(*command)->value} : std::nullopt;
}

bool comes_first(Members const& members, std::string_view name) {
  return !members.empty() && members.front().name == name;
}

bool comes_before(Members const& members, std::string_view first, std::string_view second) {
  auto const at = std::ranges::find(members, first, &JsonMember::name);
  return at != members.end() &&
         std::find_if(members.begin(), at, [&](auto const& member) { return member.name == second; }) == at;
}

/// Adds the hooks of ours that one group has.
Result<void> add_own(JsonText const& json, JsonValue const& group, std::size_t index, std::vector<OwnHook>& found) {
  if (group.kind != JsonKind::object) return {};
  auto const members = json.members(group);
  auto const list = only_member(json, members, "hooks");
  if (!list) return list.error();
  if (!*list || (*list)->value.kind != JsonKind::array) return {};
  auto const hooks = json.elements((*list)->value);
  for (std::size_t at = 0; at < hooks.size(); ++at) {
    auto const command = command_of(json, hooks[at]);
    if (!command) return command.error();
    if (!*command || !own_hook_command(json.string(**command))) continue;
    found.push_back({index, (*list)->value, at, hooks.size() - 1, **command, comes_first(members, "matcher"),
                     comes_before(json.members(hooks[at]), "command", "timeout")});
    if (found.size() > max_own_hooks)
      return error_at(json.text(), hooks[at].range.begin,
                      "more than " + std::to_string(max_own_hooks) +
                          " entries of claude-failover for one event: remove them by hand");
  }
  return {};
}

}  // namespace

Result<SettingsView> view_settings(std::string_view text) {
  auto json = JsonText::scan(text);
  if (!json) return json.error();
  if (json->root().kind != JsonKind::object)
    return error_at(text, json->root().range.begin, "the settings are no JSON object: expected '{'");
  SettingsView view{*json};
  auto const members = json->members(json->root());
  auto const hooks = only_member(*json, members, "hooks");
  if (!hooks) return hooks.error();
  auto const status_line = only_member(*json, members, "statusLine");
  if (!status_line) return status_line.error();
  view.hooks = *hooks;
  view.status_line = *status_line;
  if (view.hooks) {
    if (view.hooks->value.kind != JsonKind::object)
      return error_at(text, view.hooks->value.range.begin, "\"hooks\" is no object: expected '{'");
    view.events = json->members(view.hooks->value);
    if (auto different = all_different(*json, view.events); !different) return different.error();
  }
  if (view.status_line) {
    auto const command = command_of(*json, view.status_line->value);
    if (!command) return command.error();
    view.status_command = *command;
  }
  return view;
}

std::optional<JsonMember> find_event(SettingsView const& view, std::string_view event) {
  return first_named(view.events, event);
}

Result<std::vector<OwnHook>> own_hooks(SettingsView const& view, JsonMember const& event) {
  if (event.value.kind != JsonKind::array)
    return error_at(view.json.text(), event.value.range.begin, "\"" + event.name + "\" is no list: expected '['");
  std::vector<OwnHook> found;
  auto const groups = view.json.elements(event.value);
  for (std::size_t at = 0; at < groups.size(); ++at)
    if (auto added = add_own(view.json, groups[at], at, found); !added) return added.error();
  return found;
}

std::string_view bytes_of(SettingsView const& view, TextRange range) {
  return view.json.text().substr(range.begin, range.end - range.begin);
}

std::string without_member(SettingsView const& view, JsonMember const& member) {
  auto const members = view.json.members(view.json.root());
  auto const at = std::ranges::find(members, member) - members.begin();
  return without_element(view.json, view.json.root(), static_cast<std::size_t>(at));
}

Result<std::optional<JsonMember>> only_member(JsonText const& json, Members const& members, std::string_view name) {
  auto const first = first_named(members, name);
  if (!first) return first;
  for (auto const& member : members)
    if (member.name == name && member.range.begin != first->range.begin) return twice(json, member);
  return first;
}

}  // namespace failover::adapters
