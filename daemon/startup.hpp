#pragma once

#include "core/config.hpp"
#include "daemon/exit_code.hpp"

#include <optional>
#include <string>

/// What must be right before the daemon touches anything: each fault is one line with the cure.
namespace failover::daemon {

struct StartFault {
  ExitCode code = ExitCode::failed;
  std::string text = {};
  bool operator==(StartFault const&) const = default;
};

/// Whether a program is found in `PATH` (or is an executable file, when its name has a slash).
[[nodiscard]] bool program_found(std::string const& name);

/// tmux installed, every account's directory present and no other's, the switch link a link that leads straight to one
/// of them. Changes nothing.
[[nodiscard]] std::optional<StartFault> check_start(core::Config const& config);

}  // namespace failover::daemon
