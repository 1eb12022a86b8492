#pragma once

#include "core/result.hpp"
#include "core/world.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace failover::adapters {

/// What /proc/PID/stat says of a process.
struct ProcessStat {
  std::string program = {};  ///< the kernel's short name: of a script with `#!` the script's
  char state = '?';
  pid_t group = 0;
  pid_t session = 0;
  pid_t foreground = 0;      ///< the group that its terminal listens to; 0 without a terminal
  std::int64_t started = 0;  ///< clock ticks after the boot
  /// Not yet ended, waited for or not.
  [[nodiscard]] bool lives() const { return state != 'Z' && state != 'X' && state != 'x'; }
};

/// not_found: there is no such process. Other errors: it could not be told.
[[nodiscard]] core::Result<ProcessStat> process_stat(pid_t pid);

/// Whether this very process has not ended, as far as can be told: where it cannot be, it runs. One whose start is not
/// known counts as it when its number is in use.
[[nodiscard]] bool still_runs(core::ProcessRef const& process);

/// The number that a name below /proc stands for.
[[nodiscard]] std::optional<pid_t> process_number(std::string_view name);

}  // namespace failover::adapters
