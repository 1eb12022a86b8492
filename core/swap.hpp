#pragma once

#include "core/event.hpp"
#include "core/step.hpp"

#include <optional>
#include <string>
#include <string_view>

/// The decision to change the account, and the change itself.
///
/// planned (saved) → flipped → recovering → done | aborted. Each step may be repeated: after a crash the link on disk
/// tells how far a planned swap came. A wanted swap that is not made has a reason by name.
namespace failover::core {

/// Why a wanted swap is not made now. Words of /status, the log and the counters.
enum class Refusal {
  none,
  dry_run,
  accounts_unknown,
  link_unusable,
  swap_in_progress,
  cooldown,
  budget_hour,
  budget_day,
  no_account_left
};
[[nodiscard]] std::string_view to_string(Refusal refusal);

struct Decision {
  Refusal refusal = Refusal::none;
  AccountName to = {};
  std::optional<Moment> again_at = {};  ///< when a refusal by time ends
  bool operator==(Decision const&) const = default;
};

/// Whether the active account must be left, and for which. Nothing while the active one serves.
/// Candidates in the order of the configuration: usable, and not the same login as the spent one.
[[nodiscard]] std::optional<Decision> decide(Config const& config, State const& state, Now now, bool dry_run);

/// Acts on the decision: plans a swap, or says once why not and, with nobody left, holds.
void consider_swap(Step& step);

/// The accounts were read: the link is the truth about which one is active.
void on_accounts_read(Step& step, event::AccountsRead const& read);
void on_link_flipped(Step& step, event::LinkFlipped const& flipped);

/// Ends a swap whose sessions have all been brought back or held.
void finish_swap(Step& step);

/// When the time alone can change the decision.
[[nodiscard]] std::optional<MonoTime> swap_deadline(Config const& config, State const& state, Now now);

}  // namespace failover::core
