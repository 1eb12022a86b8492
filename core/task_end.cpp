#include "core/task_end.hpp"

#include "core/notices.hpp"
#include "core/retry.hpp"
#include "core/task_record.hpp"

#include <utility>

namespace failover::core {

void note_place(State& state, TaskId const& id, TaskPlace place) {
  for (auto& file : state.live.queue.tasks)
    if (file.id == id) file.place = place;
}

void forget_task(Step& step, TaskId const& id) {
  auto const task = step.state.tasks.find(id);
  if (task == step.state.tasks.end()) return;
  auto const session = step.state.sessions.find(task->second.session);
  if (session != step.state.sessions.end() && session->second.task == id) session->second.task.reset();
  step.state.tasks.erase(task);
  step.changed();
}

void forget_attempts(State& state, TaskId const& id) {
  state.attempts.erase(id);
  state.comebacks.erase(id);
}

void end_task(Step& step, TaskId const& id, TaskPlace place, std::string reason) {
  auto& task = step.state.tasks.at(id);
  auto result = result_of(step.state, task, place, std::move(reason), step.now);
  auto const session = step.state.sessions.find(task.session);
  if (session != step.state.sessions.end() && session->second.task == id) session->second.task.reset();
  if (place != TaskPlace::pending) ++step.state.counters.tasks[std::string(to_string(place))];
  step.log(place == TaskPlace::done || place == TaskPlace::pending ? LogLevel::info : LogLevel::warning, "task ended",
           {{"task", id.str()},
            {"title", task.file.title},
            {"place", std::string(to_string(place))},
            {"reason", result.reason},
            {"session", task.session.str()}});
  if (place == TaskPlace::failed || place == TaskPlace::held)
    tell(step, "Task " + task.file.title + " is " + std::string(to_string(place)), result.reason);
  task.phase = TaskPhase::ending;
  task.ending = result;
  if (!step.may_act() && place != TaskPlace::pending) {
    step.state.live.refused_tasks.insert(id);  // its file is moved when something may be changed again
    return step.changed();
  }
  step.save_first();
  step.ask(effect::MoveTask{task.file, std::move(result)});
}

void end_attempt(Step& step, TaskId const& id, std::string reason, Blame blame) {
  auto const& task = step.state.tasks.at(id);
  auto const retries = task.file.request.retries.value_or(step.config.dispatcher.retries);
  auto& attempts = step.state.attempts[id];
  if (retries == 0 && blame == Blame::circumstances)
    return end_task(step, id, TaskPlace::held, reason + ", and it may not be tried again");
  auto& comeback = step.state.comebacks[id];
  bool const refund = blame == Blame::circumstances && comeback.refunded < max_refunds && attempts > 0;
  if (refund) ++comeback.refunded;
  if (refund) --attempts;
  if (attempts > retries)
    return end_task(step, id, TaskPlace::failed,
                    reason + ", attempt " + std::to_string(attempts) + " of " + std::to_string(retries + 1));
  ++comeback.count;
  comeback.at = step.now;
  end_task(step, id, TaskPlace::pending, std::move(reason));
}

void hold_task_of(Step& step, SessionName const& name, std::string reason) {
  auto const session = step.state.sessions.find(name);
  if (session == step.state.sessions.end() || !session->second.task) return;
  TaskId const id = *session->second.task;
  if (!step.state.tasks.contains(id)) return session->second.task.reset();
  auto const phase = step.state.tasks.at(id).phase;
  if (phase == TaskPhase::delivering || phase == TaskPhase::running)
    end_task(step, id, TaskPlace::held, std::move(reason));
}

void on_task_moved(Step& step, event::TaskMoved const& moved) {
  auto const found = step.state.tasks.find(moved.task);
  if (!moved.outcome) {
    step.log(LogLevel::error, "task not moved",
             {{"task", moved.task.str()},
              {"place", std::string(to_string(moved.place))},
              {"detail", moved.outcome.error().detail}});
    step.state.live.refused_tasks.insert(moved.task);  // retried after the next scan, which is not hurried
    return;
  }
  step.state.live.queue_dirty = true;
  // Back in pending/ the file has another name: only a scan knows it.
  if (moved.place != TaskPlace::pending) note_place(step.state, moved.task, moved.place);
  if (found == step.state.tasks.end()) return;
  if (moved.place != TaskPlace::pending) forget_attempts(step.state, moved.task);
  forget_task(step, moved.task);
}

}  // namespace failover::core
