#pragma once

#include "adapters/paths.hpp"
#include "daemon/cli/check_config.hpp"

#include <string>

namespace failover::daemon {

/// Examines what the daemon needs, whether it runs or not, and changes nothing: one line a check (core/examination.hpp)
/// on `out`, or with JSON an array of {"grade", "about", "where", "what", "cure"}. Exit code 0, also with warnings; 1
/// where there is a problem; for a configuration that cannot be used that of check_config, and then its faults are all
/// that is told.
[[nodiscard]] CommandOutput doctor(std::string const& config_path, ReportFormat format,
                                   adapters::PathContext const& context);

/// The command: prints, and returns the exit code.
[[nodiscard]] int run_doctor(std::string const& config_path, bool json);

}  // namespace failover::daemon
