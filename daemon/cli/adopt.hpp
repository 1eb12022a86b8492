#pragma once

#include "adapters/adopt_directory.hpp"
#include "core/config.hpp"
#include "daemon/cli/check_config.hpp"
#include "daemon/cli/offline.hpp"

#include <string>

namespace failover::daemon {

struct AdoptOptions {
  std::string account = {};  ///< "" = as the plan chooses
  adapters::AdoptDirection direction = adapters::AdoptDirection::adopt;
  bool dry_run = false;  ///< tell what would be done, do nothing
  ReportFormat format = ReportFormat::text;
  AskConsent ask = consent_of(false);
};

/// Moves the real directory at the switch link into an account, or back, and tells what was done: a line, or a JSON
/// object {"account", "link", "config_dir", "action", "changed", "notes"}, or {"error"}. Nobody is asked where there is
/// nothing to do. Exit code 0; 1 where it was refused or not consented to; 64 with nobody to ask, or for a name that no
/// account has; 73, 74, 77; 75 while a daemon runs; 78 for what the configuration must change.
[[nodiscard]] CommandOutput adopt(core::Config const& config, AdoptOptions const& options);

/// The command: prints, and returns the exit code.
[[nodiscard]] int run_adopt(core::Config const& config, AdoptOptions const& options);

}  // namespace failover::daemon
