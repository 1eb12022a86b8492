#pragma once

#include "core/result.hpp"

namespace failover::daemon {

/// Exit codes of every command; the numbers of sysexits.h.
enum class ExitCode {
  ok = 0,
  failed = 1,
  usage = 64,
  no_tmux = 69,
  bug = 70,
  cannot_create = 73,
  io = 74,
  try_again = 75,  ///< locked, or a port in use
  permission = 77,
  configuration = 78
};

/// The code that a failure of this kind ends a command with.
[[nodiscard]] ExitCode exit_code_of(core::ErrorKind kind);

}  // namespace failover::daemon
