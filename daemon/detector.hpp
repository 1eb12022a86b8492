#pragma once

#include "core/result.hpp"
#include "core/step.hpp"

#include <string>

namespace failover::daemon {

/// The screen reader of an agent: its pattern table with the system's time zones. Fails with `not_found` for an agent
/// that has no table, with `invalid` for a broken one.
[[nodiscard]] core::Result<core::AgentReader> make_agent_reader(std::string const& agent);

}  // namespace failover::daemon
