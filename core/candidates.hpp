#pragma once

#include "core/config.hpp"
#include "core/state.hpp"

#include <optional>
#include <vector>

/// Which accounts may be switched to, in which order, and why not the others.
namespace failover::core {

/// Fit, or what keeps an account from being used at all, whatever it would be used instead of.
[[nodiscard]] Fitness standing_fitness(Config const& config, State const& state, AccountName const& account);

/// Whether an account may be used: known, on, with quota, its directory present and logged in.
[[nodiscard]] bool usable(Config const& config, State const& state, AccountName const& account);

/// The swap that led to the active account, past those that failed; null when none did, as far as is known.
[[nodiscard]] Swap const* swap_to_active(State const& state);

/// How much of its fullest window an account has used, in percent, as far as agents told; a window whose reset has
/// passed since then is empty again. Nothing where nobody told.
[[nodiscard]] std::optional<double> used_percent(State const& state, AccountName const& account, WallTime now);

/// The same while the figures are fresh enough to leave an account by.
[[nodiscard]] std::optional<double> fresh_use(State const& state, AccountName const& account, Now now);

/// All accounts of the configuration as candidates for leaving `from` for that cause: those that are fit first, in the
/// order of switch.strategy, then the others in the order of the configuration.
///
/// What is not known of an account's use counts as half used where that decides an order.
[[nodiscard]] std::vector<Considered> consider_accounts(Config const& config, State const& state,
                                                        AccountName const& from, SwapCause cause, Now now);

}  // namespace failover::core
