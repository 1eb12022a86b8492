#pragma once

#include "core/event.hpp"
#include "core/step.hpp"

/// What lies in the queue's directories, compared with what is remembered of tasks: after a crash between two steps,
/// and where a person has moved a file, the two differ.
namespace failover::core {

void on_queue_scanned(Step& step, event::QueueScanned const& scanned);

}  // namespace failover::core
