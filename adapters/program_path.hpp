#pragma once

#include "adapters/paths.hpp"

#include <string>

namespace failover::adapters {

/// Where a program is that would be run by this name: found in `$PATH`, or the name itself where it is a path. "" for
/// one that is not there, or that this process may not run.
[[nodiscard]] std::string program_path(std::string const& name, EnvironmentLookup const& lookup);

/// The same with this process's environment.
[[nodiscard]] std::string program_path(std::string const& name);

}  // namespace failover::adapters
