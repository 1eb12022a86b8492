#pragma once

#include "core/state.hpp"
#include "core/time.hpp"

#include <string>

namespace failover::daemon {

/// The one line of `systemctl status`: "a active, 3 of 4 sessions up, 2 queued, next reset in 12 min".
[[nodiscard]] std::string status_line(core::State const& state, core::Now now);

}  // namespace failover::daemon
