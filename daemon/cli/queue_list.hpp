#pragma once

#include "core/config.hpp"
#include "daemon/cli/check_config.hpp"

namespace failover::daemon {

struct QueueListOptions {
  ReportFormat format = ReportFormat::text;
  bool color = false;
};

/// The tasks that are claimed, pending (in the order of giving) and held, and the newest finished ones, with what each
/// waits for. Read from the queue's directories; sessions and reasons to wait are the running daemon's, and without one
/// they are left out and that is said.
///
/// JSON: {"schema":1, "queue": the part of /status or null, "tasks": [{id, title, state, session, priority, waits_for,
/// reason, since, age_s}]}. Exit code 0, or 74, 77, 78 for a queue that cannot be read.
[[nodiscard]] CommandOutput queue_list(core::Config const& config, QueueListOptions const& options);

}  // namespace failover::daemon
