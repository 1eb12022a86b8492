#include "core/janitor.hpp"

#include <algorithm>
#include <set>

namespace failover::core {

std::vector<TaskFile> removable(JanitorConfig const& config, std::vector<TaskFile> const& tasks, WallTime now) {
  std::set<TaskId> needed;  // others wait for what became of these
  for (auto const& task : tasks)
    if (task.place == TaskPlace::pending || task.place == TaskPlace::claimed || task.place == TaskPlace::held)
      needed.insert(task.request.after.begin(), task.request.after.end());
  std::vector<TaskFile> finished;
  for (auto const& task : tasks)
    if (task.place == TaskPlace::done || task.place == TaskPlace::failed) finished.push_back(task);
  std::sort(finished.begin(), finished.end(), [](auto const& a, auto const& b) {
    return a.changed_at != b.changed_at ? a.changed_at > b.changed_at : a.id > b.id;
  });
  auto const kept = std::min(finished.size(), static_cast<std::size_t>(config.keep_newest));
  finished.erase(finished.begin(), finished.begin() + static_cast<std::ptrdiff_t>(kept));
  std::erase_if(finished,
                [&](auto const& task) { return now - task.changed_at <= config.keep_for || needed.contains(task.id); });
  // The oldest, and not all at once: a clock that is wrong makes everything old.
  if (finished.size() > max_removed_at_once)
    finished.erase(finished.begin(), finished.end() - static_cast<std::ptrdiff_t>(max_removed_at_once));
  return finished;
}

void clean_up(Step& step) {
  auto& live = step.state.live;
  if (!live.scanned_at || live.removing_finished) return;
  if (live.janitor_at && elapsed(*live.janitor_at, step.now) < step.config.janitor.interval) return;
  live.janitor_at = step.now;
  auto old = removable(step.config.janitor, live.queue.tasks, step.now.wall);
  if (old.empty()) return;
  if (step.config.janitor.dry_run || !step.may_act()) {
    step.log(LogLevel::info, "janitor would remove finished tasks", {{"count", std::to_string(old.size())}});
    return;
  }
  live.removing_finished = true;
  step.ask(effect::RemoveFinished{std::move(old)});
}

void on_finished_removed(Step& step, event::FinishedRemoved const& removed) {
  step.state.live.removing_finished = false;
  step.state.live.queue_dirty = true;
  if (removed.removed)
    step.log(LogLevel::info, "janitor removed finished tasks", {{"count", std::to_string(*removed.removed)}});
  else
    step.log(LogLevel::warning, "janitor could not remove finished tasks",
             {{"detail", removed.removed.error().detail}});
}

}  // namespace failover::core
