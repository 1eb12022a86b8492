#pragma once

#include "core/event.hpp"
#include "core/step.hpp"
#include "core/task_end.hpp"

#include <string>
#include <string_view>

/// The giving of tasks: from the choice to the prompt that has arrived. Which task fits which session stands in
/// core/fitting, how it ends in core/completion and core/task_end.
namespace failover::core {

/// Why no task is given out now, "" when tasks may be given out. Words of /status.
[[nodiscard]] std::string_view dispatch_gate(Config const& config, State const& state, Now now, bool dry_run);

/// The one line that is typed: it points at the file and says how to report the end.
[[nodiscard]] std::string task_prompt(std::string const& queue, std::string const& path, TaskId const& task,
                                      ClaimId const& claim);

/// Gives ready tasks to idle sessions.
void dispatch(Step& step);

void on_task_claimed(Step& step, event::TaskClaimed const& claimed);
/// For a session that is not in recovery.
void on_task_delivered(Step& step, event::PromptDelivered const& delivered);

/// Its prompt has arrived.
void note_given(Step& step, TaskId const& id, Moment given_at);

}  // namespace failover::core
