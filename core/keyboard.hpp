#pragma once

#include "core/config.hpp"
#include "core/state.hpp"
#include "core/time.hpp"

/// A person at the keyboard wins.
namespace failover::core {

/// Whether somebody typed into the session through an attached client within `sessions.human_grace`, as of its last
/// look: then nothing is typed there and its agent is not restarted; both come when he has been still for so long.
[[nodiscard]] bool person_types(Config const& config, SessionState const& session, Now now);

}  // namespace failover::core
