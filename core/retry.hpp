#pragma once

#include "core/time.hpp"

#include <cstdint>

/// How long a task that came back to the queue waits before it is given out again.
namespace failover::core {

/// Before the attempt that follows the n-th: 30 s, 1 min, 2 min …, at most 15 min. Nothing before the first.
[[nodiscard]] Duration retry_pause(std::int64_t attempts_made);

/// So often an attempt that ended through no fault of the task is not counted; a task that meets nothing else must come
/// to an end, too.
inline constexpr std::int64_t max_refunds = 10;

}  // namespace failover::core
