#pragma once

#include "core/config.hpp"
#include "core/examine_accounts.hpp"

#include <string>
#include <vector>

namespace failover::adapters {

/// Reads an account's settings.json for `doctor`; an account without one has none of ours. `variables` are those of its
/// `env` that are looked for; what they hold is not kept.
[[nodiscard]] core::SettingsFacts look_at_settings(core::AccountConfig const& account,
                                                   std::vector<std::string> const& variables);

}  // namespace failover::adapters
