#pragma once

#include "adapters/paths.hpp"

#include <string>

namespace failover::daemon {

enum class ReportFormat { text, json };

/// What a command prints, and its exit code.
struct CommandOutput {
  int exit_code = 0;
  std::string out = {};  ///< data, for standard output
  std::string err = {};  ///< everything else
  bool operator==(CommandOutput const&) const = default;
};

/// Every mistake of the configuration at `path` at once: as lines `file:line:col: message` on `err`, or as a JSON array
/// of {"file", "line", "column", "message"} on `out`, which is empty for a good file. Exit code 0; 78 for mistakes and
/// for a file that is missing or no file; 74 when it cannot be read.
[[nodiscard]] CommandOutput check_config(std::string const& path, ReportFormat format,
                                         adapters::PathContext const& context);

/// The command: checks `path`, "" meaning the default one, prints, and returns the exit code.
[[nodiscard]] int run_check_config(std::string const& path, bool json);

}  // namespace failover::daemon
