#include "adapters/hook_settings.hpp"

#include "adapters/json_splice.hpp"
#include "adapters/json_text.hpp"
#include "adapters/settings_proof.hpp"
#include "adapters/settings_view.hpp"
#include "adapters/utf8.hpp"
#include "core/expects.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace failover::adapters {
namespace {

using core::Error;
using core::ErrorKind;
using core::Result;

// Names in another order mean the same to the agent and tell us at removal what was there before us. These are the
// orders of our entries' names where the event's list, or `hooks` itself, was made for them; see OwnHook.
std::string hook_json(HookCommands const& commands, bool made_hooks) {
  auto const command = "\"command\":" + json_quoted(hook_command(commands));
  std::string const timeout = "\"timeout\":10";
  return R"({"type":"command",)" + (made_hooks ? command + "," + timeout : timeout + "," + command) + "}";
}

std::string group_json(HookCommands const& commands, bool made_list, bool made_hooks) {
  auto const hooks = "\"hooks\":[" + hook_json(commands, made_hooks) + "]";
  std::string const matcher = "\"matcher\":\"\"";
  return "{" + (made_list ? matcher + "," + hooks : hooks + "," + matcher) + "}";
}

std::string event_json(std::string_view event, HookCommands const& commands, bool made_hooks) {
  return "\"" + std::string(event) + "\":[" + group_json(commands, true, made_hooks) + "]";
}

/// Whether any hook of ours says that the object `hooks` was made for it.
Result<bool> hooks_object_is_ours(SettingsView const& view) {
  for (auto const& event : view.events) {
    if (event.value.kind != JsonKind::array) continue;
    auto const own = own_hooks(view, event);
    if (!own) return own.error();
    if (std::ranges::any_of(*own, &OwnHook::made_hooks)) return true;
  }
  return false;
}

Result<std::string> with_hook(std::string const& text, std::string_view event, HookCommands const& commands,
                              bool made_hooks) {
  auto const view = view_settings(text);
  if (!view) return view.error();
  auto const& json = view->json;
  if (!view->hooks)
    return with_appended(json, json.root(), "\"hooks\":{" + event_json(event, commands, made_hooks) + "}");
  auto const member = find_event(*view, event);
  if (!member) return with_appended(json, view->hooks->value, event_json(event, commands, made_hooks));
  auto const own = own_hooks(*view, *member);
  if (!own) return own.error();
  if (own->empty()) return with_appended(json, member->value, group_json(commands, false, made_hooks));
  auto updated = text;
  for (auto hook = own->rbegin(); hook != own->rend(); ++hook)  // from the end: the places before stay right
    if (own_hook_command(json.string(hook->command)) != commands)
      updated = with_replaced(updated, hook->command.range, json_quoted(hook_command(commands)));
  return updated;
}

Result<std::string> with_all_hooks(std::string text, HookCommands const& commands) {
  auto const view = view_settings(text);
  if (!view) return view.error();
  auto const made_hooks = view->hooks ? hooks_object_is_ours(*view) : Result<bool>{true};
  if (!made_hooks) return made_hooks.error();
  for (auto const event : hook_events) {
    auto added = with_hook(text, event, commands, *made_hooks);
    if (!added) return added;
    text = std::move(*added);
  }
  return text;
}

/// Without the last hook of ours in the event, and without what was made for it and is empty now.
std::string without_last_hook(SettingsView const& view, JsonMember const& event, OwnHook const& last) {
  auto const& json = view.json;
  if (last.neighbours > 0) return without_element(json, last.group_hooks, last.hook);
  bool const alone = json.elements(event.value).size() == 1;
  if (!alone || !last.made_list) return without_element(json, event.value, last.group);
  auto const at = std::ranges::find(view.events, event) - view.events.begin();
  return without_element(json, view.hooks->value, static_cast<std::size_t>(at));
}

Result<std::string> without_event(std::string text, std::string_view event) {
  while (true) {
    auto const view = view_settings(text);
    if (!view) return view.error();
    auto const member = find_event(*view, event);
    if (!member || member->value.kind != JsonKind::array) return text;
    auto const own = own_hooks(*view, *member);
    if (!own) return own.error();
    if (own->empty()) return text;
    text = without_last_hook(*view, *member, own->back());
  }
}

/// The events to clear, the last installed first: each step then finds the text that its step of adding left.
Result<std::vector<std::string>> events_to_clear(std::string_view text) {
  auto const view = view_settings(text);
  if (!view) return view.error();
  std::vector<std::string> events;
  for (auto const& event : view->events) {
    if (std::ranges::find(hook_events, event.name) != hook_events.end()) continue;
    auto const own = event.value.kind == JsonKind::array ? own_hooks(*view, event) : std::vector<OwnHook>{};
    if (own && !own->empty()) events.push_back(event.name);
  }
  events.insert(events.end(), hook_events.rbegin(), hook_events.rend());
  return events;
}

Result<std::string> without_all_hooks(std::string text) {
  auto const events = events_to_clear(text);
  if (!events) return events.error();
  auto const before = view_settings(text);
  if (!before) return before.error();
  auto const made_hooks = hooks_object_is_ours(*before);
  if (!made_hooks) return made_hooks.error();
  for (auto const& event : *events) {
    auto removed = without_event(text, event);
    if (!removed) return removed;
    text = std::move(*removed);
  }
  auto const view = view_settings(text);
  if (!view) return view.error();
  if (view->hooks && view->events.empty() && *made_hooks) return without_member(*view, *view->hooks);
  return text;
}

/// The object that is put into a text without one. Its status line comes first, which tells it from `{}` with entries.
std::string entries_alone(HookCommands const& commands) {
  auto const line = with_status_line("{}", commands, TheirStatusLine::keep);
  EXPECTS(line.has_value());
  auto const all = with_all_hooks(*line, commands);
  EXPECTS(all.has_value());
  return *all;
}

bool is_entries_alone(SettingsView const& view) {
  if (owner_of(view) != StatusLineOwner::ours) return false;
  auto const ours = own_status_line_command(view.json.string(*view.status_command));
  return bytes_of(view, view.json.root().range) == entries_alone(ours->commands);
}

Result<void> check_paths(HookCommands const& commands) {
  for (auto const* path : {&commands.program, &commands.socket, &commands.spool})
    if (!path->starts_with('/') || !is_valid_utf8(*path))
      return Error{ErrorKind::invalid,
                   "not an absolute path in UTF-8, so it cannot go into the settings: " + repaired_utf8(*path)};
  if (!own_hook_command(hook_command(commands)))
    return Error{ErrorKind::invalid, commands.program + ": the program's name must begin with " +
                                         std::string(own_program_name) +
                                         ", or its entries could not be found again: install it under that name"};
  return {};
}

/// The edited text, when another reader of JSON agrees that nothing of the person's has changed.
Result<std::string> proven(std::string_view before, Result<std::string> after) {
  if (!after) return after;
  if (after->size() > max_json_text_bytes)  // it could not be read again
    return Error{ErrorKind::too_large, "with our entries the settings would have more than " +
                                           std::to_string(max_json_text_bytes) + " bytes"};
  if (auto proof = prove_only_ours_changed(before, *after); !proof) return proof.error();
  return after;
}

Result<std::string> added(std::string_view settings, HookCommands const& commands, TheirStatusLine theirs) {
  if (is_blank_json(settings)) return std::string(settings) + entries_alone(commands);
  auto const hooks = with_all_hooks(std::string(settings), commands);
  if (!hooks) return hooks;
  return with_status_line(*hooks, commands, theirs);
}

Result<std::string> removed(std::string_view settings) {
  if (is_blank_json(settings)) return std::string(settings);
  auto const view = view_settings(settings);
  if (!view) return view.error();
  if (is_entries_alone(*view)) return with_replaced(settings, view->json.root().range, "");
  auto const line = without_status_line(std::string(settings));
  if (!line) return line;
  return without_all_hooks(*line);
}

}  // namespace

Result<InstalledHooks> installed_hooks(std::string_view settings) {
  if (is_blank_json(settings)) return InstalledHooks{};
  auto const view = view_settings(settings);
  if (!view) return view.error();
  InstalledHooks installed;
  installed.status_line = owner_of(*view);
  installed.any = installed.status_line == StatusLineOwner::ours || installed.status_line == StatusLineOwner::chained;
  for (auto const& event : view->events) {
    if (event.value.kind != JsonKind::array) continue;
    auto const own = own_hooks(*view, event);
    if (!own) return own.error();
    if (own->empty()) continue;
    installed.any = true;
    if (std::ranges::find(hook_events, event.name) != hook_events.end()) ++installed.events;
  }
  return installed;
}

Result<std::string> add_hooks(std::string_view settings, HookCommands const& commands, TheirStatusLine theirs) {
  if (auto checked = check_paths(commands); !checked) return checked.error();
  return proven(settings, added(settings, commands, theirs));
}

Result<std::string> remove_hooks(std::string_view settings) {
  return proven(settings, removed(settings));
}

std::string settings_from_nothing(HookCommands const& commands) {
  return entries_alone(commands) + "\n";
}

bool is_from_nothing(std::string_view settings) {
  auto const view = view_settings(settings);
  return view && is_entries_alone(*view) && view->json.root().range == TextRange{0, settings.size() - 1} &&
         settings.back() == '\n';
}

}  // namespace failover::adapters
