#include "adapters/queue_dir.hpp"

#include "adapters/queue_moves.hpp"
#include "adapters/queue_places.hpp"

namespace failover::adapters {

QueueDirectory::QueueDirectory(std::string root, core::DispatcherConfig const& config)
    : root_(root), scanner_(std::move(root), static_cast<std::size_t>(config.max_task_bytes)) {}

core::Result<void> QueueDirectory::prepare() const {
  return prepare_queue(root_);
}

core::Result<core::QueueListing> QueueDirectory::scan(core::Now now) {
  return scanner_.scan(now);
}

core::Result<std::string> QueueDirectory::claim(core::TaskFile const& task, core::ClaimId const& claim) const {
  return claim_task(root_, task, claim);
}

core::Result<void> QueueDirectory::move(core::TaskFile const& task, core::TaskResult const& result) const {
  return move_task(root_, task, result);
}

core::Result<std::size_t> QueueDirectory::remove_finished(std::vector<core::TaskFile> const& tasks) const {
  return remove_finished_tasks(root_, tasks);
}

}  // namespace failover::adapters
