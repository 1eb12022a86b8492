#pragma once

#include "core/config.hpp"
#include "core/event.hpp"
#include "core/step.hpp"
#include "core/task.hpp"

#include <vector>

namespace failover::core {

/// What may be removed from the queue's past: finished tasks beyond the newest `keep_newest` that are also older than
/// `keep_for`, of more than max_removed_at_once the oldest. Never one of pending, claimed or held, nor one that such
/// a task comes after.
[[nodiscard]] std::vector<TaskFile> removable(JanitorConfig const& config, std::vector<TaskFile> const& tasks,
                                              WallTime now);

inline constexpr std::size_t max_removed_at_once = 500;

/// Asks for the removal when its time has come; with `dry_run` only says what it would remove.
void clean_up(Step& step);
void on_finished_removed(Step& step, event::FinishedRemoved const& removed);

}  // namespace failover::core
