#pragma once

#include <string>
#include <vector>

/// A tmux server that we start must outlive us: what a service starts lives in the service's control group, and ends
/// with it or is held by its limits. systemd gives a program a scope of its own when it is asked to.
namespace failover::core {

/// What is known of the service manager, and of our own place in it.
struct ScopeMeans {
  bool in_service = false;    ///< this process was started by systemd
  bool systemd_run = false;   ///< the program is installed
  bool user_manager = false;  ///< the user's own systemd can be asked
  bool operator==(ScopeMeans const&) const = default;
};

/// Whether a server ought to get a scope of its own, and can.
[[nodiscard]] bool wants_own_scope(ScopeMeans const& means);

/// The command line that runs argv in a scope of its own.
[[nodiscard]] std::vector<std::string> in_own_scope(std::vector<std::string> const& argv);

}  // namespace failover::core
