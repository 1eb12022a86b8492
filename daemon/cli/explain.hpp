#pragma once

#include "core/config.hpp"

#include <string>

namespace failover::daemon {

struct ExplainOptions {
  std::string session = {};  ///< "" for all
  bool json = false;
};

/// Prints which observations led to which verdict, from the daemon, else from what it saved last and a word about that.
/// Exit codes as `status`; 1 for a session that is not known.
[[nodiscard]] int run_explain(core::Config const& config, ExplainOptions const& options);

}  // namespace failover::daemon
