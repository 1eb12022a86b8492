#include "core/queue_listing.hpp"

#include "core/doubt.hpp"
#include "core/task_end.hpp"
#include "core/ulid.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace failover::core {
namespace {

/// A file that can never run, or whose claim nobody remembers, is put where a person finds it.
void put_aside(Step& step, TaskFile const& file, TaskPlace place, std::string const& reason) {
  if (!step.may_act() || !step.state.live.refused_tasks.insert(file.id).second) return;
  TaskResult result;
  result.id = file.id;
  result.place = place;
  result.reason = reason;
  result.ended_at = step.now.wall;
  step.log(
      LogLevel::warning, "task put aside",
      {{"task", file.id.str()}, {"title", file.title}, {"place", std::string(to_string(place))}, {"reason", reason}});
  step.ask(effect::MoveTask{file, std::move(result)});
}

/// Claimed after the state that we began with was saved, so its prompt, before which the claim is saved, was not typed.
bool was_claimed_and_not_given(State const& state, TaskFile const& file) {
  auto const claimed_at = file.claim ? time_of_ulid(file.claim->str()) : std::nullopt;
  return claimed_at && state.live.saved_at && *claimed_at > *state.live.saved_at;
}

/// A claimed file of which the state does not know.
void put_unknown_claim(Step& step, TaskFile const& file, bool first) {
  if (first && was_claimed_and_not_given(step.state, file))
    return put_aside(step, file, TaskPlace::pending, "claimed, and the daemon ended before its prompt was typed");
  put_aside(step, file, TaskPlace::held, "claimed by nobody we know of");
}

/// Compares what we remember of a task with where its file lies: after a crash between two steps they differ.
void reconcile_task(Step& step, TaskState const& task, QueueListing const& listing) {
  auto const file =
      std::find_if(listing.tasks.begin(), listing.tasks.end(), [&](auto const& f) { return f.id == task.file.id; });
  TaskId const id = task.file.id;
  if (task.phase == TaskPhase::ending) return;
  if (file == listing.tasks.end()) {
    step.log(LogLevel::warning, "a task's file is gone", {{"task", id.str()}});
    return forget_task(step, id);
  }
  if (file->place == TaskPlace::pending) return forget_task(step, id);  // the claim never happened
  if (file->place != TaskPlace::claimed) return forget_task(step, id);  // somebody ended it by hand
}

/// Moves that failed; where the file lies now the mover finds out.
void move_again(Step& step) {
  for (auto const& [id, task] : step.state.tasks) {
    if (task.phase != TaskPhase::ending || !task.ending || !step.state.live.refused_tasks.contains(id)) continue;
    step.save_first();
    step.ask(effect::MoveTask{task.file, *task.ending});
  }
}

void go_on_after_restart(Step& step, QueueListing const& listing) {
  std::vector<TaskId> ids;
  for (auto const& [id, task] : step.state.tasks) ids.push_back(id);
  for (auto const& id : ids) {
    auto& task = step.state.tasks.at(id);
    auto const file =
        std::find_if(listing.tasks.begin(), listing.tasks.end(), [&](auto const& f) { return f.id == id; });
    if (file != listing.tasks.end()) task.file = *file;
    switch (task.phase) {
      case TaskPhase::claiming:
        if (file != listing.tasks.end() && file->place == TaskPlace::claimed)
          end_task(step, id, TaskPlace::pending, "restart before delivery");
        else
          forget_task(step, id);
        break;
      case TaskPhase::delivering:
        begin_doubt(step, id, "the daemon ended while its prompt was being typed");
        break;
      case TaskPhase::running:
        break;
      case TaskPhase::ending:
        if (task.ending) step.ask(effect::MoveTask{task.file, *task.ending});
        break;
    }
  }
}

/// What was counted of tasks that a person has taken out of the queue.
void forget_gone(Step& step, QueueListing const& listing) {
  if (listing.settling > 0 || (step.state.attempts.empty() && step.state.comebacks.empty())) return;
  std::set<TaskId> there;
  for (auto const& file : listing.tasks) there.insert(file.id);
  auto const is_gone = [&](auto const& entry) {
    return !there.contains(entry.first) && !step.state.tasks.contains(entry.first);
  };
  auto const gone = std::erase_if(step.state.attempts, is_gone) + std::erase_if(step.state.comebacks, is_gone);
  if (gone > 0) step.changed();
}

}  // namespace

void on_queue_scanned(Step& step, event::QueueScanned const& scanned) {
  auto& live = step.state.live;
  bool const first = !live.tasks_reconciled;
  live.scanning_queue = false;
  live.scanned_at = step.now;
  if (!scanned.listing) {
    if (live.queue_problem.empty())
      step.log(LogLevel::error, "cannot read the queue", {{"detail", scanned.listing.error().detail}});
    live.queue_problem = std::string(to_string(scanned.listing.error().kind));
    return;
  }
  live.queue_problem.clear();
  live.queue = *scanned.listing;
  if (!step.may_act()) return;  // what is left undone waits with the rest
  live.tasks_reconciled = true;
  if (!first) move_again(step);
  live.refused_tasks.clear();
  live.failed_claims = 0;
  if (first) go_on_after_restart(step, live.queue);
  forget_gone(step, live.queue);
  std::vector<TaskState> remembered;
  for (auto const& [id, task] : step.state.tasks)
    if (task.phase == TaskPhase::running) remembered.push_back(task);
  for (auto const& task : remembered) reconcile_task(step, task, live.queue);
  for (auto const& file : live.queue.tasks) {
    if (step.state.tasks.contains(file.id)) continue;
    if (file.place == TaskPlace::pending && file.unfit) put_aside(step, file, TaskPlace::failed, file.unfit->detail);
    if (file.place == TaskPlace::claimed) put_unknown_claim(step, file, first);
  }
}

}  // namespace failover::core
