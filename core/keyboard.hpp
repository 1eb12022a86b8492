#pragma once

#include "core/config.hpp"
#include "core/state.hpp"
#include "core/time.hpp"

/// A person at the keyboard wins.
namespace failover::core {

/// Whether somebody typed into the session through an attached client within `sessions.human_grace`, as of its last
/// look: then nothing is typed there and its agent is not restarted; both come when he has been still for so long.
[[nodiscard]] bool person_types(Config const& config, SessionState const& session, Now now);

/// Whether the daemon may begin something there by itself: after its start nobody knows of a person before the first
/// look.
[[nodiscard]] bool keyboard_is_free(Config const& config, SessionState const& session, Now now);

}  // namespace failover::core
