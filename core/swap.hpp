#pragma once

#include "core/decision.hpp"
#include "core/event.hpp"
#include "core/step.hpp"

#include <optional>

/// The change of the account.
///
/// planned (saved) → flipped → recovering → done | aborted. Each step may be repeated: after a crash the link on disk
/// tells how far a planned swap came. Without a link (SwitchMode::per_session) the saved state is all there is to move.
namespace failover::core {

/// Acts on the decision: plans a swap, or says once why not and, with nobody left, holds.
void consider_swap(Step& step);

/// Makes the swap that the operator asked for, or logs why not.
void on_swap_asked(Step& step, event::SwapAsked const& asked);

/// The accounts were read: the link is the truth about which one is active.
void on_accounts_read(Step& step, event::AccountsRead const& read);
void on_link_flipped(Step& step, event::LinkFlipped const& flipped);

/// Ends a swap whose sessions have all been brought back or held.
void finish_swap(Step& step);

/// When the time alone can change the decision.
[[nodiscard]] std::optional<MonoTime> swap_deadline(Config const& config, State const& state, Now now);

}  // namespace failover::core
