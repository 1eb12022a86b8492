#include "core/completion.hpp"

#include "core/dispatch.hpp"
#include "core/notices.hpp"

#include <algorithm>
#include <vector>

namespace failover::core {
namespace {

TaskSignal const* signal_of(State const& state, TaskState const& task) {
  for (auto const& signal : state.live.queue.signals)
    if (signal.task == task.file.id && signal.claim == task.claim) return &signal;
  return nullptr;
}

/// The agent says that it could not: another attempt while there are some left.
void failed_by_signal(Step& step, TaskState const& task) {
  TaskId const id = task.file.id;
  auto const allowed = 1 + task.file.request.retries.value_or(step.config.dispatcher.retries);
  bool const again = step.state.attempts[id] < allowed;
  end_task(step, id, again ? TaskPlace::pending : TaskPlace::failed, "signal: failed");
}

bool quiet_end(Step const& step, TaskState const& task, SessionState const& session) {
  auto const quiet = step.config.watcher.quiet;
  return session.phase == Phase::idle && session.reading && session.reading->seen.state == ScreenState::idle &&
         session.reading->input_text.empty() && elapsed(session.changed_at, step.now) >= quiet &&
         elapsed(task.given_at, step.now) >= quiet && elapsed(session.since, step.now) >= quiet;
}

bool waits_for_quota(SessionState const& session) {
  return session.phase == Phase::blocked || session.phase == Phase::recovering;
}

void take_too_long(Step& step, TaskId const& id) {
  auto& task = step.state.tasks.at(id);
  auto const session = step.state.sessions.find(task.session);
  std::string const reason = "timeout after " + spoken(elapsed(task.given_at, step.now));
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
  if (task.phase == TaskPhase::ending && step.state.live.refused_tasks.contains(id)) return;
  if (task.phase != TaskPhase::running) return;
  if (auto const* signal = signal_of(step.state, task)) {
    if (signal->done) return end_task(step, id, TaskPlace::done, "signal");
    return failed_by_signal(step, task);
  }
  auto const session = step.state.sessions.find(task.session);
  if (session == step.state.sessions.end())
    return end_task(step, id, TaskPlace::held, "its session is not known any more");
  if (waits_for_quota(session->second)) return;
  if (quiet_end(step, task, session->second)) return end_task(step, id, TaskPlace::done, "quiet");
  if (elapsed(task.given_at, step.now) >= task.file.request.timeout.value_or(step.config.watcher.timeout))
    take_too_long(step, id);
}

}  // namespace

void watch_tasks(Step& step) {
  if (!step.may_act()) return;
  std::vector<TaskId> ids;
  for (auto const& [id, task] : step.state.tasks) ids.push_back(id);
  for (auto const& id : ids) watch(step, id);
}

}  // namespace failover::core
