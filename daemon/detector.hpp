#pragma once

#include "core/result.hpp"
#include "core/step.hpp"

#include <string>

namespace failover::daemon {

/// The reader of an agent's texts: its pattern table with the system's time zones. The table is the user's file in
/// `pattern_directory` (see adapters::find_pattern_table) or the one built in. Fails with `not_found` for an agent that
/// has neither, with `invalid` for a broken one: the detail is every fault, one a line.
///
/// The reader remembers a thousand screens, so that one that has not changed costs a comparison; not those of a turn
/// that runs, which change, nor those with a time of reset, whose reading depends on the instant. For one thread only;
/// copies share the memory.
[[nodiscard]] core::Result<core::AgentReader> make_agent_reader(std::string const& agent,
                                                                std::string const& pattern_directory = "");

}  // namespace failover::daemon
