#include "core/operator.hpp"

#include "core/candidates.hpp"

#include <algorithm>

namespace failover::core {
namespace {

void release(Step& step, SessionName const& name) {
  auto& session = step.state.sessions.at(name);
  session.held_by_operator = false;
  while (session.starts.size() > 1) session.starts.pop_front();  // the newest tells since when its agent runs
  step.changed();
  if (session.phase != Phase::held) return;
  // What it shows is from before: no news of any account.
  if (session.reading) session.void_turn = session.reading->turn_hash;
  session.blocked_until = step.now.wall;
  session.reading.reset();
  set_phase(step, name, session.pane ? Phase::starting : Phase::missing, "released by the operator");
}

}  // namespace

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
      if (session.account == switched.account)
        session.blocked_until = std::min(session.blocked_until, step.now.wall);
  }
  step.log(LogLevel::warning, switched.enabled ? "account enabled by the operator" : "account disabled by the operator",
           {{"account", switched.account.str()}});
  step.save_first();
}

void on_brake_set(Step& step, event::BrakeSet const& set) {
  auto& brake = step.state.brake;
  if (brake.on == set.on) return;
  brake = Brake{set.on, step.now, set.reason};
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
