#pragma once

#include "core/step.hpp"

#include <optional>
#include <string_view>

/// When to look at the world again. Each kind of look is asked for once at a time.
namespace failover::core {

/// A screen that was read longer ago does not tell what an agent does now.
inline constexpr Duration fresh_look = std::chrono::seconds{5};

/// Between two listings while tmux does not answer: whoever waits for it must not wait for a sweep.
inline constexpr Duration down_look = std::chrono::seconds{2};

/// Whether tmux answers, and if not, why; what is asked over HTTP tells of a change at once.
void note_tmux(Step& step, bool up, std::string_view problem = {});

/// At its prompt, as a fresh look showed, and nothing hints that its screen has changed since.
[[nodiscard]] bool rests(SessionState const& session, Now now);

/// Something hints that the session's screen has changed.
void want_look(SessionState& session);

/// What was seen of its screen was too little.
void want_whole_look(SessionState& session);

/// The look that is being taken showed this screen.
void note_drawn(SessionState& session, Screen const& screen, Now now);

/// Asks for the looks that are due.
void look_around(Step& step);

/// When the next look is due.
[[nodiscard]] std::optional<MonoTime> look_deadline(Config const& config, State const& state);

}  // namespace failover::core
