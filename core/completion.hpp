#pragma once

#include "core/event.hpp"
#include "core/step.hpp"
#include "core/task_end.hpp"

#include <string_view>

/// When a given task is over, and by which sign. Only typed signs and a screen at rest end a task, never a text.
namespace failover::core {

/// Ends tasks whose signal file lies there, and those whose turn is over for `watcher.quiet`; reports the ones that
/// took too long; settles doubts about prompts. A session stopped by a quota is neither: its task waits with it.
void watch_tasks(Step& step);

/// The agent of the session says that its turn is over.
void note_stop(Step& step, SessionName const& name, HookCall const& call);

/// What to blame for an attempt that is said to have failed: circumstances where what its session met last was a quota,
/// a server's or network's error, or a refused login.
[[nodiscard]] Blame blame_for(Step const& step, TaskState const& task);

/// The sign by which a task's turn has been over for `watcher.quiet` without a signal: `stop_hook`, `transcript` or
/// `quiet` (the screen alone), the best that there is; "" while it is not over, or what it left running is not.
[[nodiscard]] std::string_view end_sign(Config const& config, State const& state, TaskState const& task, Now now);

}  // namespace failover::core
