#include "adapters/settings_proof.hpp"

#include "adapters/json_text.hpp"
#include "adapters/own_command.hpp"

#include <string>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace failover::adapters {
namespace {

namespace json = boost::json;
using core::Error;
using core::ErrorKind;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

core::Result<json::value> parsed(std::string_view text) {
  if (is_blank_json(text)) return json::value(json::object{});
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  json::parse_options options;
  options.max_depth = 2 * max_json_text_depth;
  json::error_code failure;
  auto value = json::parse({text.data(), text.size()}, failure, {}, options);
  if (failure) return Error{ErrorKind::invalid, "the JSON library does not take it: " + failure.message()};
  return value;
}

json::string* command_of(json::value& entry) {
  auto* const object = entry.if_object();
  auto const* const type = object ? object->if_contains("type") : nullptr;
  auto* const command = object ? object->if_contains("command") : nullptr;
  return type && *type == "command" && command ? command->if_string() : nullptr;
}

bool is_own_hook(json::value& entry) {
  auto const* const command = command_of(entry);
  return command && own_hook_command({command->data(), command->size()});
}

/// Takes our hooks out of a group; true when nothing is left of it.
bool clear_group(json::value& group) {
  auto* const object = group.if_object();
  auto* const member = object ? object->if_contains("hooks") : nullptr;
  auto* const hooks = member ? member->if_array() : nullptr;
  if (hooks == nullptr || hooks->empty()) return false;
  for (auto hook = hooks->begin(); hook != hooks->end();) hook = is_own_hook(*hook) ? hooks->erase(hook) : hook + 1;
  return hooks->empty();
}

/// The same of an event's list of groups.
bool clear_event(json::value& event) {
  auto* const groups = event.if_array();
  if (groups == nullptr) return false;
  json::array left;
  for (auto& group : *groups)
    if (!clear_group(group)) left.push_back(group);
  *groups = std::move(left);
  return groups->empty();
}

void clear_hooks(json::object& settings) {
  auto* const member = settings.if_contains("hooks");
  auto* const events = member ? member->if_object() : nullptr;
  if (events == nullptr) return;
  for (auto event = events->begin(); event != events->end();)
    event = clear_event(event->value()) ? events->erase(event) : event + 1;
  if (events->empty()) settings.erase("hooks");
}

void clear_status_line(json::object& settings) {
  auto* const line = settings.if_contains("statusLine");
  auto* const command = line ? command_of(*line) : nullptr;
  if (command == nullptr) return;
  auto const ours = own_status_line_command({command->data(), command->size()});
  if (!ours) return;
  if (ours->chained)
    *command = *ours->chained;
  else
    settings.erase("statusLine");
}

core::Result<json::value> without_ours(std::string_view text) {
  auto value = parsed(text);
  if (!value) return value;
  if (auto* const settings = value->if_object()) {
    clear_hooks(*settings);
    clear_status_line(*settings);
  }
  return value;
}

}  // namespace

core::Result<void> prove_only_ours_changed(std::string_view before, std::string_view after) {
  auto const first = without_ours(before);
  if (!first) return first.error();
  auto const second = without_ours(after);
  if (!second) return second.error();
  if (*first == *second) return {};
  return Error{ErrorKind::invalid,
               "the edit would change more than our own entries, so nothing is written; this is a "
               "fault of claude-failover: add the entries by hand and report it"};
}

}  // namespace failover::adapters
