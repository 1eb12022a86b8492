#pragma once

#include "core/config.hpp"

#include <string>
#include <vector>

/// What a person should know before a directory is adopted or put back; none of it is a reason to refuse.
namespace failover::adapters {

struct AdoptPlan;

/// Running processes that use the directory, links in it that break when it moves, the agent's file beside it.
[[nodiscard]] std::vector<std::string> notes_on_adopting(std::string const& link, std::string const& config_dir);

/// The same of the way back, and what the daemon will miss.
[[nodiscard]] std::vector<std::string> notes_on_undoing(core::Config const& config, AdoptPlan const& plan);

}  // namespace failover::adapters
