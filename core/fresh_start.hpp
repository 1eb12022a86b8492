#pragma once

#include "core/step.hpp"

/// A conversation that an agent refused to resume is never resumed again: the work goes on in a new one.
///
/// The refusal is definitive when the agent that we started with the conversation has ended, has never shown itself
/// since, and its last screen says so. The same words on the screen of an agent that lives mean nothing.
namespace failover::core {

/// Whether an agent has refused to resume it.
[[nodiscard]] bool is_refused(State const& state, ConversationId const& conversation);

/// What we have just had the session's agent started to go on with; nothing for a fresh start.
void note_resuming(SessionState& session, std::optional<ConversationId> resumed);

/// Something of the session has just changed. A look that is under way may show what was before.
void expect_stale_look(SessionState& session);

/// The agent shows its box or its work: it did not refuse.
void note_shown(Step& step, SessionState& session, Reading const& reading);

/// For a session whose process was found ended: whether it may have ended at its start, and what it showed last was not
/// looked at since.
[[nodiscard]] bool waits_for_last_screen(SessionState& session);

/// Whether the session's present process was found ended by waits_for_last_screen().
[[nodiscard]] bool is_found_ended(SessionState const& session);

/// A look at a session whose process was found ended: true where it is that, and no news of an agent at work.
/// `first_since`: there was no reading since; `stale`: the look began before the end was found.
[[nodiscard]] bool take_last_screen(Step& step, SessionState& session, bool first_since, bool stale);

/// Whether the ended agent would not resume its conversation. Only when waits_for_last_screen() says no.
[[nodiscard]] bool would_not_resume(SessionState const& session);

/// Forgets what the session was resuming for good, and tells the person.
void drop_conversation(Step& step, SessionName const& name);

/// For a session in recovery whose conversation was dropped: starts its agent anew, with a briefing.
void start_afresh(Step& step, SessionName const& name);

/// Asks for the fresh start of a recovery once more: it was not made, for we ended before.
void ask_for_fresh_start(Step& step, SessionName const& name);

/// A fresh start is made once in a recovery.
void hold_after_fresh_start(Step& step, SessionName const& name);

}  // namespace failover::core
