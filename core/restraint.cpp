#include "core/restraint.hpp"

#include "core/enum_names.hpp"

#include <algorithm>
#include <vector>

namespace failover::core {
namespace {

constexpr EnumNames<Refusal, 19> refusals{{
    {Refusal::none, "none"},
    {Refusal::dry_run, "dry_run"},
    {Refusal::brake, "brake"},
    {Refusal::accounts_unknown, "accounts_unknown"},
    {Refusal::link_unusable, "link_unusable"},
    {Refusal::swap_in_progress, "swap_in_progress"},
    {Refusal::operators_choice, "operators_choice"},
    {Refusal::frozen, "frozen"},
    {Refusal::ping_pong, "ping_pong"},
    {Refusal::cooldown, "cooldown"},
    {Refusal::budget_hour, "budget_hour"},
    {Refusal::budget_day, "budget_day"},
    {Refusal::dwell, "dwell"},
    {Refusal::turn_running, "turn_running"},
    {Refusal::straight_return, "straight_return"},
    {Refusal::no_headroom, "no_headroom"},
    {Refusal::no_account_left, "no_account_left"},
    {Refusal::unknown_account, "unknown_account"},
    {Refusal::unfit, "unfit"},
}};

/// Two swaps there and back within this time, and a third would be a ping-pong.
constexpr Duration ping_pong_window = std::chrono::hours{1};

Moment later(Moment moment, Duration by) {
  return {moment.wall + by, moment.mono + by};
}

std::optional<Restraint> lasting(Refusal refusal, Moment since, Duration length, Now now) {
  if (elapsed(since, now) >= length) return std::nullopt;
  return Restraint{refusal, later(since, length)};
}

/// Nothing while fewer than `limit` swaps lie within the window; else until the oldest of them leaves it.
std::optional<Restraint> spent(Refusal refusal, State const& state, std::int64_t limit, Duration window, Now now) {
  std::vector<Moment> recent;
  for (auto const& swap : state.past_swaps)
    if (swap.cause != SwapCause::operator_asked && elapsed(swap.decided, now) < window) recent.push_back(swap.decided);
  if (std::ssize(recent) < limit) return std::nullopt;
  return Restraint{refusal, later(recent[recent.size() - static_cast<std::size_t>(limit)], window)};
}

bool would_be_ping_pong(State const& state, AccountName const& to, Now now) {
  std::vector<Swap const*> made;  // a failed one changed nothing
  for (auto const& swap : state.past_swaps)
    if (swap.phase == SwapPhase::done) made.push_back(&swap);
  if (made.size() < 2) return false;
  auto const& there = *made[made.size() - 2];
  auto const& back = *made.back();
  bool const took_turns = there.from == state.active && there.to == to && back.from == to && back.to == state.active;
  bool const by_a_person = there.cause == SwapCause::operator_asked || back.cause == SwapCause::operator_asked;
  return took_turns && !by_a_person && elapsed(there.decided, now) < ping_pong_window;
}

std::optional<Restraint> restrained_by_person(Config const& config, State const& state, SwapCause cause, Now now) {
  if (state.brake.on) return Restraint{Refusal::brake, {}};
  bool const changed_his_mind = cause == SwapCause::disabled;
  if (!state.choice || state.choice->account != state.active || changed_his_mind) return std::nullopt;
  return lasting(Refusal::operators_choice, state.choice->at, config.switching.dwell, now);
}

/// Nobody waits for a swap of these causes, so it can wait for a good moment.
std::optional<Restraint> restrained_by_ease(Config const& config, State const& state, SwapCause cause, Now now) {
  if (cause == SwapCause::leaving_early)
    if (auto const dwell = lasting(Refusal::dwell, state.active_since, config.switching.dwell, now)) return dwell;
  bool const eases = cause == SwapCause::leaving_early || cause == SwapCause::disabled;
  if (eases && !between_turns(state, state.active)) return Restraint{Refusal::turn_running, {}};
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Refusal refusal) {
  return name_of(refusals, refusal);
}

bool between_turns(State const& state, AccountName const& account) {
  return std::none_of(state.sessions.begin(), state.sessions.end(), [&](auto const& entry) {
    auto const& session = entry.second;
    bool const in_a_turn = session.phase == Phase::working || session.phase == Phase::waiting_permission;
    // What is held or stalled may run all the same.
    bool const seen_in_a_turn = session.reading && (session.reading->seen.state == ScreenState::working ||
                                                    session.reading->seen.state == ScreenState::permission_prompt);
    bool const about_to_run = session.recovery.has_value();
    bool const not_seen = session.pane && !session.reading;
    return session.account == account &&
           (in_a_turn || seen_in_a_turn || about_to_run || not_seen || session.busy_with_effect);
  });
}

std::optional<Restraint> restrained(Config const& config, State const& state, AccountName const& to, SwapCause cause,
                                    Now now) {
  if (auto const restraint = restrained_by_person(config, state, cause, now)) return restraint;
  if (state.frozen_since)
    if (auto const frozen = lasting(Refusal::frozen, *state.frozen_since, config.switching.freeze, now)) return frozen;
  if (!state.past_swaps.empty()) {
    auto const& last = state.past_swaps.back();
    if (auto const cooling = lasting(Refusal::cooldown, last.decided, config.quota.reactivate_cooldown, now))
      return cooling;
  }
  if (auto const hour = spent(Refusal::budget_hour, state, config.switching.max_per_hour, std::chrono::hours{1}, now))
    return hour;
  if (auto const day = spent(Refusal::budget_day, state, config.switching.max_per_day, std::chrono::hours{24}, now))
    return day;
  if (auto const ease = restrained_by_ease(config, state, cause, now)) return ease;
  if (would_be_ping_pong(state, to, now)) return Restraint{Refusal::ping_pong, later(now, config.switching.freeze)};
  return std::nullopt;
}

}  // namespace failover::core
