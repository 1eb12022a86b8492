#pragma once

#include "core/event.hpp"
#include "core/step.hpp"

/// When a given task is over, and by which sign.
namespace failover::core {

/// Ends tasks whose signal file lies there, and tasks whose session has been idle and unchanged for `watcher.quiet`;
/// reports the ones that took too long. A session stopped by a quota is neither: its task waits with it.
void watch_tasks(Step& step);

}  // namespace failover::core
