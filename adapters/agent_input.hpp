#pragma once

#include "core/time.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// Standard input as an agent gives it to the commands in its settings.
namespace failover::adapters {

/// Reads standard input to its end, for at most `time`. Nothing when it is a terminal, does not end in time or has more
/// than `most` bytes (which are read over, so that the agent's write does not fail).
[[nodiscard]] std::optional<std::string> read_agent_input(std::size_t most, core::Duration time);

/// Becomes another program, which reads the same standard input, byte for byte as it comes, and whose output and exit
/// code are this process's own.
///
/// `collected` gets a copy of the input (nothing when it was more than `most` bytes) in a process apart, which holds
/// neither standard output nor error, so that whatever it does, or its end, shows nowhere. Returns only when `argv`
/// cannot be run, with the exit code that a shell would give (126, 127), after a line on standard error like a shell's.
[[nodiscard]] int become_command(std::vector<std::string> argv, std::size_t most,
                                 std::function<void(std::optional<std::string>)> const& collected);

}  // namespace failover::adapters
