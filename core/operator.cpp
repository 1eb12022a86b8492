#include "core/operator.hpp"

#include "core/assignment.hpp"
#include "core/candidates.hpp"
#include "core/evidence.hpp"

#include <algorithm>

namespace failover::core {
namespace {

void release(Step& step, SessionName const& name) {
  auto& session = step.state.sessions.at(name);
  session.held_by_operator = false;
  while (session.starts.size() > 1) session.starts.pop_front();  // the newest tells since when its agent runs
  step.changed();
  if (session.phase != Phase::held) return;
  // What it shows is from before: no news of any account. Its next turn is the active one's.
  if (!session_keeps_its_login(step.config, step.state, session)) use_active_account(step, session, step.now);
  if (session.reading) session.void_turn = session.reading->turn_hash;
  session.blocked_until = {};
  session.reading.reset();
  set_phase(step, name, session.pane ? Phase::starting : Phase::missing, "released by the operator");
}

std::string swap_fault(Decision const& decision) {
  auto const to = decision.to.str();
  switch (decision.refusal) {
    case Refusal::brake:
      return "the brake is on; `claude-failover brake off` first";
    case Refusal::dry_run:
      return "this daemon runs with --dry-run and changes nothing";
    case Refusal::swap_in_progress:
      return "another swap is being made; wait until it is done";
    case Refusal::unknown_account:
      return "there is no account " + to + "; `claude-failover accounts` lists them";
    case Refusal::accounts_unknown:
      return "the accounts were not looked at yet; try again in a moment";
    case Refusal::link_unusable:
      return "switch.link cannot be used; `claude-failover status` says why";
    case Refusal::no_account_left:
      return "no other account can be used now; `claude-failover accounts` says why";
    default:
      break;
  }
  for (auto const& one : decision.considered)
    if (one.account == decision.to && one.fitness == Fitness::active)
      return "account " + to + " is the active one already";
    else if (one.account == decision.to)
      return "account " + to + " cannot be used: " + std::string(to_string(one.fitness)) +
             "; `claude-failover account enable " + to + "` if it can again";
  return "refused: " + std::string(to_string(decision.refusal));
}

}  // namespace

std::optional<Refused> fault_of(Config const& config, event::AccountSwitched const& asked) {
  auto const& name = asked.account.str();
  auto const* const account = find_account(config, asked.account);
  if (account == nullptr)
    return Refused{"unknown_account", "there is no account " + name + "; `claude-failover accounts` lists them"};
  if (asked.enabled && account->disabled)
    return Refused{"disabled_in_configuration",
                   "account " + name + " is disabled in the configuration; change that and reload"};
  return std::nullopt;
}

std::optional<Refused> fault_of(State const& state, event::SessionSwitched const& asked) {
  if (state.sessions.contains(asked.session)) return std::nullopt;
  return Refused{"unknown_session",
                 "there is no session " + asked.session.str() + "; `claude-failover sessions` lists them"};
}

std::optional<Refused> fault_of(Decision const& decision) {
  if (decision.refusal == Refusal::none) return std::nullopt;
  return Refused{std::string(to_string(decision.refusal)), swap_fault(decision)};
}

void on_account_switched(Step& step, event::AccountSwitched const& switched) {
  if (find_account(step.config, switched.account) == nullptr) return;
  auto& account = step.state.accounts[switched.account];
  account.disabled = !switched.enabled;
  if (switched.enabled && account.kind != StandingKind::available) {
    account.kind = StandingKind::available;
    account.window = Window::none;
    account.since = step.now;
    account.unproven = true;
  }
  if (switched.enabled) {
    account.model_limited_until = {};
    for (auto& [name, session] : step.state.sessions)
      if (session.account == switched.account) session.blocked_until = {};
  }
  step.log(LogLevel::warning, switched.enabled ? "account enabled by the operator" : "account disabled by the operator",
           {{"account", switched.account.str()}});
  step.save_first();
}

void on_brake_set(Step& step, event::BrakeSet const& set) {
  auto& brake = step.state.brake;
  if (brake.on == set.on) return;
  brake = Brake{set.on, step.now, set.reason};
  if (!set.on) step.state.live.queue_dirty = true;
  // The deadlines of what was under way stood still with it.
  if (!set.on)
    for (auto& [name, session] : step.state.sessions)
      if (session.recovery) session.recovery->step_since = step.now;
  step.log(LogLevel::warning, set.on ? "brake on" : "brake off", {{"reason", set.reason}});
  step.save_first();
}

void on_session_switched(Step& step, event::SessionSwitched const& switched) {
  auto const found = step.state.sessions.find(switched.session);
  if (found == step.state.sessions.end()) return;
  if (switched.held) {
    found->second.held_by_operator = true;
    hold_session(step, switched.session, "held by the operator");
    step.changed();
  } else {
    release(step, switched.session);
  }
  step.save_first();
}

}  // namespace failover::core
