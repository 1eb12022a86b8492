#pragma once

#include <string>

#include <sys/types.h>

namespace failover::adapters {

/// The control group of a process, as systemd has it: "" where it cannot be told.
[[nodiscard]] std::string control_group_of(pid_t process);

}  // namespace failover::adapters
