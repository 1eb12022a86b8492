#include "core/swap.hpp"

#include "core/drift_watch.hpp"
#include "core/enum_names.hpp"
#include "core/notices.hpp"
#include "core/quota_policy.hpp"
#include "core/rfc3339.hpp"

#include <algorithm>
#include <vector>

namespace failover::core {
namespace {

constexpr EnumNames<Refusal, 9> refusals{{
    {Refusal::none, "none"},
    {Refusal::dry_run, "dry_run"},
    {Refusal::accounts_unknown, "accounts_unknown"},
    {Refusal::link_unusable, "link_unusable"},
    {Refusal::swap_in_progress, "swap_in_progress"},
    {Refusal::cooldown, "cooldown"},
    {Refusal::budget_hour, "budget_hour"},
    {Refusal::budget_day, "budget_day"},
    {Refusal::no_account_left, "no_account_left"},
}};

void move(Step& step, SwapPhase to) {
  auto& swap = *step.state.swap;
  EXPECTS(may_move(swap.phase, to));
  swap.phase = to;
  step.changed();
}

void retire_swap(Step& step) {
  auto& state = step.state;
  state.swap->ended = step.now;
  state.past_swaps.push_back(std::move(*state.swap));
  state.swap.reset();
  if (state.past_swaps.size() > max_past_swaps) state.past_swaps.pop_front();
  step.changed();
}

AccountName candidate(Config const& config, State const& state) {
  for (auto const& account : config.accounts)
    if (account.name != state.active && usable(config, state, account.name) &&
        !same_login(state.live.accounts, account.name, state.active))
      return account.name;
  return {};
}

bool active_is_spent(State const& state) {
  auto const account = state.accounts.find(state.active);
  return account != state.accounts.end() && account->second.kind == StandingKind::exhausted;
}

Moment later(Moment moment, Duration by) {
  return {moment.wall + by, moment.mono + by};
}

/// Nothing while fewer than `limit` swaps lie within the window; else when the oldest of them leaves it.
std::optional<Moment> budget_spent(State const& state, std::int64_t limit, Duration window, Now now) {
  std::vector<Moment> recent;
  for (auto const& swap : state.past_swaps)
    if (swap.phase == SwapPhase::done && elapsed(swap.decided, now) < window) recent.push_back(swap.decided);
  if (std::ssize(recent) < limit) return std::nullopt;
  return later(recent[recent.size() - static_cast<std::size_t>(limit)], window);
}

void refuse(Step& step, Decision const& decision) {
  std::string const reason(to_string(decision.refusal));
  auto& live = step.state.live;
  if (live.last_refusal == reason) return;
  live.last_refusal = reason;
  ++step.state.counters.refusals[reason];
  Step::Fields fields{{"reason", reason}, {"active", step.state.active.str()}};
  if (decision.again_at) fields.emplace_back("again_in", spoken(decision.again_at->mono - step.now.mono));
  if (!decision.to.empty()) fields.emplace_back("would_be", decision.to.str());
  step.log(LogLevel::warning, "swap refused", std::move(fields));
}

void begin_hold(Step& step) {
  if (step.state.holding) return;
  step.state.holding = true;
  step.changed();
  auto const next = earliest_release(step.state);
  std::string const until = next ? to_rfc3339(*next) : "an account is back";
  step.log(LogLevel::warning, "holding: no account left", {{"until", until}});
  tell(step, "All accounts are spent", "Sessions and queue wait. They go on by themselves at " + until + ".");
}

void end_hold(Step& step) {
  if (!step.state.holding) return;
  step.state.holding = false;
  step.changed();
  step.log(LogLevel::info, "hold ended", {{"active", step.state.active.str()}});
}

void plan_swap(Step& step, AccountName const& to) {
  auto& state = step.state;
  auto const& spent = state.accounts.at(state.active);
  Swap swap;
  swap.id = state.next_swap_id++;
  swap.from = state.active;
  swap.to = to;
  swap.trigger_session = spent.reported_by;
  swap.rule = spent.rule;
  if (!spent.until_assumed) swap.resets_at = spent.until;
  swap.decided = step.now;
  if (auto const reporter = state.sessions.find(spent.reported_by);
      reporter != state.sessions.end() && reporter->second.reading)
    swap.snippet = reporter->second.reading->seen.evidence.text;
  for (auto const& [name, session] : state.sessions)
    if (session.phase == Phase::blocked && session.account == state.active) swap.sessions.push_back(name);
  step.log(LogLevel::warning, "swap planned",
           {{"swap", std::to_string(swap.id)},
            {"from", swap.from.str()},
            {"to", to.str()},
            {"trigger_session", swap.trigger_session.str()},
            {"rule", swap.rule},
            {"sessions", std::to_string(swap.sessions.size())}});
  state.live.last_refusal.clear();
  state.swap = std::move(swap);
  step.save_first();
  step.ask(effect::FlipLink{to, find_account(step.config, to)->config_dir});
}

/// The link leads to `active` from now on. A session that used it before did not while the link led elsewhere, so what
/// is older than this says nothing of it.
void make_active(State& state, AccountName const& active, Moment since) {
  state.active = active;
  state.active_since = since;
  for (auto& [name, session] : state.sessions)
    if (session.account == active && session.account_since.mono < since.mono) session.account_since = since;
}

void link_is_flipped(Step& step) {
  auto& state = step.state;
  auto& swap = *state.swap;
  move(step, SwapPhase::flipped);
  make_active(state, swap.to, step.now);
  for (auto& [name, session] : state.sessions)
    if (session.account == swap.from && session.reading) session.void_turn = session.reading->turn_hash;
  ++state.counters.swaps[swap.from.str() + "\n" + swap.to.str()];
  auto const& spent = state.accounts.at(swap.from);
  tell(step, "Moved from " + swap.from.str() + " to " + swap.to.str(),
       swap.from.str() + " is spent until " + to_rfc3339(spent.until) + (spent.until_assumed ? " (assumed)" : "") +
           ". Bringing back " + std::to_string(swap.sessions.size()) + " session(s).");
  step.log(LogLevel::warning, "swap flipped",
           {{"swap", std::to_string(swap.id)},
            {"from", swap.from.str()},
            {"to", swap.to.str()},
            {"at", to_rfc3339(step.now.wall)}});
  move(step, SwapPhase::recovering);
  step.save_first();
}

void abort_swap(Step& step, Error const& error) {
  auto& swap = *step.state.swap;
  move(step, SwapPhase::aborted);
  swap.abort_reason = std::string(to_string(error.kind));
  ++step.state.counters.swap_failures[swap.abort_reason];
  step.log(LogLevel::error, "swap aborted", {{"swap", std::to_string(swap.id)}, {"detail", error.detail}});
  tell(step, "Could not move from " + swap.from.str() + " to " + swap.to.str(), error.detail);
  retire_swap(step);
}

AccountName account_at(Config const& config, AccountsListing const& listing) {
  if (!listing.link_target) return {};
  for (auto const& account : config.accounts)
    if (account.config_dir == *listing.link_target) return account.name;
  for (auto const& directory : listing.directories)
    if (directory.present && directory.real_path == *listing.link_target) return directory.name;
  return {};
}

/// Whether a swap has nothing more to do for a session. One that is blocked is the next episode's business when the
/// new account has blocked it, or when the new account has nothing left to bring it back with.
bool is_settled(State const& state, Swap const& swap, SessionState const& session) {
  if (session.phase == Phase::recovering) return false;
  if (session.phase != Phase::blocked || session.account == swap.to) return true;
  auto const account = state.accounts.find(swap.to);
  return account != state.accounts.end() && account->second.kind != StandingKind::available;
}

}  // namespace

std::string_view to_string(Refusal refusal) {
  return name_of(refusals, refusal);
}

std::optional<Decision> decide(Config const& config, State const& state, Now now, bool dry_run) {
  if (!state.live.accounts_known) return std::nullopt;
  if (!active_is_spent(state)) return std::nullopt;
  if (!state.live.accounts.link_target) return Decision{Refusal::link_unusable};
  if (state.swap) return Decision{Refusal::swap_in_progress};
  AccountName const to = candidate(config, state);
  if (to.empty()) return Decision{Refusal::no_account_left};
  if (!state.past_swaps.empty()) {
    auto const& last = state.past_swaps.back();
    if (elapsed(last.decided, now) < config.quota.reactivate_cooldown)
      return Decision{Refusal::cooldown, to, later(last.decided, config.quota.reactivate_cooldown)};
  }
  if (auto const at = budget_spent(state, config.switching.max_per_hour, std::chrono::hours{1}, now))
    return Decision{Refusal::budget_hour, to, at};
  if (auto const at = budget_spent(state, config.switching.max_per_day, std::chrono::hours{24}, now))
    return Decision{Refusal::budget_day, to, at};
  if (dry_run) return Decision{Refusal::dry_run, to};
  return Decision{Refusal::none, to};
}

void consider_swap(Step& step) {
  auto const decision = decide(step.config, step.state, step.now, step.dry_run);
  if (!decision) {
    if (step.state.live.accounts_known) {
      end_hold(step);
      step.state.live.last_refusal.clear();
    }
    return;
  }
  if (decision->refusal == Refusal::swap_in_progress) return;
  if (decision->refusal == Refusal::none) {
    end_hold(step);
    plan_swap(step, decision->to);
    return;
  }
  if (decision->refusal == Refusal::no_account_left) begin_hold(step);
  refuse(step, *decision);
}

void on_accounts_read(Step& step, event::AccountsRead const& read) {
  auto& state = step.state;
  bool const first = !state.live.accounts_known;
  state.live.accounts = read.listing;
  state.live.accounts_known = true;
  state.live.reading_accounts = false;
  note_drift(step);
  AccountName const linked = account_at(step.config, read.listing);

  if (first && state.swap && state.swap->phase == SwapPhase::planned) {
    if (linked == state.swap->to) return link_is_flipped(step);
    auto const* target = find_account(step.config, state.swap->to);
    if (target == nullptr)
      return abort_swap(step, {ErrorKind::not_found, "account " + state.swap->to.str() + " is no longer configured"});
    step.log(LogLevel::warning, "going on with a swap from before the restart",
             {{"swap", std::to_string(state.swap->id)}});
    step.save_first();
    step.ask(effect::FlipLink{state.swap->to, target->config_dir});
    return;
  }
  if (linked.empty() || linked == state.active || (state.swap && state.swap->phase == SwapPhase::planned)) return;
  if (!state.active.empty())
    step.log(LogLevel::warning, "the link was moved by somebody else: following it",
             {{"from", state.active.str()}, {"to", linked.str()}});
  make_active(state, linked, read.listing.link_since ? restored(*read.listing.link_since, step.now) : step.now);
  step.changed();
}

void on_link_flipped(Step& step, event::LinkFlipped const& flipped) {
  auto& state = step.state;
  if (!state.swap || state.swap->phase != SwapPhase::planned || state.swap->to != flipped.to) return;
  if (!flipped.outcome) return abort_swap(step, flipped.outcome.error());
  state.live.accounts.link_target = find_account(step.config, flipped.to)->config_dir;
  link_is_flipped(step);
}

void finish_swap(Step& step) {
  auto& state = step.state;
  if (!state.swap || state.swap->phase != SwapPhase::recovering) return;
  auto& swap = *state.swap;
  std::vector<SessionName> unrecovered;
  for (auto const& name : swap.sessions) {
    auto const session = state.sessions.find(name);
    if (session == state.sessions.end()) continue;
    if (!is_settled(state, swap, session->second)) return;
    if (session->second.phase == Phase::held) unrecovered.push_back(name);
  }
  swap.unrecovered = std::move(unrecovered);
  Duration const took = elapsed(swap.decided, step.now);
  step.log(
      LogLevel::warning, "swap done",
      {{"swap", std::to_string(swap.id)}, {"took", spoken(took)}, {"held", std::to_string(swap.unrecovered.size())}});
  if (!swap.unrecovered.empty()) {
    std::string names;
    for (auto const& name : swap.unrecovered) names += (names.empty() ? "" : ", ") + name.str();
    tell(step, "Some sessions could not be brought back", names + ": see `claude-failover status`.");
  }
  move(step, SwapPhase::done);
  retire_swap(step);
}

std::optional<MonoTime> swap_deadline(Config const& config, State const& state, Now now) {
  std::optional<MonoTime> at;
  if (auto const release = earliest_release(state)) at = now.mono + std::max(*release - now.wall, Duration::zero());
  auto const decision = decide(config, state, now, false);
  if (decision && decision->again_at) at = at ? std::min(*at, decision->again_at->mono) : decision->again_at->mono;
  return at;
}

}  // namespace failover::core
