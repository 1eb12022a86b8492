#pragma once

#include "adapters/history_sharing.hpp"
#include "core/config.hpp"
#include "daemon/cli/check_config.hpp"
#include "daemon/cli/offline.hpp"

#include <string>

namespace failover::daemon {

struct ShareHistoryOptions {
  std::string directory = {};  ///< absolute; "" = as the plan chooses
  adapters::HistoryDirection direction = adapters::HistoryDirection::share;
  bool dry_run = false;  ///< tell what would be done, do nothing
  ReportFormat format = ReportFormat::text;
  AskConsent ask = consent_of(false);
};

/// Leads every account's `projects` to one directory, or gives each its own again, and tells a line an account, or a
/// JSON object {"directory", "accounts": [{"account", "projects", "state", "changed", …}]}. An account that is refused
/// does not stop the others; the exit code is that of the first one: 1 conflicts and obstacles, 73, 74, 77, 75 files in
/// use. Else 0; 1 without consent; 64 with nobody to ask; 75 while a daemon runs; 78 for a directory that cannot be it.
[[nodiscard]] CommandOutput share_history(core::Config const& config, ShareHistoryOptions const& options);

/// The command: prints, and returns the exit code.
[[nodiscard]] int run_share_history(core::Config const& config, ShareHistoryOptions const& options);

}  // namespace failover::daemon
