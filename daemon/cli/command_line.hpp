#pragma once

namespace failover::daemon {

/// Parses the arguments, runs the command, returns the program's exit code (64 for wrong usage).
[[nodiscard]] int run_command_line(int argc, char const* const* argv);

}  // namespace failover::daemon
