#pragma once

#include "core/candidates.hpp"
#include "core/config.hpp"
#include "core/restraint.hpp"
#include "core/state.hpp"

#include <optional>
#include <vector>

/// Whether to change the account, and to which: a function of what is known, nothing else.
///
/// A wanted swap that is not made has a reason by name.
namespace failover::core {

/// An agent that renews its login may be refused before it reads the new one: so long its account is not left.
inline constexpr Duration login_patience = std::chrono::minutes{1};

struct Decision {
  Refusal refusal = Refusal::none;
  AccountName to = {};
  std::optional<Moment> again_at = {};  ///< when a refusal by time ends
  SwapCause cause = SwapCause::exhausted;
  std::vector<Considered> considered = {};
  bool operator==(Decision const&) const = default;
};

/// Why the active account ought to be left; nothing while it serves.
[[nodiscard]] std::optional<SwapCause> cause_to_leave(Config const& config, State const& state, Now now);

/// Whether the active account must be left, and for which. Nothing while the active one serves.
[[nodiscard]] std::optional<Decision> decide(Config const& config, State const& state, Now now, bool dry_run);

/// What a swap that the operator asks for would come to: to that account, or to the best one when it is empty.
[[nodiscard]] Decision decide_for_operator(Config const& config, State const& state, AccountName const& to, Now now,
                                           bool dry_run);

}  // namespace failover::core
