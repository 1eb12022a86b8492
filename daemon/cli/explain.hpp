#pragma once

#include "core/config.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace failover::daemon {

struct ExplainOptions {
  std::string session = {};               ///< "" for all
  std::optional<std::int64_t> swap = {};  ///< one of them alone
  bool json = false;
};

/// Prints which observations led to which verdict, and which rule allowed or refused a swap, from the daemon, else from
/// what it saved last and a word about that. Exit codes as `status`; 1 for a session that is not known.
[[nodiscard]] int run_explain(core::Config const& config, ExplainOptions const& options);

}  // namespace failover::daemon
