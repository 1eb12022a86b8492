#include "settings.hpp"

#include "json_file.hpp"

namespace failover::fake_agent {
namespace {

void add_group(Settings& settings, std::string const& event, json::object const& group) {
  auto const* hooks = array_of(group, "hooks");
  if (hooks == nullptr) return;
  for (auto const& entry : *hooks) {
    auto const* hook = entry.if_object();
    if (hook == nullptr || text_of(*hook, "type", "command") != "command") continue;
    HookCommand command{.event = event, .matcher = text_of(group, "matcher"), .command = text_of(*hook, "command")};
    command.limit = from_seconds(number_of(*hook, "timeout", to_seconds(command.limit)));
    settings.hooks.push_back(std::move(command));
  }
}

}  // namespace

Settings load_settings(std::filesystem::path const& config_dir) {
  Settings settings;
  auto const file = read_object((config_dir / "settings.json").string());
  if (!file) return settings;
  settings.auto_continue = flag_of(*file, "autoContinueAtUsageLimit", true);
  if (auto const* line = object_of(*file, "statusLine")) settings.status_line_command = text_of(*line, "command");
  if (auto const* hooks = object_of(*file, "hooks")) {
    for (auto const& [event, groups] : *hooks) {
      if (!groups.is_array()) continue;
      for (auto const& group : groups.as_array()) {
        if (group.is_object()) add_group(settings, std::string{event}, group.as_object());
      }
    }
  }
  return settings;
}

bool matches(std::string const& matcher, std::string const& value) {
  if (matcher.empty() || matcher == "*") return true;
  return ("|" + matcher + "|").find("|" + value + "|") != std::string::npos;
}

}  // namespace failover::fake_agent
