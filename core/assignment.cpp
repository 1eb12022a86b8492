#include "core/assignment.hpp"

namespace failover::core {
namespace {

AccountName pin_of(Config const& config, SessionName const& name) {
  for (auto const& dedicated : config.sessions.dedicated)
    if (dedicated.name == name) return dedicated.account;
  return {};
}

void work_on(Step& step, SessionState& session, AccountName const& account, Moment since) {
  session.void_turn = 0;
  auto const not_before =
      account == step.state.active && !moves_by_restart(step.config) ? step.state.active_since : Moment{};
  if (session.account == account && session.account_since.mono >= not_before.mono) return;
  session.account = account;
  session.account_since = since.mono < not_before.mono ? not_before : since;
  step.changed();
}

void begin_on(Step& step, SessionState& session, AccountName const& account, Moment since) {
  work_on(step, session, account, since);
  if (session.account_since.mono >= since.mono) return;
  session.account_since = since;
  step.changed();
}

}  // namespace

bool moves_by_restart(Config const& config) {
  return config.switching.mode == SwitchMode::per_session;
}

AccountName destination(Config const& config, State const& state, SessionName const& name) {
  if (!moves_by_restart(config)) return state.active;
  if (auto pin = pin_of(config, name); !pin.empty()) return pin;
  auto const session = state.sessions.find(name);
  bool const stays = session != state.sessions.end() && !session->second.ours && !session->second.account.empty();
  return stays ? session->second.account : state.active;
}

void use_active_account(Step& step, SessionState& session, Moment since) {
  if (moves_by_restart(step.config)) {
    session.void_turn = 0;
    return;
  }
  work_on(step, session, step.state.active, since);
}

void use_account_of_turn(Step& step, SessionState& session, Moment asked) {
  if (session.account.empty() || asked.mono >= step.state.active_since.mono) use_active_account(step, session, asked);
}

void begin_on_destination(Step& step, SessionName const& name, Moment since) {
  begin_on(step, step.state.sessions.at(name), destination(step.config, step.state, name), since);
}

AccountName begin_restart(Step& step, SessionState& session, SessionName const& name) {
  session.begins_on = destination(step.config, step.state, name);
  if (moves_by_restart(step.config)) session.account = {};
  return session.begins_on;
}

void end_restart(Step& step, SessionState& session) {
  session.stale_listing = step.state.live.listing_panes;
  // Through a link it uses whatever that leads to. Until now it may have been the former agent that spoke.
  begin_on(step, session, moves_by_restart(step.config) ? session.begins_on : step.state.active, step.now);
}

}  // namespace failover::core
