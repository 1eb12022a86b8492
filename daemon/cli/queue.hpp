#pragma once

#include "core/config.hpp"
#include "core/task.hpp"
#include "daemon/cli/check_config.hpp"

#include <string>

namespace failover::daemon {

struct QueueOrderOptions {
  core::TaskOrder order = core::TaskOrder::retry;
  std::string id = {};
  std::string reason = {};
};

/// Asks the running daemon to carry out an order for one task, see core/task_orders.hpp.
///
/// An agent's own word, done or fail, is never lost: while the daemon is down or has not read its queue yet, it is
/// written as the task's signal file. Exit codes: 0; 1 refused, with the reason; 64 for what is no id; 75 no daemon.
[[nodiscard]] CommandOutput queue_order(core::Config const& config, QueueOrderOptions const& options);

}  // namespace failover::daemon
