#pragma once

#include "core/config.hpp"
#include "core/world.hpp"

namespace failover::adapters {

/// Looks at the switch link and at every account's directory.
///
/// The link's target comes as an absolute, lexically normal path that is not resolved any further; something at the
/// link's place that is no symlink is already_exists, nothing there is not_found. An account counts as logged in when
/// its directory holds a `.credentials.json`, which is never opened. A few system calls that block as little as the
/// file system does.
[[nodiscard]] core::AccountsListing read_accounts(core::Config const& config);

}  // namespace failover::adapters
