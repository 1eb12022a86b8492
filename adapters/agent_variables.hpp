#pragma once

#include "core/examine_machine.hpp"
#include "core/result.hpp"
#include "core/world.hpp"

#include <string>
#include <vector>

#include <sys/types.h>

namespace failover::adapters {

/// Those of these variables that a process was started with, and not empty. What they hold is not kept.
/// Errors: `not_found` no such process, `permission` another user's, `io`, `too_large`.
[[nodiscard]] core::Result<std::vector<std::string>> variables_of(pid_t process, std::vector<std::string> const& names);

/// The same for the agents of these panes, a row a session: of each pane's first process, and of those that its
/// terminal listens to now, for an agent in a shell has what was exported there. One look through /proc.
[[nodiscard]] std::vector<core::SessionVariables> agent_variables(std::vector<core::PaneInfo> const& panes,
                                                                  std::vector<std::string> const& names);

}  // namespace failover::adapters
