#include "core/completion.hpp"

#include "core/conversations.hpp"
#include "core/doubt.hpp"
#include "core/notices.hpp"
#include "core/task_end.hpp"
#include "core/task_record.hpp"

#include <algorithm>
#include <vector>

namespace failover::core {
namespace {

TaskSignal const* signal_of(State const& state, TaskState const& task) {
  for (auto const& signal : state.live.queue.signals)
    if (signal.task == task.file.id && signal.claim == task.claim) return &signal;
  return nullptr;
}

/// Errors that an agent's turn ends in and that pass by themselves.
bool is_passing_error(ScreenState shown) {
  return shown == ScreenState::server_error || shown == ScreenState::network_error ||
         shown == ScreenState::rate_limited_transient;
}

bool stands_at_error(SessionState const& session) {
  return session.phase == Phase::stalled && session.reading && is_passing_error(session.reading->seen.state);
}

bool waits_for_quota(SessionState const& session) {
  return session.phase == Phase::blocked || session.phase == Phase::recovering;
}

/// How the session's conversation stands, where it says something of the time since the claim.
Conversation const* told_since(State const& state, SessionState const& session, TaskState const& task, Now now) {
  auto const* const told = conversation_of(state, session);
  return told != nullptr && told->newest.at >= by_present_clock(task.claimed_at, now) ? told : nullptr;
}

bool is_stopped_by_error(Step const& step, SessionState const& session) {
  return stands_at_error(session) && elapsed(session.since, step.now) >= step.config.watcher.quiet &&
         elapsed(session.changed_at, step.now) >= step.config.watcher.quiet;
}

void take_too_long(Step& step, TaskId const& id) {
  auto& task = step.state.tasks.at(id);
  auto const session = step.state.sessions.find(task.session);
  std::string const reason = "timeout after " + spoken(time_spent(task, step.now));
  if (session != step.state.sessions.end()) set_phase(step, task.session, Phase::stalled, reason);
  switch (step.config.watcher.on_timeout) {
    case OnTimeout::hold:
      return end_task(step, id, TaskPlace::held, reason);
    case OnTimeout::fail:
      return end_task(step, id, TaskPlace::failed, reason);
    case OnTimeout::interrupt:
      if (session != step.state.sessions.end() && session->second.pane && !session->second.busy_with_effect) {
        session->second.busy_with_effect = true;
        step.ask(effect::PressEscape{task.session, *session->second.pane});
      }
      return end_task(step, id, TaskPlace::failed, reason + ", interrupted");
  }
}

void watch(Step& step, TaskId const& id) {
  auto const& task = step.state.tasks.at(id);
  if (task.phase == TaskPhase::delivering && !task.doubt.empty()) return settle_doubt(step, id);
  if (task.phase != TaskPhase::running) return;
  note_progress(step, id);
  if (auto const* signal = signal_of(step.state, task)) {
    if (signal->done) return end_task(step, id, TaskPlace::done, "signal");
    return end_attempt(step, id, with_reason("signal: failed", signal->reason), blame_for(step, task));
  }
  auto const session = step.state.sessions.find(task.session);
  if (session == step.state.sessions.end())
    return end_task(step, id, TaskPlace::held, "its session is not known any more");
  if (waits_for_quota(session->second)) return;
  if (auto const sign = end_sign(step.config, step.state, task, step.now); !sign.empty())
    return end_task(step, id, TaskPlace::done, std::string(sign));
  if (is_stopped_by_error(step, session->second))
    return end_attempt(step, id, std::string(to_string(session->second.reading->seen.state)), Blame::circumstances);
  if (time_spent(task, step.now) >= task.file.request.timeout.value_or(step.config.watcher.timeout))
    take_too_long(step, id);
}

}  // namespace

Blame blame_for(Step const& step, TaskState const& task) {
  auto const found = step.state.sessions.find(task.session);
  if (found == step.state.sessions.end()) return Blame::task;
  auto const& session = found->second;
  if (waits_for_quota(session) || session.phase == Phase::auth_needed || stands_at_error(session))
    return Blame::circumstances;
  auto const* const told = told_since(step.state, session, task, step.now);
  if (told == nullptr || told->newest.kind != RowKind::api_error) return Blame::task;
  auto const& row = told->newest;
  bool const circumstances = told->wall || asks_for_login(row) || row.transient || row.status >= 500 ||
                             row.error == "server_error" || row.error == "rate_limit";
  return circumstances ? Blame::circumstances : Blame::task;
}

std::string_view end_sign(Config const& config, State const& state, TaskState const& task, Now now) {
  auto const found = state.sessions.find(task.session);
  if (found == state.sessions.end()) return "";
  auto const& session = found->second;
  auto const quiet = config.watcher.quiet;
  bool const shows_rest = session.reading && (session.reading->seen.state == ScreenState::idle ||
                                              session.reading->seen.state == ScreenState::quota_warning);
  if (session.phase != Phase::idle || !shows_rest) return "";
  // The agent was asked for a signal, and may be about to write it.
  if (elapsed(session.since, now) < quiet || elapsed(task.given_at, now) < quiet) return "";
  if (task.stop && task.stop->background > 0) return "";
  auto const* const told = told_since(state, session, task, now);
  bool const follows = told != nullptr && keeps_up(*told, session);
  if (follows && told->newest.kind == RowKind::api_error) return "";
  bool const runs = follows && (told->newest.kind == RowKind::prompt || told->newest.kind == RowKind::tool_result);
  if (!runs && task.stop && elapsed(task.stop->at, now) >= quiet) return "stop_hook";
  if (follows && told->newest.ends_turn && now.wall - told->newest.at >= quiet) return "transcript";
  return session.reading->input_text.empty() && elapsed(session.changed_at, now) >= quiet ? "quiet" : "";
}

void note_stop(Step& step, SessionName const& name, HookCall const& call) {
  auto const& session = step.state.sessions.at(name);
  if (!session.task) return;
  auto const found = step.state.tasks.find(*session.task);
  if (found == step.state.tasks.end()) return;
  auto& task = found->second;
  bool const running = task.phase == TaskPhase::delivering || task.phase == TaskPhase::running;
  if (!running || call.at < by_present_clock(task.claimed_at, step.now)) return;
  auto const at = restored(call.at, step.now);
  if (task.stop && task.stop->at.wall > at.wall) return;  // told twice, or late
  task.stop = TurnStop{at, call.background, call.message};
  step.changed();
}

void watch_tasks(Step& step) {
  if (!step.may_act()) return;
  std::vector<TaskId> ids;
  for (auto const& [id, task] : step.state.tasks) ids.push_back(id);
  for (auto const& id : ids) watch(step, id);
}

}  // namespace failover::core
