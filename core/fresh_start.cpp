#include "core/fresh_start.hpp"

#include "core/agent_profile.hpp"
#include "core/assignment.hpp"
#include "core/conversations.hpp"
#include "core/dispatch.hpp"
#include "core/notices.hpp"

#include <algorithm>

namespace failover::core {
namespace {

std::string running_task(Step const& step, SessionState const& session) {
  if (!session.task) return {};
  auto const task = step.state.tasks.find(*session.task);
  if (task == step.state.tasks.end() || task->second.phase != TaskPhase::running) return {};
  return task_prompt(step.config.dispatcher.queue, task->second.path, task->first, task->second.claim);
}

Briefing briefing_for(Step const& step, SessionState const& session) {
  Briefing briefing;
  briefing.file = briefing_file(step.config.state.dir, *session.conversation);
  briefing.conversation = session.recovery->left;
  briefing.task_prompt = running_task(step, session);
  briefing.continue_prompt = step.config.switching.continue_prompt;
  auto const known = step.state.live.conversations.find(briefing.conversation);
  if (known != step.state.live.conversations.end()) briefing.request = known->second.request;
  return briefing;
}

}  // namespace

bool is_refused(State const& state, ConversationId const& conversation) {
  return std::find(state.refused.begin(), state.refused.end(), conversation) != state.refused.end();
}

void note_resuming(SessionState& session, std::optional<ConversationId> resumed) {
  session.resuming = std::move(resumed);
  session.ended = 0;
  session.stale_looks = 0;
}

void expect_stale_look(SessionState& session) {
  session.stale_looks = session.watching.in_look ? 1 : 0;
}

void note_shown(Step& step, SessionState& session, Reading const& reading) {
  if (!session.resuming || !(reading.has_input_box || reading.seen.state == ScreenState::working)) return;
  session.resuming.reset();
  step.changed();
}

bool waits_for_last_screen(SessionState& session) {
  bool const showed_itself =
      !session.resuming && !session.recovery && session.phase != Phase::starting && session.phase != Phase::auth_needed;
  if (showed_itself) return false;
  if (session.ended == session.process) return !session.reading;
  session.ended = session.process;
  expect_stale_look(session);
  session.reading.reset();
  return true;
}

bool is_found_ended(SessionState const& session) {
  return session.ended != 0 && session.ended == session.process;
}

bool take_last_screen(Step& step, SessionState& session, bool first_since, bool stale) {
  if (!is_found_ended(session)) return false;
  if (stale) {
    session.reading.reset();
  } else if (first_since) {
    step.state.live.panes_changed = true;  // the end is looked into at once, not at the next sweep
  }
  return true;
}

bool would_not_resume(SessionState const& session) {
  return session.resuming && session.reading && session.reading->resume_refused;
}

void drop_conversation(Step& step, SessionName const& name) {
  auto& session = step.state.sessions.at(name);
  ConversationId const conversation = *session.resuming;
  step.state.refused.push_back(conversation);
  while (step.state.refused.size() > max_refused) step.state.refused.pop_front();
  note_resuming(session, std::nullopt);
  if (session.conversation == conversation) {
    session.conversation.reset();
    session.conversed = false;
  }
  if (session.recovery) session.recovery->last_refusal = "its conversation could not be resumed";
  step.log(LogLevel::warning, "the agent does not have its conversation: it is not resumed again",
           {{"session", name.str()}, {"conversation", conversation.str()}});
  tell(step, "Session " + name.str() + " lost its conversation",
       "Its conversation " + conversation.str() + " could not be resumed; " +
           (session.phase == Phase::held ? "it is held: release it to start it anew."
            : session.recovery           ? "it is started anew with a briefing."
                                         : "it is started anew."));
  step.changed();
  if (session.recovery) session.recovery->left = conversation;
}

void start_afresh(Step& step, SessionName const& name) {
  auto& session = step.state.sessions.at(name);
  std::uint64_t const high = step.random();
  session.conversation = make_conversation_id(high, step.random());
  session.conversed = false;
  ask_for_fresh_start(step, name);
}

void ask_for_fresh_start(Step& step, SessionName const& name) {
  auto& session = step.state.sessions.at(name);
  auto const account = begin_restart(step, session, name);
  note_resuming(session, std::nullopt);
  auto& recovery = *session.recovery;
  ++recovery.attempts;
  recovery.restarted = true;
  recovery.submitted = false;
  recovery.replaces = session.process;
  recovery.step = RecoveryStep::restarting;
  recovery.step_since = step.now;
  session.busy_with_effect = true;
  effect::RestartAgent request{name, *session.pane, session.cwd, {}, agent_environment(step.config, account), {}, true};
  request.briefing = briefing_for(step, session);
  request.argv = start_command(step.config, name, *session.conversation);
  request.argv.push_back(briefing_prompt(request.briefing->file));
  step.save_first();
  step.ask(std::move(request));
}

void hold_after_fresh_start(Step& step, SessionName const& name) {
  hold_task_of(step, name, "its agent ended");
  hold_session(step, name, "its conversation could not be resumed, and its agent ended again after a fresh start");
  tell(step, "Session " + name.str() + " is held",
       "Its conversation could not be resumed, and its agent ended again after a fresh start.");
}

}  // namespace failover::core
