#pragma once

#include "adapters/own_command.hpp"
#include "adapters/settings_view.hpp"
#include "core/result.hpp"

#include <string>

/// The one setting `statusLine` in the text of an agent's settings.
namespace failover::adapters {

/// Whose status line command stands in the settings: nobody's, ours, ours that calls the person's, the person's.
enum class StatusLineOwner { nobody, ours, chained, theirs };

/// What becomes of a status line that the person has: a setting holds only one.
enum class TheirStatusLine {
  keep,  ///< it stays and ours is left out
  chain  ///< ours calls it and shows its output
};

[[nodiscard]] StatusLineOwner owner_of(SettingsView const& view);

/// The settings with our status line, or with the person's as `theirs` says. One of ours gets the present paths.
/// `invalid` as view_settings, and for a status line that cannot be chained because it is no command.
[[nodiscard]] core::Result<std::string> with_status_line(std::string const& text, HookCommands const& commands,
                                                         TheirStatusLine theirs);

/// The settings without ours; a chained one is the person's again, byte for byte.
[[nodiscard]] core::Result<std::string> without_status_line(std::string text);

}  // namespace failover::adapters
