#pragma once

#include "adapters/paths.hpp"
#include "core/examine_machine.hpp"

#include <string>
#include <vector>

namespace failover::adapters {

/// Where units of systemd lie, each list in its order of precedence.
struct UnitDirectories {
  std::vector<std::string> user = {};
  std::vector<std::string> system = {};
};

[[nodiscard]] UnitDirectories unit_directories(EnvironmentLookup const& lookup);

/// The units `claude-failover.service` and `claude-failover@.service` that are installed, with their drop-ins: of each
/// name the one that systemd takes. One that is masked is not installed. Nobody is asked, so what was edited since
/// systemd last read it counts already.
[[nodiscard]] std::vector<core::UnitFacts> installed_units(UnitDirectories const& directories);

/// The same on this machine, with this user's.
[[nodiscard]] std::vector<core::UnitFacts> installed_units();

}  // namespace failover::adapters
