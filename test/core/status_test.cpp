#include "core/status.hpp"

#include "core/fitting.hpp"
#include "test/support/catch.hpp"
#include "test/support/sample_status.hpp"

using namespace failover::core;
using namespace failover::test;
using namespace std::chrono_literals;

namespace {

std::vector<HealthReason> reasons(State const& state, Config const& config = sample_config()) {
  return health(config, state, sample_now()).reasons;
}

}  // namespace

TEST_CASE("accounts are reported in the configuration's order, with the one in use marked", "[core][status]") {
  auto const accounts = sample_report().accounts;
  REQUIRE(accounts.size() == 3);
  CHECK(accounts[0].standing == "exhausted");
  CHECK_FALSE(accounts[0].active);
  CHECK(accounts[0].window == Window::five_hour);
  CHECK(accounts[0].resets_at == Instant{sample_now().wall + 2h, -2h});
  CHECK(accounts[0].since == Instant{ago(90s).wall, 90s});
  CHECK(accounts[1].standing == "available");
  CHECK(accounts[1].active);
  CHECK_FALSE(accounts[1].since);
  CHECK_FALSE(accounts[1].resets_at);
}

TEST_CASE("an account that the operator disabled is disabled, whatever its quota", "[core][status]") {
  auto state = sample_state();
  state.accounts[AccountName{"work"}].kind = StandingKind::exhausted;
  state.accounts[AccountName{"work"}].until = sample_now().wall + 1h;
  auto const status = report(sample_config(), state, sample_now(), sample_build());
  CHECK(status.accounts[2].standing == "disabled");
  CHECK(status.next_reset == Instant{sample_now().wall + 2h, -2h});
}

TEST_CASE("an account that the configuration no longer names is not reported", "[core][status]") {
  auto state = sample_state();
  state.accounts[AccountName{"gone"}].kind = StandingKind::exhausted;
  CHECK(report(sample_config(), state, sample_now(), sample_build()).accounts.size() == 3);
}

TEST_CASE("an age is measured on the clock that never jumps", "[core][status]") {
  auto now = sample_now();
  now.wall += 10h;  // the wall clock was set
  auto const status = report(sample_config(), sample_state(), now, sample_build());
  CHECK(status.sessions[0].since->age == 8s);
  CHECK(status.uptime == 4h + 30min);
}

TEST_CASE("a session is reported with its task, its recovery and why it is held", "[core][status]") {
  auto const sessions = sample_report().sessions;
  REQUIRE(sessions.size() == 2);
  CHECK(sessions[0].phase == Phase::recovering);
  CHECK(sessions[0].task == TaskId{"T1"});
  CHECK(sessions[0].recovery == RecoveryStep::nudging);
  CHECK(sessions[0].recovery_attempts == 1);
  CHECK(sessions[1].kind == SessionKind::dedicated);
  CHECK(sessions[1].hold_reason == "restart_limit");
}

TEST_CASE("the queue is counted by place, and its oldest waiting task has an age", "[core][status]") {
  auto const queue = sample_report().queue;
  CHECK(std::vector{queue.pending, queue.claimed, queue.done, queue.failed, queue.held} ==
        std::vector<std::int64_t>{2, 1, 1, 1, 1});
  CHECK(queue.oldest_pending->age == 120s);
  REQUIRE(queue.in_flight.size() == 1);
  CHECK(queue.in_flight[0] ==
        TaskStatus{TaskId{"T1"}, "T1.md", SessionName{"pool-1"}, TaskPhase::running, Instant{ago(300s).wall, 300s}});
}

TEST_CASE("each pending task says what it waits for, the first hundred by name", "[core][status]") {
  auto state = sample_state();
  state.live.tasks_reconciled = true;
  state.swap.reset();
  state.past_swaps.clear();
  state.live.queue.tasks[1].request.agent = "codex";
  state.live.queue.tasks[2].request.after = {TaskId{"TF"}};
  auto queue = report(sample_config(), state, sample_now(), sample_build()).queue;
  CHECK(queue.stopped_by.empty());
  CHECK(queue.next ==
        std::vector<PendingStatus>{{TaskId{"T3"}, "T3.md", 0, "after_failed:TF", Instant{ago(120s).wall, 120s}},
                                   {TaskId{"T2"}, "T2.md", 0, "no_fitting_session", Instant{ago(60s).wall, 60s}}});
  CHECK(queue.waiting == std::map<std::string, std::int64_t>{{"after_failed", 1}, {"no_fitting_session", 1}});
  for (int i = 0; i < 200; ++i)
    state.live.queue.tasks.push_back(sample_task(("X" + std::to_string(i)).c_str(), TaskPlace::pending, 1s));
  queue = report(sample_config(), state, sample_now(), sample_build()).queue;
  CHECK(queue.next.size() == max_pending_in_order);
  CHECK(queue.waiting.at("session_busy") == 200);
}

TEST_CASE("a dry run gives nothing out, and says so", "[core][status]") {
  auto build = sample_build();
  build.dry_run = true;
  CHECK(report(sample_config(), sample_state(), sample_now(), build).queue.stopped_by == "dry_run");
}

TEST_CASE("the swap in progress leads the history, which shows ten", "[core][status]") {
  auto state = sample_state();
  for (std::int64_t id = 3; id < 30; ++id) state.past_swaps.push_back(sample_swap(id));
  auto const swaps = report(sample_config(), state, sample_now(), sample_build()).swaps;
  REQUIRE(swaps.size() == 10);
  CHECK(swaps[0].id == 2);
  CHECK(swaps[0].phase == SwapPhase::recovering);
  CHECK(swaps[1].id == 29);
  CHECK(swaps[9].id == 21);
}

TEST_CASE("reports that only time tells apart are the same", "[core][status]") {
  auto later = sample_now();
  later.wall += 5s;
  later.mono += 5s;
  auto state = sample_state();
  state.live.captured_at = later;
  CHECK(same_but_for_time(sample_report(), report(sample_config(), state, later, sample_build())));
  state.live.queue.tasks.pop_back();
  CHECK_FALSE(same_but_for_time(sample_report(), report(sample_config(), state, later, sample_build())));
}

TEST_CASE("of tmux's problem only the kind is told", "[core][status]") {
  auto state = sample_state();
  state.live.tmux_up = false;
  state.live.tmux_problem = "timed_out: tmux -S /home/me/socket list-panes";
  CHECK(report(sample_config(), state, sample_now(), sample_build()).tmux_problem == "timed_out");
  state.live.tmux_problem = "no server running on /home/me/socket";
  CHECK(report(sample_config(), state, sample_now(), sample_build()).tmux_problem == "unavailable");
}

TEST_CASE("a fleet that is looked after is healthy, also while every account waits for its reset", "[core][health]") {
  auto state = sample_state();
  CHECK(reasons(state).empty());
  state.accounts[AccountName{"spare"}].kind = StandingKind::exhausted;
  CHECK(reasons(state).empty());
}

TEST_CASE("tmux down is named, and the polls that it prevents are not blamed too", "[core][health]") {
  auto state = sample_state();
  state.live.tmux_up = false;
  state.live.listed_at = ago(1h);
  CHECK(reasons(state) == std::vector{HealthReason::tmux_down});
}

TEST_CASE("panes that nobody listed for two intervals are a fault", "[core][health]") {
  auto state = sample_state();
  auto const limit = std::chrono::duration_cast<std::chrono::seconds>(poll_age_limit(sample_config()));
  state.live.captured_at.reset();
  state.live.listed_at = ago(limit);
  CHECK(reasons(state).empty());
  state.live.listed_at = ago(limit + 1s);
  CHECK(reasons(state) == std::vector{HealthReason::last_poll_too_old});
  state.live.listed_at.reset();
  CHECK(reasons(state) == std::vector{HealthReason::last_poll_too_old});
}

TEST_CASE("a reload, which forgets when the panes were listed, is no fault", "[core][health]") {
  auto state = sample_state();
  state.live.listed_at.reset();
  CHECK(reasons(state).empty());
}

TEST_CASE("screens must be fresh only while a session has been there long enough to be read", "[core][health]") {
  auto state = sample_state();
  state.live.captured_at = ago(1h);
  CHECK(reasons(state).empty());
  state.sessions[SessionName{"pool-1"}].since = ago(1h);
  CHECK(reasons(state) == std::vector{HealthReason::last_poll_too_old});
  state.sessions[SessionName{"pool-1"}].pane.reset();
  CHECK(reasons(state).empty());
}

TEST_CASE("a state that cannot be saved is a fault", "[core][health]") {
  auto state = sample_state();
  state.live.state_problem = "no_space: /var/lib";
  CHECK(reasons(state) == std::vector{HealthReason::state_not_writable});
}

TEST_CASE("accounts that no waiting cures are a fault", "[core][health]") {
  auto state = sample_state();
  state.accounts[AccountName{"main"}].kind = StandingKind::auth_broken;
  CHECK(reasons(state).empty());
  state.accounts[AccountName{"spare"}].kind = StandingKind::spend_blocked;
  CHECK(reasons(state) == std::vector{HealthReason::accounts_unusable});
  state.accounts[AccountName{"spare"}].kind = StandingKind::available;
  state.live.accounts.directories[1].logged_in = false;
  CHECK(reasons(state) == std::vector{HealthReason::accounts_unusable});
  state.live.accounts_known = false;
  CHECK(reasons(state).empty());
}

TEST_CASE("an engine that takes no news is a stalled loop", "[core][health]") {
  CHECK(health(sample_config(), sample_state(), sample_now(), ago(10s)).ok());
  CHECK(health(sample_config(), sample_state(), sample_now(), ago(10min)).reasons ==
        std::vector{HealthReason::loop_stalled});
}

TEST_CASE("every reason has its word", "[core][health]") {
  CHECK(to_string(HealthReason::loop_stalled) == "loop_stalled");
  CHECK(to_string(HealthReason::accounts_unusable) == "accounts_unusable");
}

TEST_CASE("a window's use is shown until the window ends", "[core][status]") {
  using namespace failover::core;
  Config config;
  config.accounts.push_back({AccountName{"main"}, "/acc/main", false});
  Now const now{WallTime{std::chrono::hours{500000}}, MonoTime{std::chrono::hours{9}}};
  State state;
  state.accounts[AccountName{"main"}].use =
      AccountUse{WindowUse{91, now.wall + std::chrono::minutes{1}}, WindowUse{12, {}}, now, {}};
  auto const shown = report(config, state, now, {}).accounts.at(0);
  REQUIRE(shown.five_hour.has_value());
  CHECK(shown.five_hour->used_percent == 91);
  REQUIRE(shown.weekly.has_value());
  CHECK_FALSE(shown.weekly->resets_at.has_value());
  Now const later{now.wall + std::chrono::minutes{1}, now.mono + std::chrono::minutes{1}};
  auto const ended = report(config, state, later, {}).accounts.at(0);
  CHECK_FALSE(ended.five_hour.has_value());
  CHECK(ended.use_told.has_value());
}
