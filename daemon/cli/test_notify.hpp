#pragma once

#include "core/config.hpp"

#include <string>

namespace failover::daemon {

/// Sends one test message over each configured channel, or over `channel` alone, and prints a line per channel on
/// stdout: `telegram: ok` or `telegram: failed: why`. Complaints about the call itself go to stderr.
/// Returns the exit code: 0 where every channel took its message, 64 for a word that is no channel, else 1.
[[nodiscard]] int run_test_notify(core::NotificationsConfig const& config, std::string const& channel);

}  // namespace failover::daemon
