#pragma once

#include "core/config.hpp"
#include "core/state.hpp"

#include <optional>
#include <string_view>

/// The memory against thrash: what keeps a wanted swap from being made now.
///
/// All of it is measured from moments that are saved, on the clock that never jumps, so neither a restart nor a step of
/// the wall clock stretches or voids it. A swap that failed counts like one that was made: the link may have moved.
namespace failover::core {

/// Why a wanted swap is not made now. Words of /status, the log and the counters.
enum class Refusal {
  none,
  dry_run,
  brake,  ///< the operator's
  accounts_unknown,
  link_unusable,
  swap_in_progress,
  operators_choice,  ///< a person switched to this account less than switch.dwell ago
  frozen,            ///< two accounts took turns: switch.freeze
  ping_pong,         ///< they would do so now
  cooldown,
  budget_hour,
  budget_day,
  dwell,         ///< left early only after switch.dwell
  turn_running,  ///< left early only between two turns
  straight_return,
  no_headroom,
  no_account_left,
  // Of an account that the operator names:
  unknown_account,
  unfit
};
[[nodiscard]] std::string_view to_string(Refusal refusal);

struct Restraint {
  Refusal refusal = Refusal::none;
  std::optional<Moment> until = {};  ///< nothing: not ended by time alone
  bool operator==(Restraint const&) const = default;
};

/// What keeps the active account from being left for `to` for that cause; nothing while nothing does. The operator's
/// own swaps are not restrained.
[[nodiscard]] std::optional<Restraint> restrained(Config const& config, State const& state, AccountName const& to,
                                                  SwapCause cause, Now now);

/// Whether nobody's turn runs on the account, so that nobody's context is moved in the middle of one.
[[nodiscard]] bool between_turns(State const& state, AccountName const& account);

}  // namespace failover::core
