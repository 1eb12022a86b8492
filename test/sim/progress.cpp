#include "core/assignment.hpp"
#include "core/candidates.hpp"
#include "core/quota_policy.hpp"
#include "core/wanted.hpp"
#include "test/sim/judge.hpp"

#include <algorithm>

/// Liveness: what must have come about some time after the faults have stopped.
namespace failover::sim {

using core::Phase;
using std::chrono::hours;
using std::chrono::minutes;

void Judge::lasts(std::string const& what, bool is_so, core::Duration at_most, core::Now now) {
  if (!is_so) {
    since_.erase(what);
    return;
  }
  auto const [since, fresh] = since_.try_emplace(what, now.mono);
  if (now.mono - since->second > at_most) blame_("for too long: " + what);
}

void Judge::check_progress(core::Config const& config, core::State const& state, core::Now now) {
  for (auto const& wanted : core::wanted_sessions(config.sessions))
    check_session_progress(config, state, wanted.name, now);
  check_queue_progress(config, state, now);
  check_account_progress(config, state, now);
}

void Judge::check_account_progress(core::Config const& config, core::State const& state, core::Now now) {
  lasts("a swap is in progress", state.swap.has_value(), hours{1}, now);
  bool const serves = core::usable(config, state, state.active);
  lasts("holding, and the active account serves", state.holding && serves, minutes{5}, now);
  auto const another = [&](auto const& has_what) {
    return std::any_of(config.accounts.begin(), config.accounts.end(), [&](auto const& account) {
      return !account.disabled && account.name != state.active && has_what(account.name) &&
             !world_.share_quota(account.name, state.active);
    });
  };
  // A budget of a day outlasts a life.
  auto const today = std::count_if(state.past_swaps.begin(), state.past_swaps.end(), [&](auto const& swap) {
    return swap.cause != core::SwapCause::operator_asked && elapsed(swap.decided, now) < hours{24};
  });
  bool const budget_left = today < config.switching.max_per_day;
  auto const& switching = config.switching;
  auto const restrained = hours{1} + switching.dwell + switching.freeze + config.quota.reactivate_cooldown +
                          (today < switching.max_per_hour ? minutes{10} : minutes{70});
  // What one login has met its other names have met too.
  auto const serves_nowhere = [&](auto const& name) {
    return std::any_of(config.accounts.begin(), config.accounts.end(), [&](auto const& twin) {
      return world_.share_quota(twin.name, name) && !core::usable(config, state, twin.name);
    });
  };
  bool const other_usable = another([&](auto const& name) { return !serves_nowhere(name); });
  // What was told of another's use may be wrong until its window ends.
  lasts("the active account does not serve, and another does", !serves && other_usable && budget_left,
        restrained + (scenario_.usage ? scenario_.window : core::Duration{}), now);
  // A reset that was not told, or was told while the clock was wrong, is an assumed one.
  auto const quoted = scenario_.transcripts ? core::Duration{} : scenario_.window;  // it may be a printed one
  auto const patience = std::max(config.quota.default_reset, scenario_.window) + quoted + restrained + minutes{20};
  bool const other_full = another([&](auto const& name) { return !world_.is_spent(name); });
  lasts("holding, and another account has quota", state.holding && other_full && budget_left, patience, now);
}

void Judge::check_session_progress(core::Config const& config, core::State const& state, core::SessionName const& name,
                                   core::Now now) {
  auto const found = state.sessions.find(name);
  auto const* const agent = world_.agent_of(name);
  bool const known = found != state.sessions.end();
  auto const phase = known ? found->second.phase : Phase::missing;
  bool const lives = agent != nullptr && agent->doing != Doing::dead;
  lasts(name.str() + " does not run", (!known || !lives) && phase != Phase::held, minutes{30}, now);
  bool const unfinished = phase == Phase::missing || phase == Phase::dead || phase == Phase::starting;
  lasts(name.str() + " is not ready", unfinished, minutes{30}, now);
  if (!lives || !known) return;
  auto const account = core::destination(config, state, name);
  bool const by_link = config.switching.mode == core::SwitchMode::link;
  bool const serves =
      core::usable(config, state, account) && !world_.refuses(account) && (!by_link || account == world_.linked());
  bool const stands = agent->doing == Doing::wall && agent->wall.scope != core::Scope::model;
  // A wall that tells no reset is waited out by quota.default_reset.
  lasts(name.str() + " stands at wall " + std::to_string(agent->wall_number), stands && serves && phase != Phase::held,
        config.quota.default_reset + minutes{40}, now);
  lasts(name.str() + " counts as blocked and is not",
        phase == Phase::blocked && serves && (agent->doing == Doing::idle || agent->doing == Doing::working),
        minutes{30}, now);
  lasts(name.str() + " needs a login, and its account serves", phase == Phase::auth_needed && serves, minutes{40}, now);
  bool const strands =
      phase == Phase::idle && found->second.ours && !core::usable(config, state, found->second.account);
  lasts(name.str() + " idles on an account that does not serve", strands && serves, minutes{20}, now);
  lasts(name.str() + " is recovering", phase == Phase::recovering, minutes{20}, now);
}

}  // namespace failover::sim
