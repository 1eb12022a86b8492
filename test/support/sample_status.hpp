#pragma once

#include "core/status.hpp"

#include <chrono>

/// A small fleet in the middle of a swap, with every kind of figure present.
namespace failover::test {

inline core::Now sample_now() {
  using namespace std::chrono;
  return {sys_days{year{2026} / 3 / 1} + hours{12}, core::MonoTime{hours{5}}};
}

inline core::Moment ago(std::chrono::seconds time) {
  return {sample_now().wall - time, sample_now().mono - time};
}

inline core::Config sample_config() {
  core::Config config;
  for (auto const* name : {"main", "spare", "work"}) {
    core::AccountConfig account;
    account.name = core::AccountName{name};
    account.config_dir = std::string{"/secret/place/"} + name;
    config.accounts.push_back(account);
  }
  config.accounts[2].disabled = true;
  return config;
}

inline core::TaskFile sample_task(char const* id, core::TaskPlace place, std::chrono::seconds age) {
  core::TaskFile task;
  task.id = core::TaskId{id};
  task.place = place;
  task.title = std::string{id} + ".md";
  task.changed_at = ago(age).wall;
  return task;
}

inline core::Swap sample_swap(std::int64_t id) {
  core::Swap swap;
  swap.id = id;
  swap.from = core::AccountName{"spare"};
  swap.to = core::AccountName{"main"};
  swap.phase = core::SwapPhase::done;
  swap.trigger_session = core::SessionName{"pool-1"};
  swap.rule = "limit-reached";
  swap.snippet = "TEXT FROM A SCREEN";
  swap.decided = ago(std::chrono::hours{4});
  swap.ended = ago(std::chrono::hours{4} - std::chrono::seconds{9});
  return swap;
}

inline core::State sample_state() {
  using namespace core;
  using std::chrono::hours;
  using std::chrono::seconds;
  State state;
  state.version = 42;
  state.active = AccountName{"spare"};
  auto& spent = state.accounts[AccountName{"main"}];
  spent.kind = StandingKind::exhausted;
  spent.window = Window::five_hour;
  spent.until = sample_now().wall + hours{2};
  spent.since = ago(seconds{90});
  spent.rule = "limit-reached";
  spent.reported_by = SessionName{"pool-1"};
  spent.exhausted_total = 3;
  state.accounts[AccountName{"spare"}].use = AccountUse{WindowUse{71.5, sample_now().wall + hours{3}},
                                                        WindowUse{40, sample_now().wall + hours{72}},
                                                        ago(seconds{30}),
                                                        {}};

  auto& first = state.sessions[SessionName{"pool-1"}];
  first.phase = Phase::recovering;
  first.since = ago(seconds{8});
  first.pane = PaneRef{100, 200, PaneId{"%7"}};
  first.account = AccountName{"spare"};
  first.task = TaskId{"T1"};
  first.recovery = Recovery{};
  first.recovery->step = RecoveryStep::nudging;
  first.recovery->attempts = 1;
  auto& second = state.sessions[SessionName{"review"}];
  second.kind = SessionKind::dedicated;
  second.phase = Phase::held;
  second.since = ago(seconds{600});
  second.hold_reason = "restart_limit";

  auto& task = state.tasks[TaskId{"T1"}];
  task.file = sample_task("T1", TaskPlace::claimed, seconds{700});
  task.phase = TaskPhase::running;
  task.session = SessionName{"pool-1"};
  task.claimed_at = ago(seconds{300});

  auto& live = state.live;
  live.queue.tasks = {task.file,
                      sample_task("T2", TaskPlace::pending, seconds{60}),
                      sample_task("T3", TaskPlace::pending, seconds{120}),
                      sample_task("T0", TaskPlace::done, seconds{9000}),
                      sample_task("TF", TaskPlace::failed, seconds{9000}),
                      sample_task("TH", TaskPlace::held, seconds{9000})};
  live.tmux_up = true;
  live.listed_at = ago(seconds{3});
  live.captured_at = ago(seconds{2});
  live.scanned_at = ago(seconds{10});
  live.last_refusal = "cooldown";
  live.accounts_known = true;
  live.accounts.directories = {{AccountName{"main"}, true, true, "/secret/place/main"},
                               {AccountName{"spare"}, true, true, "/secret/place/spare"},
                               {AccountName{"work"}, false, false, ""}};

  auto swap = sample_swap(2);
  std::swap(swap.from, swap.to);
  swap.phase = SwapPhase::recovering;
  swap.decided = ago(seconds{88});
  swap.ended.reset();
  swap.resets_at = spent.until;
  state.swap = swap;
  state.past_swaps.push_back(sample_swap(1));
  state.past_swaps.back().unrecovered = {SessionName{"review"}};
  state.outbox.emplace_back();

  auto& counters = state.counters;
  counters.swaps = {{"main\nspare", 2}, {"spare\nmain", 1}};
  counters.swap_failures = {{"link_not_ours", 1}};
  counters.refusals = {{"cooldown", 4}};
  counters.detections = {{"limit-reached\nconfirmed", 3}, {"limit-reached\nvetoed", 1}};
  counters.tasks = {{"done", 17}, {"failed", 1}};
  counters.notifications = {{"telegram\nsent", 5}, {"telegram\nfailed", 1}};
  counters.session_changes = {{"created", 2}};
  counters.recoveries = 6;
  counters.state_write_failures = 1;
  return state;
}

inline core::BuildInfo sample_build() {
  core::BuildInfo build;
  build.version = "0.3.0";
  build.revision = "abc1234";
  build.started = ago(std::chrono::hours{4} + std::chrono::minutes{30});
  build.tmux_reads = {"control", 512, 3, 1};
  build.terminals_watched = 7;
  build.reloaded_at = ago(std::chrono::hours{1});
  return build;
}

inline core::StatusReport sample_report() {
  return core::report(sample_config(), sample_state(), sample_now(), sample_build());
}

}  // namespace failover::test
