#include "adapters/queue_signal.hpp"

#include "adapters/atomic_file.hpp"
#include "adapters/directory.hpp"
#include "adapters/queue_names.hpp"
#include "adapters/queue_places.hpp"

#include <algorithm>

namespace failover::adapters {

core::Result<std::string> write_task_signal(std::string const& root, core::TaskId const& task, TaskEnd end,
                                            std::string_view reason) {
  auto const claimed = open_queue_place(root, "claimed");
  if (!claimed) return claimed.error();
  auto const names = list_names(*claimed, root + "/claimed", 100'000);
  if (!names) return names.error();
  core::ClaimId claim;  // of several the newest: claims are ULIDs
  for (auto const& name : *names)
    if (auto const parts = parse_claimed_name(name); parts && parts->id == task) claim = std::max(claim, *parts->claim);
  if (claim.empty())
    return core::Error{core::ErrorKind::not_found,
                       "task " + task.str() + " is not in " + root + "/claimed: no session works on it"};
  if (auto const signals = open_queue_place(root, "signals"); !signals) return signals.error();
  auto path = root + "/signals/" + task.str() + "." + claim.str() + (end == TaskEnd::done ? ".done" : ".failed");
  if (auto written = write_file_atomically(path, reason); !written) return written.error();
  return path;
}

}  // namespace failover::adapters
