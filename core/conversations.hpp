#pragma once

#include "core/event.hpp"
#include "core/step.hpp"

#include <string_view>

/// Which conversation each session is in, and how it stands by its transcript.
///
/// A hook called from a session's own pane says it; without hooks it is the id that we started the agent with, or the
/// one conversation of the session's directory whose last prompt is the one on the screen. Never the newest file.
namespace failover::core {

/// Asks for the transcripts of all sessions under all accounts, when the set of directories has changed.
void follow_transcripts(Step& step);

void on_transcript_grew(Step& step, event::TranscriptGrew const& grew);

/// Rules on what the transcripts say, which waits until it is known which account is in use.
void judge_conversations(Step& step);

/// How the session's conversation stands; null when no row of it was read.
[[nodiscard]] Conversation const* conversation_of(State const& state, SessionState const& session);

/// The agent in the session's pane says that it is in this conversation.
void enter_conversation(Step& step, SessionName const& name, ConversationId const& id);

/// Finds the conversation of a session that shows a prompt of another one than is known of it.
void recognise_conversation(Step& step, SessionName const& name, Reading const& reading);

/// Whether the agent has written that its login was refused.
[[nodiscard]] bool asks_for_login(TranscriptRow const& row);

/// By which a row's wall is known again.
[[nodiscard]] std::string row_fingerprint(TranscriptRow const& row);

/// Whether the transcript was written up to what the screen shows. A transcript that we do not see grow (the agent
/// keeps it elsewhere, or the watch is lost) must not deny what is on the screen.
[[nodiscard]] bool keeps_up(Conversation const& conversation, SessionState const& session);

/// Whether the newest row of the session's conversation is a wall that has been counted: the session stands still
/// because of it, whatever its screen shows.
[[nodiscard]] bool stopped_by_row(State const& state, SessionState const& session);

/// The agent has just written that its turn ended at a wall, and may not have drawn it yet.
[[nodiscard]] bool row_leads_screen(State const& state, SessionState const& session, Now now);

/// The moment from which the session's present turn uses the active account.
[[nodiscard]] Moment turn_began(State const& state, SessionState const& session, Now now);

/// A turn has run since the newest row was written, so the transcript that we see is not the one that grows.
void distrust_transcript(Step& step, SessionState const& session);

/// The form in which prompts of screens and transcripts are compared: folded, without white space, lower case, at most
/// 200 bytes.
[[nodiscard]] std::string comparable_prompt(std::string_view prompt);

}  // namespace failover::core
