#include "core/decision.hpp"

#include <algorithm>

namespace failover::core {
namespace {

/// The best of the reasons for which there is no candidate: one that passes by itself before one that does not.
Refusal why_nobody(std::vector<Considered> const& considered) {
  auto const any = [&](Fitness fitness) {
    return std::any_of(considered.begin(), considered.end(), [&](auto const& one) { return one.fitness == fitness; });
  };
  if (any(Fitness::straight_return)) return Refusal::straight_return;
  if (any(Fitness::no_headroom) || any(Fitness::headroom_unknown)) return Refusal::no_headroom;
  return Refusal::no_account_left;
}

/// Without what only the operator or the program's own state refuses.
std::optional<Refusal> cannot_swap(Config const& config, State const& state) {
  if (!state.live.accounts_known) return Refusal::accounts_unknown;
  if (config.switching.mode == SwitchMode::link && !state.live.accounts.link_target) return Refusal::link_unusable;
  if (state.swap) return Refusal::swap_in_progress;
  return std::nullopt;
}

}  // namespace

std::optional<SwapCause> cause_to_leave(Config const& config, State const& state, Now now) {
  auto const* const configured = find_account(config, state.active);
  auto const account = state.accounts.find(state.active);
  bool const known = account != state.accounts.end();
  if (known) {
    switch (account->second.kind) {
      case StandingKind::exhausted:
        return SwapCause::exhausted;
      case StandingKind::spend_blocked:
        return SwapCause::spend_blocked;
      case StandingKind::auth_broken:
        if (elapsed(account->second.since, now) < login_patience) return std::nullopt;
        return SwapCause::auth_broken;
      case StandingKind::available:
        break;
    }
  }
  if (configured == nullptr) return std::nullopt;
  if (configured->disabled || (known && account->second.disabled)) return SwapCause::disabled;
  auto const use = fresh_use(state, state.active, now);
  if (!use) return std::nullopt;
  bool const reserved = configured->reserve > 0 && *use >= static_cast<double>(100 - configured->reserve);
  bool const full = config.quota.leave_at > 0 && *use >= static_cast<double>(config.quota.leave_at);
  if (reserved || full) return SwapCause::leaving_early;
  return std::nullopt;
}

std::optional<Decision> decide(Config const& config, State const& state, Now now, bool dry_run) {
  if (!state.live.accounts_known) return std::nullopt;
  auto const cause = cause_to_leave(config, state, now);
  if (!cause) return std::nullopt;
  Decision decision;
  decision.cause = *cause;
  if (auto const refusal = cannot_swap(config, state)) {
    decision.refusal = *refusal;
    return decision;
  }
  decision.considered = consider_accounts(config, state, state.active, *cause, now);
  if (decision.considered.empty() || decision.considered.front().fitness != Fitness::fit) {
    decision.refusal = why_nobody(decision.considered);
    if (decision.refusal == Refusal::straight_return) {
      auto const since = swap_to_active(state)->decided;
      decision.again_at = Moment{since.wall + config.switching.dwell, since.mono + config.switching.dwell};
    }
    return decision;
  }
  decision.to = decision.considered.front().account;
  if (auto const restraint = restrained(config, state, decision.to, *cause, now)) {
    decision.refusal = restraint->refusal;
    decision.again_at = restraint->until;
  } else if (dry_run) {
    decision.refusal = Refusal::dry_run;
  }
  return decision;
}

Decision decide_for_operator(Config const& config, State const& state, AccountName const& to, Now now, bool dry_run) {
  Decision decision;
  decision.cause = SwapCause::operator_asked;
  decision.to = to;
  if (auto const refusal = cannot_swap(config, state)) {
    decision.refusal = *refusal;
    return decision;
  }
  decision.considered = consider_accounts(config, state, state.active, SwapCause::operator_asked, now);
  auto const& list = decision.considered;
  auto const chosen =
      std::find_if(list.begin(), list.end(), [&](Considered const& one) { return to.empty() || one.account == to; });
  if (chosen == list.end()) {
    decision.refusal = list.empty() ? Refusal::no_account_left : Refusal::unknown_account;
  } else if (chosen->fitness != Fitness::fit) {
    decision.refusal = to.empty() ? Refusal::no_account_left : Refusal::unfit;
  } else {
    decision.to = chosen->account;
    if (state.brake.on) decision.refusal = Refusal::brake;
    if (dry_run) decision.refusal = Refusal::dry_run;
  }
  return decision;
}

}  // namespace failover::core
