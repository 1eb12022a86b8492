#pragma once

#include "core/event.hpp"
#include "core/step.hpp"

/// What the operator asks for, but for swaps (core/swap.hpp). All of it is saved, and holds until he says otherwise.
namespace failover::core {

/// Off: nothing new is begun on the account, and it is left between two turns. On: it counts as available, whatever was
/// reported of it, and one session tries it first.
void on_account_switched(Step& step, event::AccountSwitched const& switched);

/// On: everything is watched, nothing is changed; what was asked for before still gets its answer.
void on_brake_set(Step& step, event::BrakeSet const& set);

/// Held: no key, no start, no task. Released: its next screen says how it stands, and its starts count anew.
void on_session_switched(Step& step, event::SessionSwitched const& switched);

}  // namespace failover::core
