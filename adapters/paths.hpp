#pragma once

#include "core/result.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace failover::adapters {

/// What paths of the configuration are relative to, and where things lie that it does not name. All absolute.
struct PathContext {
  std::string home = {};         ///< "" when unknown: then `~` is refused
  std::string working_dir = {};  ///< that a relative name of the configuration file starts at
  std::string state_dir = {};    ///< default of state.dir
  std::string runtime_dir = {};  ///< default of state.runtime; "" = `run` in state.dir
  bool operator==(PathContext const&) const = default;
};

/// One environment variable; nothing when it is not set.
using EnvironmentLookup = std::function<std::optional<std::string>(std::string const& name)>;

/// `$STATE_DIRECTORY` (the first of systemd's `:` list), else `claude-failover` in `$XDG_STATE_HOME`, else in
/// `~/.local/state`; `$RUNTIME_DIRECTORY`, else `claude-failover` in `$XDG_RUNTIME_DIR`. Relative values of XDG
/// variables are ignored, as the XDG base directory specification wants.
[[nodiscard]] PathContext path_context_from(EnvironmentLookup const& lookup, std::string working_dir);

/// The same of this process; without `$HOME` the home directory is that of the user database.
[[nodiscard]] PathContext path_context_from_environment();

/// `claude-failover.yaml` in `$CONFIGURATION_DIRECTORY`, else `claude-failover/config.yaml` in `$XDG_CONFIG_HOME`,
/// else in `~/.config`. "" when there is no home either.
[[nodiscard]] std::string default_config_path(EnvironmentLookup const& lookup);
[[nodiscard]] std::string default_config_path();

/// A written path made absolute: `~` and `~/` are the home directory, a relative path starts at `base`. Repeated and
/// trailing slashes and `.` go; `..` stays, for what it means depends on links. An empty path stays empty.
[[nodiscard]] core::Result<std::string> resolve_path(std::string_view written, std::string_view base,
                                                     std::string_view home);

/// The directory part of an absolute path: "/" of "/a".
[[nodiscard]] std::string parent_of(std::string_view absolute_path);

}  // namespace failover::adapters
