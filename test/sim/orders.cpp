#include "core/assignment.hpp"
#include "core/candidates.hpp"
#include "test/sim/judge.hpp"

#include <algorithm>

/// Safety of what the operator has asked for, and of who works on which account.
namespace failover::sim {

namespace effect = core::effect;
namespace event = core::event;
using core::TaskPlace;

namespace {

/// The session that an effect touches, "" for none.
core::SessionName touched(core::State const& state, core::Effect const& effect) {
  if (auto const* e = std::get_if<effect::StartSession>(&effect)) return e->session;
  if (auto const* e = std::get_if<effect::RestartAgent>(&effect)) return e->session;
  if (auto const* e = std::get_if<effect::EndSession>(&effect)) return e->session;
  if (auto const* e = std::get_if<effect::PressEscape>(&effect)) return e->session;
  if (auto const* e = std::get_if<effect::DeliverPrompt>(&effect)) return e->session;
  if (auto const* e = std::get_if<effect::ClaimTask>(&effect)) return state.tasks.at(e->task.id).session;
  return {};
}

}  // namespace

void Judge::take_orders(core::State const& state, core::Event const& event) {
  if (auto const* e = std::get_if<event::BrakeSet>(&event)) braked_ = e->on;
  auto const* const asked = std::get_if<event::TaskAsked>(&event);
  cancels_ = asked != nullptr && asked->order == core::TaskOrder::cancel;
  bool const done = asked != nullptr && asked->order == core::TaskOrder::done;
  auto const& files = state.live.queue.tasks;
  if (done && std::any_of(files.begin(), files.end(),
                          [&](auto const& file) { return file.id == asked->task && file.place == TaskPlace::done; }))
    said_done_.insert(asked->task);
  if (auto const* e = std::get_if<event::SessionSwitched>(&event)) {
    if (e->held && state.sessions.contains(e->session))
      held_.insert(e->session);
    else
      held_.erase(e->session);
  }
  std::erase_if(held_, [&](auto const& name) { return !state.sessions.contains(name); });
}

void Judge::check_orders(core::Config const& config, core::State const& state, core::Effect const& effect) {
  auto const session = touched(state, effect);
  if (!session.empty() && held_.contains(session)) blame_(session.str() + " is touched although the operator holds it");
  if (auto const* e = std::get_if<effect::StartSession>(&effect))
    check_account_of(config, state, e->session, e->environment);
  if (auto const* e = std::get_if<effect::RestartAgent>(&effect))
    check_account_of(config, state, e->session, e->environment);
  if (!braked_) return;
  if (!session.empty()) blame_(session.str() + " is touched with the brake on");
  if (std::holds_alternative<effect::FlipLink>(effect)) blame_("the link is moved with the brake on");
  if (std::holds_alternative<effect::RemoveFinished>(effect)) blame_("tasks are removed with the brake on");
  // A claim that was under way when the brake was put on is taken back.
  if (auto const* e = std::get_if<effect::MoveTask>(&effect))
    if (e->result.place != TaskPlace::pending)
      blame_("task " + e->task.id.str() + " is moved to " + std::string(to_string(e->result.place)) +
             " with the brake on");
}

/// An agent is begun with this environment.
void Judge::check_account_of(core::Config const& config, core::State const& state, core::SessionName const& session,
                             std::vector<std::pair<std::string, std::string>> const& environment) {
  std::string directory;
  for (auto const& [variable, value] : environment)
    if (variable == "CLAUDE_CONFIG_DIR") directory = value;
  if (config.switching.mode == core::SwitchMode::link) {
    if (directory != config.switching.link) blame_(session.str() + " is begun beside the link");
    return;
  }
  auto const account = std::find_if(config.accounts.begin(), config.accounts.end(),
                                    [&](auto const& one) { return one.config_dir == directory; });
  if (account == config.accounts.end()) return blame_(session.str() + " is begun on no account");
  for (auto const& dedicated : config.sessions.dedicated)
    if (dedicated.name == session && !dedicated.account.empty() && dedicated.account != account->name)
      blame_(session.str() + " is pinned to " + dedicated.account.str() + " and begun on " + account->name.str());
  auto const* const agent = world_.agent_of(session);
  if (agent == nullptr || agent->doing == Doing::dead) return;
  auto const before = world_.payer_of(*agent);
  if (before == account->name) return;
  bool const left =
      std::any_of(plans_.begin(), plans_.end(), [&](auto const& plan) { return plan.second.from == before; });
  bool const serves_again = enabled_.contains(before);  // since the move was begun, it may be
  if (!left && !serves_again && core::usable(config, state, before))
    blame_(session.str() + " is moved from " + before.str() + ", which serves");
}

/// One session tries an account that came back by its clock alone.
void Judge::check_probes(core::Config const& config, core::State const& state) {
  for (auto const& [name, account] : state.accounts) {
    if (!account.unproven) continue;
    auto const& account_name = name;  // clang 14 cannot capture a structured binding
    // Those that were on their way when the engine learned that the link was moved go with it.
    auto const since = name == state.active ? std::max(account.since.mono, active_learned_) : account.since.mono;
    auto const trying = std::count_if(state.sessions.begin(), state.sessions.end(), [&](auto const& entry) {
      auto const& recovery = entry.second.recovery;
      return recovery && recovery->began.mono >= since && core::destination(config, state, entry.first) == account_name;
    });
    if (trying > 1) blame_(std::to_string(trying) + " sessions try account " + name.str() + " at a time");
  }
}

}  // namespace failover::sim
