#include "core/swap.hpp"

#include "core/assignment.hpp"
#include "core/candidates.hpp"
#include "core/drift_watch.hpp"
#include "core/notices.hpp"
#include "core/quota_policy.hpp"
#include "core/rfc3339.hpp"

#include <algorithm>
#include <vector>

namespace failover::core {
namespace {

bool by_link(Config const& config) {
  return config.switching.mode == SwitchMode::link;
}

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

/// Whether the fleet stands still while the swap is not made.
bool is_pressing(SwapCause cause) {
  return cause != SwapCause::leaving_early && cause != SwapCause::operator_asked;
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
  auto const next = earliest_release(step.state, step.now);
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

bool moves_with(SessionState const& session, AccountName const& from) {
  bool const stopped = session.phase == Phase::blocked || session.phase == Phase::auth_needed;
  return stopped && session.account == from;
}

Swap make_swap(Step& step, Decision const& decision) {
  auto& state = step.state;
  auto const& left = state.accounts[state.active];
  Swap swap;
  swap.id = state.next_swap_id++;
  swap.from = state.active;
  swap.to = decision.to;
  swap.cause = decision.cause;
  swap.considered = decision.considered;
  swap.decided = step.now;
  for (auto const& [name, session] : state.sessions)
    if (moves_with(session, state.active)) swap.sessions.push_back(name);
  if (left.kind == StandingKind::available) return swap;
  swap.trigger_session = left.reported_by;
  swap.rule = left.rule;
  if (left.kind == StandingKind::exhausted && !left.until_assumed) swap.resets_at = left.until;
  if (auto const reporter = state.sessions.find(left.reported_by);
      reporter != state.sessions.end() && reporter->second.reading)
    swap.snippet = reporter->second.reading->seen.evidence.text;
  return swap;
}

/// The link leads to `active` from now on. A session that used it before did not while the link led elsewhere, so what
/// is older than this says nothing of it.
void make_active(Step& step, AccountName const& active, Moment since) {
  auto& state = step.state;
  state.active = active;
  state.active_since = since;
  if (!by_link(step.config)) return;
  for (auto& [name, session] : state.sessions)
    if (session.account == active && session.account_since.mono < since.mono)
      session.account_since = since;
    else if (session.ours && !session.starts.empty() && session.starts.back().mono >= since.mono)
      use_active_account(step, session, session.starts.back());  // a move that was found out about later
}

/// As a sentence without its full stop.
std::string why_left(State const& state, Swap const& swap) {
  auto const& from = swap.from.str();
  auto const left = state.accounts.find(swap.from);
  switch (swap.cause) {
    case SwapCause::exhausted:
      if (left == state.accounts.end()) return from + " is spent";
      return from + " is spent until " + to_rfc3339(left->second.until) +
             (left->second.until_assumed ? " (assumed)" : "");
    case SwapCause::spend_blocked:
      return from + " has met its spend limit";
    case SwapCause::auth_broken:
      return from + " needs a login";
    case SwapCause::disabled:
      return from + " is disabled";
    case SwapCause::leaving_early:
      return from + " is nearly spent";
    case SwapCause::operator_asked:
      return "You asked for it";
  }
  return {};
}

void account_is_changed(Step& step, Moment since) {
  auto& state = step.state;
  auto& swap = *state.swap;
  move(step, SwapPhase::flipped);
  make_active(step, swap.to, since);
  for (auto& [name, session] : state.sessions)
    if (session.account == swap.from && session.reading && destination(step.config, state, name) == swap.to)
      session.void_turn = session.reading->turn_hash;
  ++state.counters.swaps[swap.from.str() + "\n" + swap.to.str()];
  tell(step, "Moved from " + swap.from.str() + " to " + swap.to.str(),
       why_left(state, swap) + ". Bringing back " + std::to_string(swap.sessions.size()) + " session(s).");
  step.log(LogLevel::warning, "swap flipped",
           {{"swap", std::to_string(swap.id)},
            {"from", swap.from.str()},
            {"to", swap.to.str()},
            {"at", to_rfc3339(step.now.wall)}});
  move(step, SwapPhase::recovering);
  step.save_first();
}

void begin_swap(Step& step, Decision const& decision) {
  auto swap = make_swap(step, decision);
  step.log(LogLevel::warning, "swap planned",
           {{"swap", std::to_string(swap.id)},
            {"from", swap.from.str()},
            {"to", swap.to.str()},
            {"cause", std::string(to_string(swap.cause))},
            {"trigger_session", swap.trigger_session.str()},
            {"rule", swap.rule},
            {"sessions", std::to_string(swap.sessions.size())}});
  auto& state = step.state;
  state.live.last_refusal.clear();
  state.live.leaving_since.reset();
  state.swap = std::move(swap);
  // Without a link there is nothing to move but what we remember, and that is saved with the plan.
  if (!by_link(step.config)) return account_is_changed(step, step.now);
  step.save_first();
  step.ask(effect::FlipLink{decision.to, find_account(step.config, decision.to)->config_dir});
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

/// Whether a swap has nothing more to do for a session. One that is blocked is the next episode's business when the
/// new account has blocked it, or when the new account has nothing left to bring it back with.
bool is_settled(Step const& step, Swap const& swap, SessionName const& name, SessionState const& session) {
  if (session.phase == Phase::recovering) return false;
  bool const stopped = session.phase == Phase::blocked || session.phase == Phase::auth_needed;
  if (!stopped || session.account == swap.to || destination(step.config, step.state, name) != swap.to) return true;
  return step.state.brake.on || !usable(step.config, step.state, swap.to);
}

/// Sessions without an account of their own begin on the best one. It stays until it must be left.
void choose_first_account(Step& step) {
  auto& state = step.state;
  if (find_account(step.config, state.active) != nullptr) return;
  auto const considered = consider_accounts(step.config, state, {}, SwapCause::operator_asked, step.now);
  if (considered.empty() || considered.front().fitness != Fitness::fit) return;
  make_active(step, considered.front().account, step.now);
  step.changed();
}

/// When a swap that our own end cut short led the link on, as far as the link's own date can be believed.
Moment flipped_at(Swap const& swap, AccountsListing const& listing, Now now) {
  auto const moved = listing.link_since ? restored(*listing.link_since, now) : now;
  return moved.mono < swap.decided.mono ? swap.decided : moved;
}

/// A move of the link later than this after it was asked for is somebody else's.
constexpr Duration longest_flip = std::chrono::minutes{1};

/// Whether the link leads where a swap of ours that was reported as failed would have led it: then that was no person,
/// unless a look since then has seen it where it had been.
bool was_made_after_all(Step& step, AccountName const& linked, Moment since, Moment last_look) {
  auto& state = step.state;
  if (state.past_swaps.empty()) return false;
  auto& last = state.past_swaps.back();
  if (last.phase != SwapPhase::aborted || last.to != linked || last.from != state.active) return false;
  if (since.mono - last.decided.mono > longest_flip) return false;
  bool const seen_unmoved = last.ended && last_look.mono - last.ended->mono > longest_request;
  if (seen_unmoved && since.mono > last_look.mono) return false;
  last.phase = SwapPhase::done;
  ++state.counters.swaps[last.from.str() + "\n" + last.to.str()];
  step.log(LogLevel::warning, "a swap that was reported as failed was made", {{"swap", std::to_string(last.id)}});
  tell(step, "Moved from " + last.from.str() + " to " + last.to.str(),
       "The move was made although it was reported as failed.");
  return true;
}

void freeze(Step& step, AccountName const& other) {
  step.state.frozen_since = step.now;
  step.changed();
  auto const until = to_rfc3339(step.now.wall + step.config.switching.freeze);
  step.log(LogLevel::error, "switching is frozen",
           {{"between", step.state.active.str()}, {"and", other.str()}, {"until", until}});
  tell(step, "Switching is frozen",
       step.state.active.str() + " and " + other.str() + " took turns. Nothing is switched until " + until +
           "; `claude-failover swap` ends that, `claude-failover explain` shows what led to it.");
}

}  // namespace

void consider_swap(Step& step) {
  auto& live = step.state.live;
  auto const decision = decide(step.config, step.state, step.now, step.dry_run);
  if (!decision || decision->cause != SwapCause::leaving_early) live.leaving_since.reset();
  if (decision && !is_pressing(decision->cause)) end_hold(step);  // the account serves
  if (!decision) {
    if (live.accounts_known) {
      end_hold(step);
      live.last_refusal.clear();
    }
    return;
  }
  switch (decision->refusal) {
    case Refusal::swap_in_progress:
      return;
    case Refusal::none:
      end_hold(step);
      return begin_swap(step, *decision);
    case Refusal::no_account_left:
    case Refusal::no_headroom:
      if (is_pressing(decision->cause)) begin_hold(step);
      break;
    case Refusal::turn_running:
      if (!live.leaving_since) live.leaving_since = step.now;
      break;
    case Refusal::ping_pong:
      freeze(step, decision->to);
      break;
    default:
      break;
  }
  refuse(step, *decision);
}

void on_swap_asked(Step& step, event::SwapAsked const& asked) {
  auto decision = decide_for_operator(step.config, step.state, asked.to, step.now, step.dry_run);
  if (decision.refusal != Refusal::none) {
    ++step.state.counters.refusals[std::string(to_string(decision.refusal))];
    step.log(LogLevel::warning, "the operator's swap is refused",
             {{"to", asked.to.str()}, {"reason", std::string(to_string(decision.refusal))}});
    return;
  }
  step.state.frozen_since.reset();
  step.state.choice = OperatorChoice{decision.to, step.now};
  begin_swap(step, decision);
}

void on_accounts_read(Step& step, event::AccountsRead const& read) {
  auto& state = step.state;
  state.live.reading_accounts = false;
  bool const first = !state.live.accounts_known;
  bool const tells_nothing = !read.listing.link_target && read.listing.directories.empty();
  if (first && tells_nothing) return;  // a swap from before is judged by a look that tells something
  Moment const last_look = state.live.accounts_at;
  state.live.accounts = read.listing;
  if (read.listing.link_target) state.live.accounts_at = step.now;
  state.live.accounts_known = true;
  note_drift(step);
  retry_logins(step);
  if (!by_link(step.config)) return choose_first_account(step);
  AccountName const linked = linked_account(step.config, read.listing);

  if (first && state.swap && state.swap->phase == SwapPhase::planned) {
    // Turns have run on it since our own end.
    if (linked == state.swap->to) return account_is_changed(step, flipped_at(*state.swap, read.listing, step.now));
    auto const* target = find_account(step.config, state.swap->to);
    if (target == nullptr)
      return abort_swap(step, {ErrorKind::not_found, "account " + state.swap->to.str() + " is no longer configured"});
    if (!step.may_act()) return abort_swap(step, {ErrorKind::cancelled, "nothing may be changed now"});
    if (!usable(step.config, state, state.swap->to))
      return abort_swap(step, {ErrorKind::unavailable, "account " + state.swap->to.str() + " serves no more"});
    step.log(LogLevel::warning, "going on with a swap from before the restart",
             {{"swap", std::to_string(state.swap->id)}});
    step.save_first();
    step.ask(effect::FlipLink{state.swap->to, target->config_dir});
    return;
  }
  if (linked.empty() || linked == state.active || (state.swap && state.swap->phase == SwapPhase::planned)) return;
  Moment since = read.listing.link_since ? restored(*read.listing.link_since, step.now) : step.now;
  bool const misdated = since.mono < last_look.mono;  // before the clock was set: it was moved since the last look
  if (misdated) since = last_look;
  if (!state.active.empty() && !was_made_after_all(step, linked, since, last_look)) {
    step.log(LogLevel::warning, "the link was moved by somebody else: following it",
             {{"from", state.active.str()}, {"to", linked.str()}});
    state.choice = OperatorChoice{linked, misdated ? step.now : since};
  }
  make_active(step, linked, since);
  step.changed();
}

void on_link_flipped(Step& step, event::LinkFlipped const& flipped) {
  auto& state = step.state;
  if (!state.swap || state.swap->phase != SwapPhase::planned || state.swap->to != flipped.to) return;
  if (!flipped.outcome) return abort_swap(step, flipped.outcome.error());
  state.live.accounts.link_target = find_account(step.config, flipped.to)->config_dir;
  account_is_changed(step, step.now);
}

void finish_swap(Step& step) {
  auto& state = step.state;
  if (!state.swap || state.swap->phase != SwapPhase::recovering) return;
  auto& swap = *state.swap;
  std::vector<SessionName> unrecovered;
  for (auto const& name : swap.sessions) {
    auto const session = state.sessions.find(name);
    if (session == state.sessions.end()) continue;
    if (!is_settled(step, swap, name, session->second)) return;
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
  if (auto const release = earliest_release(state, now))
    at = now.mono + std::max(*release - now.wall, Duration::zero());
  auto const account = state.accounts.find(state.active);
  if (account != state.accounts.end() && account->second.kind == StandingKind::auth_broken) {
    auto const leave = account->second.since.mono + login_patience;
    if (leave > now.mono) at = at ? std::min(*at, leave) : leave;
  }
  auto const decision = decide(config, state, now, false);
  if (decision && decision->again_at) at = at ? std::min(*at, decision->again_at->mono) : decision->again_at->mono;
  return at;
}

}  // namespace failover::core
