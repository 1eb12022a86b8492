#include "core/task_orders.hpp"

#include "core/completion.hpp"
#include "core/dispatch.hpp"
#include "core/keyboard.hpp"
#include "core/task_end.hpp"
#include "core/task_record.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace failover::core {
namespace {

TaskFile const* file_of(State const& state, TaskId const& id) {
  auto const& files = state.live.queue.tasks;
  auto const found = std::find_if(files.begin(), files.end(), [&](auto const& file) { return file.id == id; });
  return found == files.end() ? nullptr : &*found;
}

bool is_of_its_agent(TaskOrder order) {
  return order == TaskOrder::done || order == TaskOrder::fail;
}

/// Whether the order is for a task that lies there; a claimed one is judged by its phase.
bool is_for(TaskOrder order, TaskPlace place) {
  switch (order) {
    case TaskOrder::retry:
      return place == TaskPlace::held || place == TaskPlace::failed;
    case TaskOrder::hold:
      return place == TaskPlace::pending;
    case TaskOrder::release:
    case TaskOrder::done:
    case TaskOrder::fail:
      return place == TaskPlace::held;
    case TaskOrder::cancel:
      return place == TaskPlace::pending || place == TaskPlace::held;
  }
  return false;
}

/// Where a task goes that no session has.
TaskPlace destination_of(TaskOrder order) {
  switch (order) {
    case TaskOrder::retry:
    case TaskOrder::release:
      return TaskPlace::pending;
    case TaskOrder::hold:
      return TaskPlace::held;
    case TaskOrder::done:
      return TaskPlace::done;
    case TaskOrder::cancel:
    case TaskOrder::fail:
      return TaskPlace::failed;
  }
  return TaskPlace::held;
}

std::string for_which(TaskOrder order) {
  switch (order) {
    case TaskOrder::retry:
      return "a task that is held or has failed";
    case TaskOrder::hold:
      return "a task that is pending";
    case TaskOrder::release:
      return "a task that is held";
    case TaskOrder::cancel:
      return "a task that is not finished";
    case TaskOrder::done:
    case TaskOrder::fail:
      return "a task that a session works on, or that is held";
  }
  return "no task";
}

Refused wrong_place(event::TaskAsked const& asked, TaskPlace place) {
  std::string const where{to_string(place)};
  return {where, "task " + asked.task.str() + " is " + where + "; `queue " + std::string(to_string(asked.order)) +
                     "` is for " + for_which(asked.order)};
}

Refused brake_is_on() {
  return {"brake", "the brake is on; `claude-failover brake off` first"};
}

std::optional<Refused> fault_of_claimed(State const& state, event::TaskAsked const& asked, TaskState const& task) {
  auto const name = asked.task.str();
  if (task.phase == TaskPhase::ending) return Refused{"being_moved", "task " + name + " has just ended"};
  bool const runs = task.phase == TaskPhase::running;
  if (is_of_its_agent(asked.order) && (runs || task.phase == TaskPhase::delivering)) return std::nullopt;
  if (asked.order != TaskOrder::cancel && runs) return wrong_place(asked, TaskPlace::claimed);
  if (!runs)
    return Refused{"being_given", "task " + name + " is just being given to session " + task.session.str() +
                                      "; try again in a moment"};
  if (state.brake.on) return brake_is_on();
  auto const session = state.sessions.find(task.session);
  if (session == state.sessions.end()) return std::nullopt;
  auto const phase = session->second.phase;
  if (phase == Phase::blocked || phase == Phase::recovering)
    return Refused{"session_recovering", "session " + task.session.str() +
                                             " is about to be brought back into this task; `claude-failover hold " +
                                             task.session.str() + "` first, then cancel the task"};
  return std::nullopt;
}

/// Ends the turn that works on the task; false where that is not the moment to press a key.
bool interrupt(Step& step, SessionName const& name) {
  auto const found = step.state.sessions.find(name);
  if (found == step.state.sessions.end()) return false;
  auto& session = found->second;
  if (!session.pane || session.busy_with_effect || person_types(step.config, session, step.now)) return false;
  session.busy_with_effect = true;
  step.ask(effect::PressEscape{name, *session.pane});
  return true;
}

bool is_in_a_turn(State const& state, SessionName const& name) {
  auto const session = state.sessions.find(name);
  return session != state.sessions.end() &&
         (session->second.phase == Phase::working || session->second.phase == Phase::waiting_permission);
}

void end_by_order(Step& step, event::TaskAsked const& asked) {
  auto const& task = step.state.tasks.at(asked.task);
  if (asked.order == TaskOrder::cancel) {
    auto const session = task.session;
    bool const in_a_turn = is_in_a_turn(step.state, session);
    end_task(step, asked.task, TaskPlace::failed, with_reason("cancelled by the operator", asked.reason));
    if (in_a_turn && !interrupt(step, session))
      step.log(LogLevel::warning, "its turn is not interrupted", {{"session", session.str()}});
    return;
  }
  bool const delivering = task.phase == TaskPhase::delivering;
  if (delivering && step.state.sessions.contains(task.session)) note_given(step, asked.task, task.claimed_at);
  if (asked.order == TaskOrder::done)
    return end_task(step, asked.task, TaskPlace::done, with_reason("command", asked.reason));
  end_attempt(step, asked.task, with_reason("command: failed", asked.reason), blame_for(step, task));
}

std::string reason_of(event::TaskAsked const& asked, TaskPlace to) {
  if (asked.order == TaskOrder::cancel) return with_reason("cancelled by the operator", asked.reason);
  if (asked.order == TaskOrder::hold) return with_reason("held by the operator", asked.reason);
  return with_reason(std::string(to_string(to)) + ", says the operator", asked.reason);
}

/// Moves a file that no session has.
void put(Step& step, TaskFile const& file, event::TaskAsked const& asked) {
  TaskResult result;
  result.id = file.id;
  result.place = destination_of(asked.order);
  result.reason = reason_of(asked, result.place);
  result.ended_at = step.now.wall;
  bool const again = result.place == TaskPlace::pending;
  if (auto const attempts = step.state.attempts.find(file.id); attempts != step.state.attempts.end())
    result.attempts = attempts->second;
  if (again) forget_attempts(step.state, file.id);
  if (!again) ++step.state.counters.tasks[std::string(to_string(result.place))];
  effect::MoveTask move{file, result};
  // Its name in the listing is the old place's until the next scan, so nothing more is done with it before that.
  step.state.live.refused_tasks.insert(file.id);
  if (!again) note_place(step.state, asked.task, result.place);
  step.save_first();
  step.ask(std::move(move));
}

}  // namespace

std::optional<Refused> fault_of(State const& state, event::TaskAsked const& asked) {
  if (!state.live.tasks_reconciled) return Refused{"queue_unread", "the queue was not read yet; try again in a moment"};
  auto const task = state.tasks.find(asked.task);
  if (task != state.tasks.end()) return fault_of_claimed(state, asked, task->second);
  auto const* const file = file_of(state, asked.task);
  if (file == nullptr)
    return Refused{"unknown_task",
                   "there is no task " + asked.task.str() + "; `claude-failover queue list` shows them with their ids"};
  if (!is_for(asked.order, file->place)) return wrong_place(asked, file->place);
  if (state.live.refused_tasks.contains(asked.task))
    return Refused{"being_moved", "task " + asked.task.str() + " is just being moved; try again in a moment"};
  if (state.brake.on) return brake_is_on();
  return std::nullopt;
}

void on_task_asked(Step& step, event::TaskAsked const& asked) {
  if (step.dry_run) return;
  auto const order = std::string(to_string(asked.order));
  if (auto const fault = fault_of(step.state, asked))
    return step.log(LogLevel::warning, "order of a task left",
                    {{"task", asked.task.str()}, {"order", order}, {"reason", fault->text}});
  step.log(LogLevel::info, "task ordered", {{"task", asked.task.str()}, {"order", with_reason(order, asked.reason)}});
  if (step.state.tasks.contains(asked.task)) return end_by_order(step, asked);
  put(step, *file_of(step.state, asked.task), asked);
}

}  // namespace failover::core
