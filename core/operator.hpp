#pragma once

#include "core/decision.hpp"
#include "core/event.hpp"
#include "core/step.hpp"

#include <optional>
#include <string>

/// What the operator asks for, but for swaps (core/swap.hpp). All of it is saved, and holds until he says otherwise.
namespace failover::core {

/// Why the operator's word cannot be carried out: a word for programs and a sentence with the cure.
struct Refused {
  std::string code = {};
  std::string text = {};
  bool operator==(Refused const&) const = default;
};

[[nodiscard]] std::optional<Refused> fault_of(Config const& config, event::AccountSwitched const& asked);
[[nodiscard]] std::optional<Refused> fault_of(State const& state, event::SessionSwitched const& asked);
/// Of what decide_for_operator says about a swap.
[[nodiscard]] std::optional<Refused> fault_of(Decision const& decision);

/// Off: nothing new is begun on the account, and it is left between two turns. On: it counts as available, whatever was
/// reported of it, and one session tries it first.
void on_account_switched(Step& step, event::AccountSwitched const& switched);

/// On: everything is watched, nothing is changed; what was asked for before still gets its answer.
void on_brake_set(Step& step, event::BrakeSet const& set);

/// Held: no key, no start, no task. Released: its next screen says how it stands, and its starts count anew.
void on_session_switched(Step& step, event::SessionSwitched const& switched);

}  // namespace failover::core
