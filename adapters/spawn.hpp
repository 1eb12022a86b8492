#pragma once

#include "adapters/unique_fd.hpp"
#include "core/result.hpp"

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace failover::adapters {

/// Which of the child's streams are pipes to us; the others are /dev/null, but stdout is always a pipe.
struct ChildPipes {
  bool in = true;
  bool err = true;
};

/// A child that runs and is the caller's to kill and to reap.
struct SpawnedChild {
  pid_t pid = -1;
  UniqueFd pidfd = {};  ///< readable once the child has ended
  UniqueFd in = {};     ///< our ends of its streams, close-on-exec
  UniqueFd out = {};
  UniqueFd err = {};
};

/// Starts a program: the only place that spawns.
///
/// argv[0] is looked up in PATH; no shell is involved. The child leads a process group of its own, has default signal
/// handlers, an empty signal mask, no descriptor of ours beside 0, 1 and 2, and our environment without the service
/// manager's own variables. Errors: `not_found` (no such program), `permission`, `unavailable` (no process or
/// descriptor to be had). Ignores SIGPIPE for the whole process from the first call on.
[[nodiscard]] core::Result<SpawnedChild> spawn(std::vector<std::string> argv, ChildPipes pipes);

/// Kills the child's whole process group.
void kill_group(pid_t pid);

/// Exit code, or 128 + number of the signal that ended it, when it has ended; from then on the pid is nobody's.
[[nodiscard]] std::optional<int> reap(pid_t pid);

/// Whether the child has ended. It stays unreaped and so keeps its number: the group that a deadline may still have to
/// kill cannot be somebody else's. Readiness of a pidfd is a hint: this looks without blocking.
[[nodiscard]] bool has_ended(int pidfd);

}  // namespace failover::adapters
