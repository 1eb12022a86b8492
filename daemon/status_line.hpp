#pragma once

#include <string>
#include <vector>

#include "core/config.hpp"
#include "core/state.hpp"
#include "core/time.hpp"

namespace failover::daemon {

/// The one line of `systemctl status`: "a active, 3 of 4 sessions up, 2 queued, next reset in 12 min".
[[nodiscard]] std::string status_line(core::Config const& config, core::State const& state, core::Now now);

/// Puts back into `fresh` what a running daemon cannot change; gives the keys whose new value was ignored.
[[nodiscard]] std::vector<std::string> keep_what_needs_a_restart(core::Config const& running, core::Config& fresh);

}  // namespace failover::daemon
