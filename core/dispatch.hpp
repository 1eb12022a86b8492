#pragma once

#include "core/event.hpp"
#include "core/step.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Which queued task goes to which idle session, and a task's way from its claim to its end.
namespace failover::core {

/// Why no task is given out now, "" when tasks may be given out. Words of /status.
[[nodiscard]] std::string_view dispatch_gate(Config const& config, State const& state, Now now, bool dry_run);

/// Tasks that could run now, in the order in which they are given out: priority, then age, then id.
[[nodiscard]] std::vector<TaskFile> ready_tasks(State const& state, WallTime now);

/// The one line that is typed: it points at the file and says how to report the end.
[[nodiscard]] std::string task_prompt(std::string const& queue, std::string const& path, TaskId const& task,
                                      ClaimId const& claim);

/// Gives ready tasks to idle sessions.
void dispatch(Step& step);

void on_queue_scanned(Step& step, event::QueueScanned const& scanned);
void on_task_claimed(Step& step, event::TaskClaimed const& claimed);
/// For a session that is not in recovery.
void on_task_delivered(Step& step, event::PromptDelivered const& delivered);
void on_task_moved(Step& step, event::TaskMoved const& moved);

/// Ends a task: its file goes to `place` with the reason beside it, its session is free.
void end_task(Step& step, TaskId const& id, TaskPlace place, std::string reason);

/// The session lost its agent: what became of its task nobody knows, so it is held.
void hold_task_of(Step& step, SessionName const& session, std::string reason);

}  // namespace failover::core
