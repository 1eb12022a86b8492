#pragma once

#include "adapters/paths.hpp"
#include "core/server_scope.hpp"

namespace failover::adapters {

/// Looks at the environment that systemd gives to what it starts, for `systemd-run` in `$PATH`, and for the sockets of
/// the user's own systemd or bus in `$XDG_RUNTIME_DIR`. Nobody is asked anything.
[[nodiscard]] core::ScopeMeans scope_means_from(EnvironmentLookup const& lookup);

/// The same of this process.
[[nodiscard]] core::ScopeMeans scope_means();

}  // namespace failover::adapters
