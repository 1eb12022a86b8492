#pragma once

#include "adapters/own_command.hpp"
#include "adapters/status_line_setting.hpp"
#include "core/result.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

/// Our entries in the text of an agent's settings.json. Text in, text out; no file is touched.
///
/// For every text without entries of ours, remove_hooks(add_hooks(text)) is that text byte for byte, and what a person
/// changed in between is kept byte for byte. Nothing is remembered beside the text: whether a list or an object was
/// there before us is told by the order of the names in our own entries, which means nothing to the agent and stays
/// when it writes the file anew.
namespace failover::adapters {

/// The agent's events that we want to be told of, in the order of installing.
constexpr std::array<std::string_view, 6> hook_events = {"SessionStart", "UserPromptSubmit", "Stop",
                                                         "StopFailure",  "Notification",     "SessionEnd"};

struct InstalledHooks {
  std::size_t events = 0;  ///< of hook_events, those with an entry of ours
  StatusLineOwner status_line = StatusLineOwner::nobody;
  bool any = false;  ///< whether anything of ours is there, for events of other versions too
  bool operator==(InstalledHooks const&) const = default;
};

/// What is installed. `invalid`, with line, column and byte, for what is not JSON, for settings that are no object, and
/// for two members of one name where our entries go; `too_large` beyond max_json_text_bytes.
[[nodiscard]] core::Result<InstalledHooks> installed_hooks(std::string_view settings);

/// The settings with one hook for each event, and the status line. What is there already gets the present paths and
/// nothing else changes, so that a second time changes nothing. A text of white space alone becomes settings.
///
/// Errors as above; `invalid` also for a status line that cannot be chained because it is no command.
[[nodiscard]] core::Result<std::string> add_hooks(std::string_view settings, HookCommands const& commands,
                                                  TheirStatusLine theirs = TheirStatusLine::keep);

/// The settings without anything of ours; a status line that was chained is as it was.
[[nodiscard]] core::Result<std::string> remove_hooks(std::string_view settings);

/// The file that is made where there is none.
[[nodiscard]] std::string settings_from_nothing(HookCommands const& commands);

/// Whether a file is exactly what settings_from_nothing wrote, so that nobody else has a share in it.
[[nodiscard]] bool is_from_nothing(std::string_view settings);

}  // namespace failover::adapters
