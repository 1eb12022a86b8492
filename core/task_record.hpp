#pragma once

#include "core/step.hpp"

#include <string>
#include <string_view>

/// What is remembered of a task while it runs, for its result.
namespace failover::core {

/// On which account its session works now, and whether it stands for want of quota, which is no part of its time.
void note_progress(Step& step, TaskId const& id);

/// How long it has run, without the time that its session waited for quota.
[[nodiscard]] Duration time_spent(TaskState const& task, Now now);

/// Adds what an answer in the session's conversation cost to the session's task; each answer once.
void count_tokens(Step& step, SessionState const& session, TranscriptRow const& row);

/// By which sign a task ended, with what was said to it: of that the first 200 characters, on one line.
[[nodiscard]] std::string with_reason(std::string sign, std::string_view said);

/// The result of a task that ends now.
[[nodiscard]] TaskResult result_of(State const& state, TaskState const& task, TaskPlace place, std::string reason,
                                   Now now);

}  // namespace failover::core
