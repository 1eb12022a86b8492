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

TEST_CASE("evidence from before the flip says nothing of the new account", "[core][evidence]") {
  Agents world;
  auto const early = world.row("s2", RowKind::api_error, "wall 2");
  world.write("s1", RowKind::api_error, "wall 1");
  world.pass(minutes{7});
  REQUIRE(world.state.active == AccountName("b"));
  world.write("s2", RowKind::prompt, "go");
  world.tell(event::TranscriptGrew{{early}});
  world.pass(minutes{7});
  CHECK(world.standing("b") == StandingKind::available);
}

TEST_CASE("the new account's own wall right after the flip is counted against it", "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::api_error, "wall 1");
  world.pass(minutes{6});
  REQUIRE(world.state.active == AccountName("b"));
  world.write("s1", RowKind::prompt, "go on");
  auto row = world.row("s1", RowKind::api_error, "wall 9");
  world.write(row);
  CHECK(world.standing("b") == StandingKind::exhausted);
  world.pass(minutes{6});
  CHECK(world.count("flip c") == 1);
}

TEST_CASE("an agent that keeps its old login is restarted in its conversation", "[core][evidence]") {
  Agents world;
  auto first = world.row("s1", RowKind::api_error, "wall 1");
  world.after_prompt = "working";
  first.version = "2.0.77";
  world.write(first);
  world.pass(minutes{1});
  CHECK(world.state.active == AccountName("b"));
  CHECK(world.count("prompt s1") == 0);
  CHECK(world.standing("b") == StandingKind::available);
  CHECK(world.count("restart s1") == 1);
  CHECK(world.phase("s1") == Phase::working);
}

TEST_CASE("the next turn of an idle session is the active account's", "[core][evidence][swap]") {
  EngineWorld world{EngineWorld::fleet()};
  world.pass(seconds{20});
  world.show("s1", "wall 1");
  world.pass(minutes{2});
  REQUIRE(world.link == "/acc/b");
  CHECK(world.session("s2").account == AccountName("b"));
}

TEST_CASE("what a session met while the link led elsewhere says nothing of the account it returned to",
          "[core][evidence][swap]") {
  Agents world;
  world.write("s1", RowKind::prompt, "do this");
  world.show("s1", "working");
  world.pass(seconds{31});
  world.link = "/acc/b";  // by hand
  world.pass(seconds{20});
  auto const met = world.row("s1", RowKind::api_error, "wall 1");
  world.pass(seconds{5});
  world.link = "/acc/a";
  world.pass(seconds{20});
  REQUIRE(world.state.active == AccountName("a"));
  world.write(met);
  CHECK(world.standing("a") == StandingKind::available);
}

TEST_CASE("a turn that outlived a flip met the wall of the new account", "[core][evidence][swap]") {
  Agents world;
  world.write("s1", RowKind::prompt, "do this");
  world.show("s1", "working");
  world.pass(seconds{31});
  world.link = "/acc/b";
  world.pass(seconds{40});
  world.write("s1", RowKind::api_error, "wall 1");
  CHECK(world.standing("a") == StandingKind::available);
  CHECK(world.standing("b") == StandingKind::exhausted);
}

TEST_CASE("an old agent's wall that a tool prints ends no turn", "[core][evidence]") {
  Agents world;
  world.write("s2", RowKind::prompt, "that");
  world.write("s2", RowKind::api_error, "wall 9");
  world.pass(seconds{10});
  REQUIRE(world.state.active == AccountName("b"));
  auto asked = world.row("s1", RowKind::prompt, "do this");
  asked.version = "2.0.77";
  world.write(asked);
  auto ran = world.row("s1", RowKind::tool_result);
  ran.version = "2.0.77";
  world.write(ran);
  world.show("s1", "wall 1 > do this");
  world.pass(seconds{20});
  CHECK(world.count("restart s1") == 0);
}

TEST_CASE("a look from before the move that shows the turn still running does not end its recovery",
          "[core][evidence]") {
  Agents world;
  world.show("s1", "working > alpha");
  world.pass(seconds{31});
  world.state.live.capturing = true;
  world.state.sessions.at(SessionName("s1")).watching.in_look = true;
  world.screens["s1"] = "wall 1 > alpha";
  world.tell(event::HookCalled{world.failure("s1", "wall 1")});
  world.pass(before_a_look);
  REQUIRE(world.state.active == AccountName("b"));
  REQUIRE(world.phase("s1") == Phase::recovering);
  world.tell(event::ScreensCaptured{std::vector<Screen>{{*world.session("s1").pane, "working > alpha", {}}}});
  CHECK(world.phase("s1") == Phase::recovering);
  world.pass(minutes{1});
  CHECK(world.standing("b") == StandingKind::available);
  CHECK(world.count("prompt s1 continue") == 1);
}

TEST_CASE("an old agent whose wall is told after its next turn was seen to run is left at work", "[core][evidence]") {
  Agents world;
  world.write("s2", RowKind::prompt, "that");
  world.write("s2", RowKind::api_error, "wall 1");
  world.pass(seconds{20});
  REQUIRE(world.state.active == AccountName("b"));
  auto late = world.row("s1", RowKind::api_error, "wall 2");
  late.version = "2.0.77";
  world.pass(seconds{20});
  SECTION("and one that stands there is restarted") {
    world.write(late);
    CHECK(world.count("restart s1") == 1);
  }
  SECTION("with a person's prompt") {
    world.show("s1", "working > another");
    world.pass(seconds{31});
    REQUIRE(world.phase("s1") == Phase::working);
    world.write(late);
    CHECK(world.count("restart s1") == 0);
    CHECK(world.phase("s1") == Phase::working);
  }
}

TEST_CASE("what an old agent said before it was restarted is not said of its new account", "[core][evidence]") {
  Agents world;
  world.write("s2", RowKind::prompt, "that");
  world.write("s2", RowKind::api_error, "wall 9");
  world.pass(seconds{10});
  REQUIRE(world.state.active == AccountName("b"));
  auto wall = world.row("s1", RowKind::api_error, "wall 1");
  wall.version = "2.0.77";
  auto const late = world.failure("s1", "wall 1");
  world.pass(seconds{1});
  world.write(wall);
  world.pass(seconds{5});
  REQUIRE(world.count("restart s1") == 1);
  world.tell(event::HookCalled{late});
  CHECK(world.standing("b") == StandingKind::available);
}

TEST_CASE("an old agent's start before the flip stays before it, also after a restart with the clock set back",
          "[core][evidence]") {
  Agents world;
  world.write("s2", RowKind::prompt, "that");
  world.write("s2", RowKind::api_error, "wall 9");
  world.pass(seconds{10});
  REQUIRE(world.state.active == AccountName("b"));
  auto const saved_at = world.now.wall;
  world.now.wall -= minutes{30};
  // As the state file is read.
  auto const present = present_of_saved(saved_at, world.now);
  world.state.active_since = restored(world.state.active_since.wall, present);
  auto& session = world.state.sessions.at(SessionName("s1"));
  for (auto& start : session.starts) start = restored(start.wall, present);
  session.account_since = restored(session.account_since.wall, present);
  world.restart();
  world.pass(minutes{1});
  auto asked = world.row("s1", RowKind::prompt, "do this");
  asked.version = "2.0.77";
  world.write(asked);
  world.pass(seconds{1});
  auto wall = world.row("s1", RowKind::api_error, "wall 1");
  wall.version = "2.0.77";
  world.write(wall);
  CHECK(world.standing("b") == StandingKind::available);
  CHECK(world.newest_ruling("s1") == Ruling::former_account);
}

TEST_CASE("a refused login from before the account came back is no news", "[core][evidence]") {
  Agents world;
  auto failed = world.failure("s1", "");
  failed.error = "authentication_failed";
  world.tell(event::HookCalled{failed});
  REQUIRE(world.standing("a") == StandingKind::auth_broken);
  world.pass(seconds{5});
  world.tell(event::AccountSwitched{AccountName("a"), true});
  world.pass(seconds{1});
  world.tell(event::HookCalled{failed});
  CHECK(world.standing("a") == StandingKind::available);
}

TEST_CASE("a blocked session to which a person gave a new turn meets the login of the account in use",
          "[core][evidence][swap]") {
  Agents world;
  world.tell(event::BrakeSet{true, ""});
  world.show("s1", "wall 1 > do this");
  world.pass(seconds{31});
  world.link = "/acc/b";
  world.pass(minutes{1});
  REQUIRE(world.phase("s1") == Phase::blocked);
  world.show("s1", "login");
  world.pass(minutes{1});
  CHECK(world.standing("a") == StandingKind::exhausted);
  CHECK(world.standing("b") == StandingKind::auth_broken);
}

TEST_CASE("a wall that a tool had printed when the account was left does not block the session", "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::prompt, "do this");
  world.write("s1", RowKind::tool_result);
  world.show("s1", "wall 1 > do this");
  world.pass(seconds{40});
  world.tell(event::SwapAsked{AccountName("b")});
  world.pass(minutes{1});
  CHECK(world.phase("s1") != Phase::blocked);
  CHECK(world.count("prompt s1") + world.count("restart s1") == 0);
}

TEST_CASE("a turn that waited for a permission while the link was moved meets the new account's wall",
          "[core][evidence][swap]") {
  Agents world;
  world.show("s1", "permission");
  world.pass(seconds{31});
  world.link = "/acc/b";
  world.pass(minutes{2});
  REQUIRE(world.state.active == AccountName("b"));
  world.show("s1", "wall 1");
  world.pass(minutes{1});
  CHECK(world.standing("a") == StandingKind::available);
  CHECK(world.standing("b") == StandingKind::exhausted);
}

TEST_CASE("an old agent is not restarted onto an account that does not serve", "[core][evidence]") {
  Agents world;
  world.write("s2", RowKind::prompt, "that");
  world.write("s2", RowKind::api_error, "wall 9");
  world.pass(seconds{10});
  REQUIRE(world.state.active == AccountName("b"));
  world.tell(event::AccountSwitched{AccountName("b"), false});
  auto wall = world.row("s1", RowKind::api_error, "wall 1");
  wall.version = "2.0.77";
  world.write(wall);
  world.pass(seconds{1});
  CHECK(world.count("restart s1") == 0);
  CHECK(world.phase("s1") == Phase::blocked);
}

TEST_CASE("a session that was started anew in front of an old wall is brought back", "[core][evidence]") {
  Agents world;
  auto& session = world.state.sessions.at(SessionName("s1"));
  auto wall = world.row("s1", RowKind::api_error, "wall 1");
  wall.at = world.now.wall - hours{1};  // what was counted then is not remembered any more
  session.phase = Phase::starting;
  session.conversed = true;
  world.show("s1", "wall 1");
  world.write(wall);
  world.pass(minutes{1});
  CHECK(world.count("prompt s1 continue") == 1);
  CHECK(world.phase("s1") == Phase::working);
  CHECK(world.standing("a") == StandingKind::available);
}

TEST_CASE("a session that stands at a wall from before the account came back is brought back, whatever it was before",
          "[core][evidence]") {
  auto const before = GENERATE(as<std::string>{}, "permission", "idle > build it");
  Agents world;
  world.config.accounts.resize(1);
  world.write("s1", RowKind::prompt, "build it");
  world.show("s1", before);
  world.pass(seconds{31});
  world.write("s2", RowKind::prompt, "that");
  world.write("s2", RowKind::api_error, "wall 3");
  REQUIRE(world.standing("a") == StandingKind::exhausted);
  // Its turn ends while the daemon is away, and the account is back when it returns.
  world.pass(seconds{1});
  auto const prompt = world.row("s1", RowKind::prompt, "build it");
  auto const wall = world.row("s1", RowKind::api_error, "wall 1");
  world.restart();
  world.now.wall += hours{2};
  world.now.mono += hours{2};
  world.show("s1", "wall 1 > build it");
  world.show("s2", "idle");
  world.tell(event::Tick{});
  world.write(prompt);
  world.write(wall);
  world.pass(minutes{2});
  CHECK(world.count("prompt s1 continue") == 1);
  CHECK(world.standing("a") == StandingKind::available);
}

TEST_CASE("a row that was outdated stays so when the account stands otherwise again", "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::prompt, "do it");
  auto const wall = world.row("s1", RowKind::api_error, "wall 1");
  world.pass(seconds{10});
  world.state.accounts[AccountName("a")].since = world.now;  // it came back since the row was written
  world.write(wall);
  REQUIRE(world.newest_ruling("s1") == Ruling::outdated);
  world.restart();
  world.state.accounts[AccountName("a")].kind = StandingKind::auth_broken;
  world.write(wall);
  world.pass(seconds{5});
  CHECK(world.newest_ruling("s1") == Ruling::outdated);
  CHECK(world.standing("a") == StandingKind::auth_broken);
}

TEST_CASE("an outdated wall ends a turn that was last seen to ask for permission", "[core][evidence]") {
  Agents world;
  world.show("s1", "permission");
  world.write("s1", RowKind::prompt, "do it");
  world.pass(seconds{31});
  REQUIRE(world.phase("s1") == Phase::waiting_permission);
  auto const wall = world.row("s1", RowKind::api_error, "wall 1");
  world.screens["s1"] = "wall 1";
  auto& account = world.state.accounts[AccountName("a")];
  account.since = {world.now.wall + seconds{1}, world.now.mono + seconds{1}};  // it came back before the row was read
  world.now = {world.now.wall + seconds{2}, world.now.mono + seconds{2}};
  world.write(wall);
  REQUIRE(world.newest_ruling("s1") == Ruling::outdated);
  CHECK(world.phase("s1") != Phase::waiting_permission);
}
