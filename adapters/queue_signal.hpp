#pragma once

#include "core/names.hpp"
#include "core/result.hpp"

#include <string>
#include <string_view>

namespace failover::adapters {

/// How an agent says that its task is over.
enum class TaskEnd { done, failed };

/// Writes the signal file of the task's present claim, with the reason in it, and returns its path: the same as the
/// agent's own. A daemon takes it at its next scan. not_found when the task is not claimed, so nobody works on it.
[[nodiscard]] core::Result<std::string> write_task_signal(std::string const& root, core::TaskId const& task,
                                                          TaskEnd end, std::string_view reason);

}  // namespace failover::adapters
