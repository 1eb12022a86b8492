#include "test/sim/scenario.hpp"

namespace failover::sim {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

std::int64_t sometimes(Chance& chance, std::int64_t most) {
  return chance.percent(35) ? chance.between(1, most) : 0;
}

Faults draw_faults(Chance& chance) {
  Faults faults;
  if (chance.one_in(8)) return faults;
  faults.late = sometimes(chance, 8);
  faults.failing = sometimes(chance, 10);
  faults.unknown = sometimes(chance, 10);
  faults.capture_missing = sometimes(chance, 15);
  faults.capture_stale = sometimes(chance, 10);
  faults.rows_late = sometimes(chance, 30);
  faults.rows_lost = sometimes(chance, 30);
  faults.rows_doubled = sometimes(chance, 30);
  faults.hooks_lost = sometimes(chance, 50);
  faults.hooks_late = sometimes(chance, 30);
  faults.hooks_doubled = sometimes(chance, 30);
  faults.quotes = sometimes(chance, 20);
  faults.save_failing = sometimes(chance, 15);
  faults.crashes = sometimes(chance, 60);
  faults.deaths = sometimes(chance, 40);
  faults.tmux_ends = sometimes(chance, 10);
  faults.tmux_mute = sometimes(chance, 10);
  faults.clock_forward = sometimes(chance, 10);
  faults.clock_back = sometimes(chance, 10);
  faults.operator_flips = sometimes(chance, 15);
  faults.operator_swaps = sometimes(chance, 30);
  faults.operator_accounts = sometimes(chance, 30);
  faults.operator_brakes = sometimes(chance, 25);
  faults.operator_holds = sometimes(chance, 30);
  faults.operator_tasks = sometimes(chance, 60);
  faults.usage_late = sometimes(chance, 40);
  faults.usage_old = sometimes(chance, 30);
  faults.usage_wrong = sometimes(chance, 20);
  faults.reloads = sometimes(chance, 15);
  faults.persons = sometimes(chance, 50);
  faults.drafts = sometimes(chance, 20);
  return faults;
}

core::AccountConfig draw_account(Chance& chance, std::int64_t number) {
  std::string const name(1, static_cast<char>('a' + number));
  core::AccountConfig account{core::AccountName(name), "/acc/" + name, number > 0 && chance.one_in(12)};
  account.weight = chance.between(1, 5);
  if (chance.one_in(8)) account.reserve = chance.between(5, 40);
  return account;
}

void draw_switching(Chance& chance, core::Config& config) {
  auto& switching = config.switching;
  switching.mode = chance.percent(35) ? core::SwitchMode::per_session : core::SwitchMode::link;
  switching.link = "/home/link";
  switching.strategy = chance.one_of(
      std::vector{core::Strategy::priority, core::Strategy::most_headroom, core::Strategy::soonest_reset});
  switching.dwell = minutes{chance.between(2, 30)};
  switching.freeze = minutes{chance.between(10, 90)};
  switching.min_improvement = chance.between(0, 20);
  switching.max_per_hour = chance.between(2, 6);
  switching.max_per_day = chance.between(6, 16);
  switching.recover_at_once = chance.between(1, 3);
}

void draw_sessions(Chance& chance, core::Config& config) {
  bool const by_link = config.switching.mode == core::SwitchMode::link;
  config.sessions.pool = {chance.between(1, 8), "s", "/work"};
  if (by_link && chance.one_in(3)) config.sessions.adopt = {"mine*"};
  if (chance.one_in(4)) config.sessions.dedicated.push_back({core::SessionName("own"), "/own", {}, {}});
  if (!by_link && chance.one_in(2))
    config.sessions.dedicated.push_back(
        {core::SessionName("pinned"), "/pinned", {}, chance.one_of(config.accounts).name});
}

core::Config draw_config(Chance& chance) {
  core::Config config;
  auto const accounts = chance.between(2, 5);
  for (std::int64_t i = 0; i < accounts; ++i) config.accounts.push_back(draw_account(chance, i));
  draw_switching(chance, config);
  draw_sessions(chance, config);
  config.dispatcher.queue = "/queue";
  config.dispatcher.rescan = seconds{chance.between(20, 90)};
  config.dispatcher.retries = chance.between(0, 2);
  config.quota.poll_interval = seconds{chance.between(10, 60)};
  config.quota.reactivate_cooldown = minutes{chance.between(1, 10)};
  config.quota.default_reset = minutes{chance.between(20, 90)};
  config.sessions.human_grace = chance.one_in(3) ? core::Duration{} : chance.between(seconds{20}, minutes{3});
  config.quota.min_blocked_sessions = chance.one_in(8) && config.sessions.pool.size > 2 ? 2 : 1;
  if (chance.one_in(3)) config.quota.leave_at = chance.between(60, 95);
  config.tmux.sweep = seconds{chance.between(15, 60)};
  config.tmux.start_server = true;
  config.watcher.timeout = chance.one_in(3) ? core::Duration(minutes{15}) : core::Duration(hours{2});
  if (chance.one_in(2)) config.notifications.telegram.emplace();
  return config;
}

}  // namespace

Scenario draw_scenario(Chance& chance) {
  Scenario scenario;
  scenario.config = draw_config(chance);
  scenario.faults = draw_faults(chance);
  scenario.transcripts = chance.percent(70);
  scenario.hooks = scenario.transcripts && chance.percent(60);
  scenario.old_agents = chance.percent(25);
  scenario.same_login = scenario.config.accounts.size() > 2 && chance.one_in(6);
  scenario.permissions = sometimes(chance, 10);
  scenario.bare_walls = sometimes(chance, 50);
  scenario.menus = sometimes(chance, 60);
  scenario.model_limits = sometimes(chance, 4);
  scenario.spend_limits = chance.one_in(4) ? 1 : 0;
  scenario.broken_logins = chance.one_in(4) ? 1 : 0;
  scenario.usage = chance.percent(70);
  scenario.no_signal = sometimes(chance, 40);
  scenario.failing_tasks = sometimes(chance, 40);
  scenario.tasks = chance.between(0, 14);
  scenario.window = minutes{chance.between(20, 120)};
  scenario.quota = chance.between(5, 80);
  scenario.faulty_for = minutes{chance.between(60, 300)};
  auto const& config = scenario.config;
  scenario.calm_for = scenario.window + config.quota.default_reset + config.switching.dwell + config.switching.freeze +
                      config.quota.reactivate_cooldown + hours{2};
  // A screen that lies can only be told by rows that come in time.
  if (scenario.faults.quotes > 0 || scenario.faults.capture_stale > 0)
    scenario.faults.rows_lost = scenario.faults.rows_late = 0;
  return scenario;
}

Scenario with_lost_conversations(Scenario scenario, Chance apart) {
  if (apart.one_in(5)) scenario.lost_conversations = apart.between(10, 100);
  if (apart.one_in(3)) scenario.faults.hints_lost = apart.one_in(3) ? 100 : apart.between(1, 50);
  if (apart.one_in(4)) scenario.faults.hints_late = apart.between(1, 30);
  scenario.spinners = apart.one_in(5);
  return scenario;
}

}  // namespace failover::sim
