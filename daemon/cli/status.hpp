#pragma once

#include "core/config.hpp"

#include <string>
#include <vector>

namespace failover::daemon {

struct StatusOptions {
  std::string socket_path = {};                    ///< of the running daemon
  std::string state_file = {};                     ///< what to read when it does not answer; "" = nothing
  std::vector<core::AccountConfig> accounts = {};  ///< the configured ones, for what was saved
  bool json = false;
  bool watch = false;  ///< draw again each second until interrupted; a daemon that is down is waited for
  bool color = false;
  std::string part = {};  ///< "" for all, else accounts, sessions or queue
};

/// Shows what the daemon knows, as tables or as the JSON of /status (of one part: with that member alone).
///
/// When the daemon does not answer, says so on stderr and shows what it saved last. Exit code 0 when anything was
/// shown, 77 when the socket or the state belongs to somebody else, 75 when there is neither a daemon nor a saved
/// state, 74 and 78 for a state that cannot be read or understood.
[[nodiscard]] int run_status(StatusOptions const& options);

}  // namespace failover::daemon
