#pragma once

#include "core/result.hpp"
#include "daemon/cli/check_config.hpp"
#include "daemon/exit_code.hpp"

#include <string>

namespace failover::daemon {

/// What a command says that could do nothing: the text on `err`, or with JSON {"error": text} on `out`.
[[nodiscard]] CommandOutput failure(std::string const& text, ExitCode exit_code, ReportFormat format);
[[nodiscard]] CommandOutput failure(core::Error const& error, ReportFormat format);

/// Prints what a command has to say and gives its exit code.
[[nodiscard]] int print(CommandOutput const& output);

}  // namespace failover::daemon
