#include "adapters/status_line_setting.hpp"

#include "adapters/chained_command.hpp"
#include "adapters/json_splice.hpp"

namespace failover::adapters {

using core::Result;

StatusLineOwner owner_of(SettingsView const& view) {
  if (!view.status_line) return StatusLineOwner::nobody;
  if (!view.status_command) return StatusLineOwner::theirs;
  auto const ours = own_status_line_command(view.json.string(*view.status_command));
  if (!ours) return StatusLineOwner::theirs;
  return ours->chained ? StatusLineOwner::chained : StatusLineOwner::ours;
}

Result<std::string> with_status_line(std::string const& text, HookCommands const& commands, TheirStatusLine theirs) {
  auto const view = view_settings(text);
  if (!view) return view.error();
  auto const& command = view->status_command;
  auto const replaced = [&](std::string const& json) { return with_replaced(text, command->range, json); };
  switch (owner_of(*view)) {
    case StatusLineOwner::nobody:
      return with_appended(
          view->json, view->json.root(),
          R"("statusLine":{"type":"command","command":)" + json_quoted(status_line_command(commands)) + "}");
    case StatusLineOwner::ours:
    case StatusLineOwner::chained: {
      auto const said = view->json.string(*command);
      if (own_status_line_command(said)->commands == commands) return text;
      auto const inner = unchained_json(bytes_of(*view, command->range), said);
      return replaced(inner ? chained_json(commands, *inner) : json_quoted(status_line_command(commands)));
    }
    case StatusLineOwner::theirs:
      break;
  }
  if (theirs == TheirStatusLine::keep) return text;
  if (!command)
    return error_at(text, view->status_line->range.begin,
                    "\"statusLine\" is not of type command with a command, so it cannot be chained");
  return replaced(chained_json(commands, bytes_of(*view, command->range)));
}

Result<std::string> without_status_line(std::string text) {
  auto const view = view_settings(text);
  if (!view) return view.error();
  auto const owner = owner_of(*view);
  if (owner == StatusLineOwner::ours) return without_member(*view, *view->status_line);
  if (owner != StatusLineOwner::chained) return text;
  auto const range = view->status_command->range;
  auto const theirs = unchained_json(bytes_of(*view, range), view->json.string(*view->status_command));
  return with_replaced(text, range, *theirs);
}

}  // namespace failover::adapters
