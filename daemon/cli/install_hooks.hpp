#pragma once

#include "adapters/hook_settings.hpp"
#include "core/config.hpp"
#include "daemon/cli/check_config.hpp"

#include <string>
#include <vector>

namespace failover::daemon {

enum class HookAction { add, remove };

struct InstallHooksOptions {
  HookAction action = HookAction::add;
  adapters::TheirStatusLine theirs = adapters::TheirStatusLine::keep;
  bool dry_run = false;  ///< say what would change, line by line, and change nothing
  ReportFormat format = ReportFormat::text;
};

/// Edits the settings of each account and tells what was done, a line an account, or with JSON one array of an object
/// an account. A file that two accounts share is edited once. One that cannot be edited is told on `err`, the others
/// go on, and the exit code is that of the first failure: 73, 74, 75 (changed meanwhile), 77 or 78.
[[nodiscard]] CommandOutput install_hooks(std::vector<core::AccountConfig> const& accounts,
                                          adapters::HookCommands const& commands, InstallHooksOptions const& options);

/// The command: of the account of that name, or with "" of all. Prints, and returns the exit code: also 64 for a name
/// that no account has.
[[nodiscard]] int run_install_hooks(core::Config const& config, std::string const& account,
                                    InstallHooksOptions const& options);

}  // namespace failover::daemon
