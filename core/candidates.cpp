#include "core/candidates.hpp"

#include "core/drift.hpp"

#include <algorithm>

namespace failover::core {
namespace {

constexpr double all = 100;
constexpr double unknown_use = 50;
/// Agents tell their use after each turn; figures that are older belong to a fleet at rest.
constexpr Duration figures_last = std::chrono::minutes{10};

AccountState const* known(State const& state, AccountName const& name) {
  auto const account = state.accounts.find(name);
  return account == state.accounts.end() ? nullptr : &account->second;
}

AccountDirectory const* directory_of(State const& state, AccountName const& name) {
  for (auto const& directory : state.live.accounts.directories)
    if (directory.name == name) return &directory;
  return nullptr;
}

/// A window that does not say when it resets is over after its length at the latest.
double used_now(std::optional<WindowUse> const& use, WallTime told, Duration length, WallTime now) {
  if (!use) return 0;
  auto const resets = use->resets_at != WallTime{} ? use->resets_at : told + length;
  return resets <= now ? 0 : use->used_percent;
}

std::optional<WallTime> next_refill(State const& state, AccountName const& name, WallTime now) {
  auto const* const account = known(state, name);
  if (account == nullptr || !account->use) return std::nullopt;
  for (auto const& window : {account->use->weekly, account->use->five_hour})
    if (window && window->resets_at > now) return window->resets_at;
  return std::nullopt;
}

bool left_just_now(Config const& config, State const& state, AccountName const& name, Now now) {
  auto const* const last = swap_to_active(state);
  return last != nullptr && last->from == name && elapsed(last->decided, now) < config.switching.dwell;
}

/// Whether switching there gains enough, as far as it is known.
Fitness headroom(Config const& config, State const& state, AccountConfig const& account, AccountName const& from,
                 SwapCause cause, Now now) {
  bool const early = cause == SwapCause::leaving_early;
  auto const use = used_percent(state, account.name, now.wall);
  if (!use) return early ? Fitness::headroom_unknown : Fitness::fit;
  if (account.reserve > 0 && *use >= all - static_cast<double>(account.reserve)) return Fitness::no_headroom;
  double const left = early ? used_percent(state, from, now.wall).value_or(all) : all;
  return left - *use >= static_cast<double>(config.switching.min_improvement) ? Fitness::fit : Fitness::no_headroom;
}

/// What one login has met its other names have met too.
bool is_twin_of_unusable(State const& state, AccountName const& name) {
  return std::any_of(state.accounts.begin(), state.accounts.end(), [&](auto const& entry) {
    return entry.first != name && entry.second.kind != StandingKind::available &&
           same_login(state.live.accounts, entry.first, name);
  });
}

Fitness fitness_of(Config const& config, State const& state, AccountConfig const& account, AccountName const& from,
                   SwapCause cause, Now now) {
  if (account.name == from) return Fitness::active;
  if (auto const standing = standing_fitness(config, state, account.name); standing != Fitness::fit) return standing;
  if (same_login(state.live.accounts, account.name, from) || is_twin_of_unusable(state, account.name))
    return Fitness::same_login;
  if (cause == SwapCause::operator_asked) return Fitness::fit;  // he knows what he wants
  bool const thrash = cause != SwapCause::disabled;             // that is a person's word
  if (thrash && left_just_now(config, state, account.name, now)) return Fitness::straight_return;
  return headroom(config, state, account, from, cause, now);
}

/// Smaller is taken first.
double rank(Config const& config, State const& state, Considered const& candidate, WallTime now) {
  switch (config.switching.strategy) {
    case Strategy::priority:
      return 0;
    case Strategy::most_headroom: {
      auto const weight = static_cast<double>(find_account(config, candidate.account)->weight);
      return -weight * (all - candidate.used_percent.value_or(unknown_use));
    }
    case Strategy::soonest_reset: {
      auto const refill = next_refill(state, candidate.account, now);
      return static_cast<double>(refill.value_or(WallTime::max()).time_since_epoch().count());
    }
  }
  return 0;
}

}  // namespace

Fitness standing_fitness(Config const& config, State const& state, AccountName const& name) {
  auto const* const configured = find_account(config, name);
  if (configured == nullptr || configured->disabled) return Fitness::disabled;
  if (auto const* const account = known(state, name)) {
    if (account->disabled) return Fitness::disabled;
    switch (account->kind) {
      case StandingKind::available:
        break;
      case StandingKind::exhausted:
        return Fitness::exhausted;
      case StandingKind::auth_broken:
        return Fitness::auth_broken;
      case StandingKind::spend_blocked:
        return Fitness::spend_blocked;
    }
  }
  auto const* const directory = directory_of(state, name);
  if (directory == nullptr || !directory->present) return Fitness::directory_missing;
  return directory->logged_in ? Fitness::fit : Fitness::not_logged_in;
}

bool usable(Config const& config, State const& state, AccountName const& name) {
  return standing_fitness(config, state, name) == Fitness::fit;
}

Swap const* swap_to_active(State const& state) {
  auto const made = [](Swap const& swap) { return swap.phase == SwapPhase::done; };
  auto const last = std::find_if(state.past_swaps.rbegin(), state.past_swaps.rend(), made);
  return last != state.past_swaps.rend() && last->to == state.active ? &*last : nullptr;
}

std::optional<double> used_percent(State const& state, AccountName const& name, WallTime now) {
  auto const* const account = known(state, name);
  if (account == nullptr || !account->use) return std::nullopt;
  auto const& use = *account->use;
  return std::max(used_now(use.five_hour, use.told.wall, std::chrono::hours{5}, now),
                  used_now(use.weekly, use.told.wall, std::chrono::hours{24 * 7}, now));
}

std::optional<double> fresh_use(State const& state, AccountName const& name, Now now) {
  auto const* const account = known(state, name);
  if (account == nullptr || !account->use || elapsed(account->use->told, now) > figures_last) return std::nullopt;
  return used_percent(state, name, now.wall);
}

std::vector<Considered> consider_accounts(Config const& config, State const& state, AccountName const& from,
                                          SwapCause cause, Now now) {
  std::vector<Considered> considered;
  for (auto const& account : config.accounts)
    considered.push_back({account.name, fitness_of(config, state, account, from, cause, now),
                          used_percent(state, account.name, now.wall)});
  auto const others = std::stable_partition(considered.begin(), considered.end(),
                                            [](Considered const& one) { return one.fitness == Fitness::fit; });
  std::stable_sort(considered.begin(), others, [&](Considered const& one, Considered const& other) {
    return rank(config, state, one, now.wall) < rank(config, state, other, now.wall);
  });
  return considered;
}

}  // namespace failover::core
