#pragma once

#include "core/step.hpp"

#include <optional>

/// When to look at the world again. Each kind of look is asked for once at a time.
namespace failover::core {

/// A screen that was read longer ago does not tell what an agent does now.
inline constexpr Duration fresh_look = std::chrono::seconds{5};

/// Between two listings while tmux does not answer: whoever waits for it must not wait for a sweep.
inline constexpr Duration down_look = std::chrono::seconds{2};

/// Something hints that the session's screen has changed.
void want_look(SessionState& session);

/// Asks for the looks that are due.
void look_around(Step& step);

/// When the next look is due.
[[nodiscard]] std::optional<MonoTime> look_deadline(Config const& config, State const& state);

}  // namespace failover::core
