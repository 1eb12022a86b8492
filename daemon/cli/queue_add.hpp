#pragma once

#include "core/config.hpp"
#include "daemon/cli/check_config.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace failover::daemon {

struct QueueAddOptions {
  std::vector<std::string> files = {};  ///< `-` is standard input
  std::optional<std::string> session = {};
  std::optional<std::int64_t> priority = {};
};

/// Puts task files into the queue, with or without a daemon; a queue that is not there yet is made. Prints their ids,
/// one a line.
///
/// Each file is read as the daemon will read it, before anything is written, and one fault keeps all of them out:
/// `file:line:col: message`, exit code 78. Where the disk fails in between, those whose ids are printed are in.
/// `session` and `priority` take the place of what a file says; 64 for a value that no task may have. Otherwise 74, 75,
/// 77 as for other files.
[[nodiscard]] CommandOutput queue_add(core::Config const& config, QueueAddOptions const& options);

}  // namespace failover::daemon
