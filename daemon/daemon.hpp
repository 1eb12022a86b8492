#pragma once

#include "core/config.hpp"
#include "daemon/exit_code.hpp"

#include <memory>
#include <string>

namespace failover::daemon {

struct RunOptions {
  std::string config_path = {};
  bool dry_run = false;
};

/// The daemon in the foreground, until a signal ends it. SIGHUP reads the configuration again, SIGTERM and SIGINT stop
/// at a saved point, a second one at once. Every fault at the start is one line on stderr and its exit code.
[[nodiscard]] ExitCode run_daemon(RunOptions const& options);

}  // namespace failover::daemon
