#pragma once

#include "core/config.hpp"

#include <string>

/// The operator's commands. Each asks the running daemon over its unix socket and prints what came of it; where it is
/// down nothing can be done, and that is said. Exit codes: 0; 1 refused, with the reason; else as `status`.
namespace failover::daemon {

struct SwapOptions {
  std::string to = {};  ///< "" = the best account
  bool yes = false;     ///< do not ask first
  bool dry_run = false;
  bool json = false;
};

/// Asks on a terminal first; without one and without `yes` it does nothing and exits 64. Waits until the account is
/// changed, not until all sessions are back.
[[nodiscard]] int run_swap(core::Config const& config, SwapOptions const& options);

[[nodiscard]] int run_account(core::Config const& config, std::string const& account, bool enable);
[[nodiscard]] int run_brake(core::Config const& config, bool on, std::string const& reason);
[[nodiscard]] int run_session(core::Config const& config, std::string const& session, bool hold);

}  // namespace failover::daemon
