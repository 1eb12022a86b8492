#pragma once

#include "core/names.hpp"
#include "core/result.hpp"
#include "core/task.hpp"

#include <cstddef>
#include <string>
#include <vector>

/// The changes of the queue. Each is one durable rename, with what belongs to it done before or after so that a crash
/// in between is mended by doing it again.
namespace failover::adapters {

[[nodiscard]] core::Result<std::string> claim_task(std::string const& root, core::TaskFile const& task,
                                                   core::ClaimId const& claim);
[[nodiscard]] core::Result<void> move_task(std::string const& root, core::TaskFile const& task,
                                           core::TaskResult const& result);
[[nodiscard]] core::Result<std::size_t> remove_finished_tasks(std::string const& root,
                                                              std::vector<core::TaskFile> const& tasks);

}  // namespace failover::adapters
