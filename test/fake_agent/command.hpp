#pragma once

#include "clock.hpp"

#include <string>

namespace failover::fake_agent {

struct CommandResult {
  int status = -1;  ///< exit code; -1 when it was killed or could not start
  bool timed_out = false;
  std::string output = {};  ///< at most 64 KiB
};

/// Runs `command` by /bin/sh -c with `input` on its standard input, and waits for it at most `limit`; then its process
/// group is killed. What it leaves in the background lives on.
[[nodiscard]] CommandResult run_command(std::string const& command, std::string const& input, Milliseconds limit);

}  // namespace failover::fake_agent
