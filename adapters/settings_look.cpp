#include "adapters/settings_look.hpp"

#include "adapters/hook_install.hpp"
#include "adapters/program_path.hpp"
#include "adapters/settings_view.hpp"

#include <algorithm>
#include <string_view>

namespace failover::adapters {
namespace {

/// Of the members of a name the last counts, as the agent reads it.
JsonMember const* last_member(std::vector<JsonMember> const& members, std::string_view name) {
  JsonMember const* found = nullptr;
  for (auto const& member : members)
    if (member.name == name) found = &member;
  return found;
}

bool holds_text(JsonText const& json, JsonValue const& value) {
  return value.kind == JsonKind::string && !json.string(value).empty();
}

void take_switches(core::SettingsFacts& facts, JsonText const& json, std::vector<std::string> const& variables) {
  if (json.root().kind != JsonKind::object) return;
  auto const members = json.members(json.root());
  if (auto const* disabled = last_member(members, "disableAllHooks")) {
    auto const range = disabled->value.range;
    facts.hooks_disabled = json.text().substr(range.begin, range.end - range.begin) == "true";
  }
  if (auto const* helper = last_member(members, "apiKeyHelper")) facts.key_helper = holds_text(json, helper->value);
  auto const* const environment = last_member(members, "env");
  if (environment == nullptr || environment->value.kind != JsonKind::object) return;
  auto const set = json.members(environment->value);
  for (auto const& name : variables)
    if (auto const* variable = last_member(set, name); variable != nullptr && holds_text(json, variable->value))
      facts.variables.push_back(name);
}

/// The program that our first entry calls.
std::string program_in(std::string_view text) {
  auto const view = view_settings(text);
  if (!view) return "";
  for (auto const& event : view->events) {
    auto const hooks = own_hooks(*view, event);
    if (!hooks) continue;
    for (auto const& hook : *hooks)
      if (auto const ours = own_hook_command(view->json.string(hook.command))) return ours->program;
  }
  if (!view->status_command) return "";
  auto const line = own_status_line_command(view->json.string(*view->status_command));
  return line ? line->commands.program : "";
}

}  // namespace

core::SettingsFacts look_at_settings(core::AccountConfig const& account, std::vector<std::string> const& variables) {
  core::SettingsFacts facts;
  facts.account = account.name;
  facts.path = account.config_dir + "/settings.json";
  facts.all_hooks = hook_events.size();
  auto const found = plan_removing(account.config_dir);  // a plan, which nobody carries out
  if (!found) {
    facts.fault = found.error();
    return facts;
  }
  facts.path = found->file.path;
  facts.hooks = found->had.events;
  facts.status_line =
      found->had.status_line == StatusLineOwner::ours || found->had.status_line == StatusLineOwner::chained;
  if (!found->file.text) return facts;
  if (auto const json = JsonText::scan(*found->file.text)) take_switches(facts, *json, variables);
  facts.program = program_in(*found->file.text);
  facts.program_there = facts.program.empty() || !program_path(facts.program).empty();
  return facts;
}

}  // namespace failover::adapters
