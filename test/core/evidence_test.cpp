#include "core/evidence.hpp"

#include "test/support/agents_world.hpp"
#include "test/support/catch.hpp"

using namespace failover::test;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

/// The screen has said nothing yet when the world below is asked.
constexpr Duration before_a_look = std::chrono::milliseconds{100};

}  // namespace

TEST_CASE("a wall in the transcript alone is confirmed at once", "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::prompt, "build it");
  world.write("s1", RowKind::api_error, "wall 1");
  CHECK(world.newest_ruling("s1") == Ruling::confirmed);
  CHECK(world.session("s1").observations.back().source == Source::transcript);
  CHECK(world.logged("session changed", "blocked(quota)"));
  world.pass(before_a_look);
  CHECK(world.count("flip b") == 1);
}

TEST_CASE("a row typed as a limit counts whatever its wording, by its own window and time", "[core][evidence]") {
  Agents world;
  auto row = world.row("s1", RowKind::api_error, "Words that no rule knows");
  row.usage_limit = true;
  row.limit_type = "seven_day";
  row.resets_at = world.now.wall + hours{50};
  world.write(row);
  auto const& account = world.state.accounts.at(AccountName("a"));
  CHECK(account.kind == StandingKind::exhausted);
  CHECK(account.window == Window::weekly);
  CHECK(account.until == world.now.wall + hours{50});
  CHECK_FALSE(account.until_assumed);
}

TEST_CASE("a later window of a second session makes the account's episode longer, never shorter", "[core][evidence]") {
  Agents world;
  world.config.accounts.resize(1);
  world.write("s1", RowKind::api_error, "wall 1");
  auto weekly = world.row("s2", RowKind::api_error, "wall 2");
  weekly.limit_type = "seven_day";
  weekly.resets_at = world.now.wall + hours{40};
  weekly.usage_limit = true;
  world.write(weekly);
  auto const& account = world.state.accounts.at(AccountName("a"));
  CHECK(account.until == world.now.wall + hours{40});
  CHECK(account.window == Window::weekly);
  CHECK(account.exhausted_total == 1);
  world.pass(hours{2});
  CHECK(account.kind == StandingKind::exhausted);
}

TEST_CASE("a StopFailure hook alone is confirmed when its message is a wall", "[core][evidence]") {
  Agents world;
  world.tell(event::HookCalled{world.failure("s1", "wall 1")});
  CHECK(world.newest_ruling("s1") == Ruling::confirmed);
  CHECK(world.session("s1").observations.back().source == Source::hook);
  CHECK(world.logged("session changed", "blocked(quota)"));
  world.pass(before_a_look);
  CHECK(world.count("flip b") == 1);
}

TEST_CASE("a StopFailure hook that only says rate_limit is no quota", "[core][evidence]") {
  Agents world;
  world.tell(event::HookCalled{world.failure("s1", "error: Request rejected (429)")});
  world.pass(minutes{1});
  CHECK(world.session("s1").observations.empty());
  CHECK(world.count("flip") == 0);
}

TEST_CASE("a screen with a time of reset alone is confirmed at the first look", "[core][evidence]") {
  Agents world;
  world.show("s1", "wall 1");
  world.pass(seconds{31});
  CHECK(world.session("s1").observations.front().ruling == Ruling::confirmed);
  CHECK(world.count("flip b") == 1);
}

TEST_CASE("all sources together are one episode, one swap and one prompt", "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::prompt, "build it");
  world.show("s1", "wall 1 > build it");
  world.write("s1", RowKind::api_error, "wall 1");
  world.tell(event::HookCalled{world.failure("s1", "wall 1")});
  world.pass(minutes{2});
  CHECK(world.count("flip") == 1);
  CHECK(world.count("prompt s1") == 1);
  CHECK(world.state.accounts.at(AccountName("a")).exhausted_total == 1);
}

TEST_CASE("beside a transcript the screen waits a second for the row, which decides", "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::prompt, "show me the log");
  world.show("s1", "wall 1 > show me the log");
  world.pass(seconds{30});  // until the look
  world.write("s1", RowKind::api_error, "wall 1");
  world.pass(seconds{2});
  CHECK(world.count("flip b") == 1);
}

TEST_CASE("a wall that a tool prints is refuted by the transcript beside it", "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::prompt, "cat the log");
  world.show("s1", "wall 1 > cat the log");
  world.write("s1", RowKind::tool_result);
  world.pass(minutes{20});
  CHECK(world.newest_ruling("s1") == Ruling::refuted);
  CHECK(world.count("flip") == 0);
  CHECK(world.phase("s1") != Phase::blocked);
}

TEST_CASE("a wall quoted in the model's answer is refuted by the transcript beside it", "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::prompt, "what does it say");
  world.show("s1", "wall 1 > what does it say");
  world.write("s1", RowKind::reply);
  world.pass(hours{2});
  CHECK(world.count("flip") == 0);
  world.write("s1", RowKind::prompt, "and now");
  world.show("s1", "wall 2 > and now");
  world.write("s1", RowKind::api_error, "wall 2");
  world.pass(minutes{1});
  CHECK(world.count("flip b") == 1);  // the real one afterwards counts
}

TEST_CASE("a transcript that does not grow any more denies nothing", "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::prompt, "the first task");
  world.write("s1", RowKind::reply);
  world.pass(minutes{5});
  world.show("s1", "wall 1 > the second task, which no transcript has");
  world.pass(minutes{1});
  CHECK(world.count("flip b") == 1);
}

TEST_CASE("a session stopped by a row goes on even where its screen shows no wall", "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::prompt, "build it");
  world.show("s1", "idle > build it");
  world.write("s1", RowKind::api_error, "wall 1");
  world.pass(seconds{3});
  REQUIRE(world.count("flip b") == 1);
  world.after_prompt = "working > continue";
  world.pass(minutes{1});
  CHECK(world.count("prompt s1") == 1);
  CHECK(world.phase("s1") == Phase::working);
}

TEST_CASE("a subagent's wall spends the account and leaves its session at work", "[core][evidence]") {
  Agents world;
  world.show("s1", "working");
  world.pass(seconds{31});
  auto row = world.row("s1", RowKind::api_error, "wall 1");
  row.sidechain = true;
  world.write(row);
  CHECK(world.phase("s1") == Phase::working);
  CHECK(world.standing("a") == StandingKind::exhausted);
}

TEST_CASE("a wall whose row comes after the screen was refuted stops the session all the same", "[core][evidence]") {
  Agents world;
  auto const wall = world.row("s1", RowKind::api_error, "wall 1");
  world.write("s1", RowKind::prompt, "build it");
  world.write("s1", RowKind::tool_result);
  world.show("s1", "working > build it");
  world.pass(seconds{31});
  world.show("s1", "wall 1 > build it");
  world.pass(minutes{1});
  REQUIRE(world.newest_ruling("s1") == Ruling::refuted);
  auto late = wall;
  late.at = world.now.wall;
  world.tell(event::SwapAsked{AccountName("b")});
  world.pass(seconds{2});
  late.at -= seconds{30};
  world.write(late);
  world.pass(minutes{2});
  CHECK(world.count("prompt s1") == 1);
}

TEST_CASE("a limit in words that no rule knows is told once and changes nothing", "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::api_error, "Ration exhausted until 3pm");
  world.write("s1", RowKind::api_error, "Ration exhausted until 4pm");
  world.pass(minutes{1});
  CHECK(std::count_if(world.log.begin(), world.log.end(),
                      [](auto const& line) { return line.message == "unrecognised wording"; }) == 1);
  CHECK(world.standing("a") == StandingKind::available);
  CHECK(world.count("flip") == 0);
}

TEST_CASE("a login error of the agent itself marks the account", "[core][evidence]") {
  Agents world;
  auto row = world.row("s1", RowKind::api_error, "Please run /login");
  row.error = "authentication_failed";
  world.write(row);
  CHECK(world.standing("a") == StandingKind::auth_broken);
  CHECK(world.phase("s1") == Phase::auth_needed);
}

TEST_CASE("a refused login counts once, however long its words stay on a screen", "[core][evidence]") {
  Agents world;
  world.show("s1", "login");
  world.show("s2", "login");
  world.pass(seconds{31});
  REQUIRE(world.standing("a") == StandingKind::auth_broken);
  world.tell(event::AccountSwitched{AccountName("a"), true});
  world.tell(event::SessionSwitched{SessionName("s2"), true});
  world.pass(minutes{3});
  CHECK(world.standing("a") == StandingKind::available);
  CHECK(world.state.past_swaps.empty());
}

TEST_CASE("a session that waited for its model and then met the account's wall waits for that one",
          "[core][evidence]") {
  Agents world;
  world.config.accounts.resize(1);
  auto barred = world.row("s1", RowKind::api_error, "wall 1");
  barred.usage_limit = true;
  barred.limit_type = "seven_day_opus";
  barred.resets_at = world.now.wall + hours{20};
  world.write(barred);
  REQUIRE(world.phase("s1") == Phase::blocked);
  REQUIRE(world.session("s1").blocked_until > world.now.wall + hours{19});
  world.write("s2", RowKind::prompt, "that");
  world.write("s2", RowKind::api_error, "wall 3");
  REQUIRE(world.standing("a") == StandingKind::exhausted);
  world.write("s1", RowKind::api_error, "wall 4");
  CHECK(world.phase("s1") == Phase::blocked);
  CHECK(world.session("s1").blocked_until <= world.state.accounts.at(AccountName("a")).until);
}

TEST_CASE("so does one whose model's limit was told twice, the second time to the minute", "[core][evidence]") {
  Agents world;
  world.config.accounts.resize(1);
  world.config.quota.min_blocked_sessions = 2;
  auto barred = world.row("s1", RowKind::api_error, "wall 1");
  barred.usage_limit = true;
  barred.limit_type = "seven_day_opus";
  barred.resets_at = world.now.wall + hours{20};
  world.write(barred);
  REQUIRE(world.phase("s1") == Phase::blocked);
  world.state.sessions.at(SessionName("s1")).blocked_until -= seconds{40};
  world.write("s1", RowKind::api_error, "wall 4");
  world.write("s2", RowKind::prompt, "that");
  world.write("s2", RowKind::api_error, "wall 3");
  REQUIRE(world.standing("a") == StandingKind::exhausted);
  CHECK(world.session("s1").blocked_until <= world.state.accounts.at(AccountName("a")).until);
}
