#pragma once

#include "adapters/history_sharing.hpp"
#include "core/config.hpp"

#include <string>
#include <vector>

/// Where the accounts' histories lie, as they are found.
namespace failover::adapters {

/// Beside `projects`, while it is exchanged for the link (first the link, then the account's own directory).
[[nodiscard]] std::string sharing_name(std::string const& projects);

/// Beside `projects`, on the way back (first the copy, then the link).
[[nodiscard]] std::string separating_name(std::string const& projects);

/// Where the account's own directory stays.
[[nodiscard]] std::string kept_name(std::string const& projects);

/// The directory that the accounts' links lead to, where it is one and in no account; else the default.
[[nodiscard]] std::string shared_directory_of(core::Config const& config);

/// `invalid` for a shared directory that cannot be one.
[[nodiscard]] core::Result<void> check_shared_directory(core::Config const& config, std::string const& shared);

/// One for each account, in order, with its state, and `refused` where it is none that can be worked with.
[[nodiscard]] std::vector<AccountHistory> look_at_histories(core::Config const& config, std::string const& shared);

}  // namespace failover::adapters
