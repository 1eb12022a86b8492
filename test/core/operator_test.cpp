#include "core/operator.hpp"

#include "core/swap.hpp"
#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"

using namespace failover::test;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

EngineWorld at_work() {
  EngineWorld world{EngineWorld::fleet()};
  world.pass(seconds{20});
  return world;
}

std::size_t deeds(EngineWorld const& world) {
  std::size_t count = 0;
  for (char const* const deed : {"flip", "prompt", "start", "restart", "escape", "claim", "move"})
    count += world.count(deed);
  return count;
}

}  // namespace

TEST_CASE("with the brake on everything is watched and nothing is changed", "[core][operator]") {
  auto world = at_work();
  world.tell(event::BrakeSet{true, "maintenance"});
  world.queue.tasks.push_back(pending_task("t1"));
  world.show("s1", "wall 1");
  world.show("s2", "dead");
  world.done.clear();
  world.pass(minutes{30});
  CHECK(deeds(world) == 0);
  CHECK(world.phase("s1") == Phase::blocked);
  CHECK(world.state.live.last_refusal == "brake");

  SECTION("also after a restart") {
    world.restart();
    world.done.clear();
    world.pass(minutes{10});
    CHECK(deeds(world) == 0);
    CHECK(world.state.brake.on);
    CHECK(world.state.brake.reason == "maintenance");
  }
  SECTION("off again, it goes on") {
    world.show("s2", "idle");
    world.tell(event::BrakeSet{false, {}});
    world.pass(minutes{2});
    CHECK(world.phase("s1") == Phase::working);
    world.pass(minutes{5});  // tasks wait for the cooldown
    CHECK(world.count("claim") == 1);
  }
}

TEST_CASE("a recovery stands still while the brake is on, and its deadline with it", "[core][operator]") {
  auto world = at_work();
  world.after_prompt = "blank";
  world.show("s1", "wall 1");
  world.pass(seconds{35});
  REQUIRE(world.session("s1").recovery);
  world.tell(event::BrakeSet{true, {}});
  world.done.clear();
  world.pass(minutes{30});
  CHECK(deeds(world) == 0);
  world.tell(event::BrakeSet{false, {}});
  world.pass(seconds{20});
  CHECK(world.count("restart") == 0);  // its time begins anew
}

TEST_CASE("a disabled account is left between two turns and taken by nothing", "[core][operator]") {
  auto world = at_work();
  world.show("s1", "working");
  world.pass(seconds{31});
  world.tell(event::AccountSwitched{AccountName("a"), false});
  world.pass(minutes{2});
  CHECK(world.count("flip") == 0);
  CHECK(world.state.live.last_refusal == "turn_running");
  world.show("s1", "idle");
  world.pass(minutes{1});
  CHECK(world.count("flip b") == 1);
  CHECK(world.state.past_swaps.back().cause == SwapCause::disabled);
  world.pass(minutes{20});
  world.show("s1", "wall 1");
  world.pass(minutes{1});
  CHECK(world.count("flip a") == 0);
  CHECK(world.count("flip c") == 1);
}

TEST_CASE("an account that the operator enables counts as available, and is tried first", "[core][operator]") {
  auto world = at_work();
  world.state.accounts[AccountName("b")].kind = StandingKind::spend_blocked;
  world.tell(event::AccountSwitched{AccountName("b"), true});
  CHECK(world.state.accounts.at(AccountName("b")).kind == StandingKind::available);
  CHECK(world.state.accounts.at(AccountName("b")).unproven);
  CHECK(world.count("save") > 0);
}

TEST_CASE("a session that the operator holds gets no key, task or start until he releases it", "[core][operator]") {
  auto world = at_work();
  world.tell(event::SessionSwitched{SessionName("s1"), true});
  world.show("s1", "wall 1");
  world.queue.tasks.push_back(pending_task("t1"));
  world.queue.tasks.push_back(pending_task("t2"));
  world.done.clear();
  world.pass(minutes{3});
  CHECK(world.phase("s1") == Phase::held);
  CHECK(world.count("prompt s1") == 0);
  CHECK(world.count("claim") == 1);  // the other session took one
  world.show("s1", "idle");
  world.pass(minutes{1});
  CHECK(world.phase("s1") == Phase::held);
  world.panes.erase("s1");
  world.pass(minutes{1});
  CHECK(world.count("start s1") == 0);

  world.tell(event::SessionSwitched{SessionName("s1"), false});
  world.pass(minutes{1});
  CHECK(world.count("start s1") == 1);
  CHECK_FALSE(world.session("s1").held_by_operator);
}

TEST_CASE("what a released session shows is no news of its account", "[core][operator]") {
  auto world = at_work();
  world.show("s1", "wall 1");
  world.tell(event::SessionSwitched{SessionName("s1"), true});
  world.pass(minutes{1});
  world.tell(event::SessionSwitched{SessionName("s1"), false});
  world.pass(minutes{1});
  CHECK(world.count("flip") == 0);
  CHECK(world.phase("s1") == Phase::working);  // brought back by the continue prompt
}

TEST_CASE("the operator's swap is made at once, ends a freeze, and holds for the dwell", "[core][operator]") {
  auto world = at_work();
  world.state.frozen_since = world.now;
  world.tell(event::SwapAsked{AccountName("c")});
  CHECK(world.count("flip c") == 1);
  CHECK_FALSE(world.state.frozen_since);
  world.pass(seconds{30});
  REQUIRE(world.state.past_swaps.size() == 1);
  CHECK(world.state.past_swaps[0].cause == SwapCause::operator_asked);
  world.show("s1", "wall 1");
  world.pass(minutes{10});
  CHECK(world.state.live.last_refusal == "operators_choice");
  CHECK(world.count("flip") == 1);
  world.pass(minutes{6});
  CHECK(world.count("flip") == 2);
}

TEST_CASE("an operator's swap that cannot be made is logged and counted", "[core][operator]") {
  auto world = at_work();
  world.tell(event::SwapAsked{AccountName("a")});
  CHECK(world.count("flip") == 0);
  CHECK(world.logged("the operator's swap is refused", "unfit"));
  CHECK(world.state.counters.refusals.at("unfit") == 1);
}

TEST_CASE("an account that came back by its clock is tried by one session before the others", "[core][operator]") {
  Config config = EngineWorld::fleet();
  config.accounts.resize(1);
  EngineWorld world{config};
  world.pass(seconds{20});
  world.show("s1", "wall 1");
  world.show("s2", "wall 2");
  world.pass(minutes{59});
  REQUIRE(world.phase("s1") == Phase::blocked);
  REQUIRE(world.phase("s2") == Phase::blocked);

  SECTION("it serves") {
    for (int i = 0; i < 120 && world.count("prompt s1 continue") == 0; ++i) world.pass(seconds{1});
    world.pass(seconds{8});
    CHECK(world.count("prompt s1 continue") == 1);
    CHECK(world.count("prompt s2 continue") == 0);
    world.pass(seconds{10});
    CHECK(world.count("prompt s2 continue") == 1);
    CHECK(world.phase("s2") == Phase::working);
  }
  SECTION("it does not: nobody else is sent into the wall") {
    for (int i = 3; i < 40; ++i) world.after_prompts.push_back("wall " + std::to_string(i));
    world.pass(minutes{10});
    CHECK(world.count("prompt s1 continue") >= 1);
    CHECK(world.count("prompt s2") == 0);
    CHECK(world.phase("s2") == Phase::blocked);
  }
}

TEST_CASE("a session that the operator holds stays held, whatever its agent tells", "[core][operator]") {
  auto world = at_work();
  world.tell(event::SessionSwitched{SessionName("s1"), true});
  TranscriptRow row;
  row.kind = RowKind::api_error;
  row.conversation = *world.session("s1").conversation;
  row.uuid = "u1";
  row.cwd = "/work";
  row.at = world.now.wall;
  row.error = "authentication_failed";
  world.tell(event::TranscriptGrew{{row}});
  CHECK(world.state.accounts.at(AccountName("a")).kind == StandingKind::auth_broken);
  world.done.clear();
  world.pass(minutes{5});
  CHECK(world.phase("s1") == Phase::held);
  CHECK(world.count("prompt s1") + world.count("restart s1") == 0);
}

TEST_CASE("with the brake on a task whose agent ended is put aside only afterwards", "[core][operator]") {
  auto world = at_work();
  world.queue.tasks.push_back(pending_task("t1"));
  world.pass(minutes{1});
  REQUIRE(world.session("s1").task == TaskId("t1"));
  world.tell(event::BrakeSet{true, {}});
  world.show("s1", "dead");
  world.done.clear();
  world.pass(minutes{2});
  CHECK(deeds(world) == 0);
  world.tell(event::BrakeSet{false, {}});
  world.pass(minutes{2});
  CHECK(world.count("move t1 held") == 1);
}

TEST_CASE("a session that asked for a login goes on when the operator enables its account", "[core][operator]") {
  Config config = EngineWorld::fleet();
  config.accounts.resize(1);
  EngineWorld world{config};
  world.pass(seconds{20});
  world.show("s1", "login");
  world.pass(minutes{2});
  REQUIRE(world.state.accounts.at(AccountName("a")).kind == StandingKind::auth_broken);
  world.tell(event::AccountSwitched{AccountName("a"), true});
  world.pass(minutes{1});
  CHECK(world.count("prompt s1 continue") == 1);
  CHECK(world.phase("s1") == Phase::working);
  CHECK(world.state.accounts.at(AccountName("a")).kind == StandingKind::available);
}

TEST_CASE("a hold ends when the account serves again, though it is nearly spent", "[core][operator][swap]") {
  Config config = EngineWorld::fleet();
  config.accounts.resize(1);
  config.quota.leave_at = 80;
  EngineWorld world{config};
  world.pass(seconds{20});
  world.show("s1", "wall 1");
  world.pass(minutes{1});
  REQUIRE(world.state.holding);
  world.state.accounts.at(AccountName("a")).use =
      AccountUse{WindowUse{95, world.now.wall + hours{2}}, {}, world.now, {}};
  world.tell(event::AccountSwitched{AccountName("a"), true});
  world.pass(seconds{1});
  CHECK_FALSE(world.state.holding);
}

TEST_CASE("a session at the wall of an account that the operator enables tries it at once", "[core][operator]") {
  Config config = EngineWorld::fleet();
  config.accounts.resize(1);
  EngineWorld world{config};
  world.pass(seconds{20});
  world.show("s1", "wall 1");
  world.pass(minutes{1});
  REQUIRE(world.phase("s1") == Phase::blocked);
  world.tell(event::AccountSwitched{AccountName("a"), true});
  world.pass(seconds{5});
  CHECK(world.count("prompt s1 continue") == 1);
  CHECK(world.phase("s1") == Phase::working);
}

TEST_CASE("a session that was stopped at a wall keeps no other from trying the account", "[core][operator]") {
  Config config = EngineWorld::fleet();
  config.accounts.resize(1);
  EngineWorld world{config};
  world.pass(seconds{20});
  world.show("s1", "wall 1");
  world.show("s2", "wall 2");
  world.pass(minutes{1});
  for (auto& [name, session] : world.state.sessions) {
    REQUIRE(session.phase == Phase::blocked);
    session.suspicion = Suspicion{1, world.now, 1, false};  // as it may have been left
  }
  world.pass(hours{2});
  CHECK(world.phase("s1") == Phase::working);
  CHECK(world.phase("s2") == Phase::working);
}
