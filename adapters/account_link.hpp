#pragma once

#include "adapters/login_identity.hpp"
#include "core/config.hpp"
#include "core/world.hpp"

namespace failover::adapters {

/// Looks at the switch link and at every account's directory, and remembers whose logins they hold.
///
/// The link's target comes as an absolute, lexically normal path that is not resolved any further; something at the
/// link's place that is no symlink is already_exists, nothing there is not_found. An account counts as logged in when
/// its directory holds a `.credentials.json` with something in it, which is never opened; whose login it is comes from
/// `.claude.json`, see LoginIdentities. A few system calls that block as little as the file system does. Not for use by
/// two threads at a time.
class AccountsReader {
 public:
  [[nodiscard]] core::AccountsListing read(core::Config const& config);

 private:
  LoginIdentities identities_ = {};
};

/// One look without a memory.
[[nodiscard]] core::AccountsListing read_accounts(core::Config const& config);

}  // namespace failover::adapters
