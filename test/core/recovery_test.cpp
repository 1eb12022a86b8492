#include "core/recovery.hpp"

#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"

#include <algorithm>

using namespace failover::test;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

EngineWorld blocked_with(std::string const& screen, Config config = EngineWorld::fleet()) {
  EngineWorld world{std::move(config)};
  world.pass(seconds{20});
  world.show("s1", "working");
  world.pass(seconds{31});
  world.show("s1", screen);
  return world;
}

}  // namespace

TEST_CASE("a blocked session is nudged once and proved by its running turn", "[core][recovery]") {
  auto world = blocked_with("wall 1");
  world.pass(minutes{1});
  CHECK(world.count("prompt s1 continue") == 1);
  CHECK(world.count("restart") == 0);
  CHECK(world.phase("s1") == Phase::working);
  CHECK(world.session("s1").account == AccountName("b"));
  CHECK(world.state.counters.recoveries == 1);
}

TEST_CASE("the limit's own menu gets an Escape before anything is typed", "[core][recovery]") {
  auto world = blocked_with("menu 1");
  world.pass(minutes{1});
  auto const escape = std::find(world.done.begin(), world.done.end(), "escape s1");
  auto const prompt = std::find(world.done.begin(), world.done.end(), "prompt s1 continue");
  REQUIRE(escape != world.done.end());
  REQUIRE(prompt != world.done.end());
  CHECK(escape < prompt);
  CHECK(world.count("escape s1") == 1);
}

TEST_CASE("what is still working is never touched", "[core][recovery]") {
  auto world = blocked_with("wall 1");
  world.show("s2", "working");
  world.pass(minutes{5});
  CHECK(world.count("prompt s2") == 0);
  CHECK(world.count("restart s2") == 0);
}

TEST_CASE("a nudge without effect leads to a restart in the same conversation", "[core][recovery]") {
  auto world = blocked_with("wall 1");
  world.after_prompt = "blank";
  auto const id = world.session("s1").conversation->str();
  world.pass(seconds{50});
  world.pass(minutes{1});
  CHECK(world.count("prompt s1 continue") == 1);
  CHECK(world.count("restart s1 claude --resume " + id + " continue") == 1);
}

TEST_CASE("a restart in a conversation says which one its account must have, a fresh start none", "[core][recovery]") {
  auto world = blocked_with("wall 1");
  CHECK(world.resumed.at("s1") == std::nullopt);
  world.after_prompt = "blank";
  world.pass(seconds{50});
  world.pass(minutes{1});
  CHECK(world.resumed.at("s1") == world.session("s1").conversation);
  CHECK(world.resumed.at("s2") == std::nullopt);
}

TEST_CASE("a session that nothing brings back is held with the reason", "[core][recovery]") {
  auto world = blocked_with("wall 1");
  world.after_prompt = "blank";
  world.pass(minutes{6});
  CHECK(world.phase("s1") == Phase::held);
  CHECK_THAT(world.session("s1").hold_reason, CF_CONTAINS("could not be brought back"));
  REQUIRE(world.state.past_swaps.size() == 1);
  CHECK(world.state.past_swaps[0].unrecovered == std::vector<SessionName>{SessionName("s1")});
}

TEST_CASE("a permission prompt, a dialog and a draft are left to the person", "[core][recovery]") {
  auto world = blocked_with("wall 1");
  SECTION("permission prompt") {
    world.delivery = Delivery::not_ready;
    world.pass(seconds{31});
    world.show("s1", "permission");
    world.pass(seconds{5});
    CHECK_THAT(world.session("s1").hold_reason + std::string(to_string(world.phase("s1"))), CF_CONTAINS("permission"));
  }
  SECTION("draft") {
    world.delivery = Delivery::draft_present;
    world.pass(seconds{31});
    CHECK(world.phase("s1") == Phase::held);
    CHECK_THAT(world.session("s1").hold_reason, CF_CONTAINS("draft"));
    CHECK(world.count("prompt s1") == 1);
  }
  CHECK(world.count("escape") == 0);
  CHECK(world.count("restart") == 0);
}

TEST_CASE("a delivery of unknown outcome is not repeated", "[core][recovery]") {
  auto world = blocked_with("wall 1");
  world.delivery = Delivery::unknown;
  world.pass(seconds{80});
  CHECK(world.count("prompt s1 continue") == 1);
}

TEST_CASE("a delivery interrupted by our own end is not repeated", "[core][recovery]") {
  auto world = blocked_with("wall 1");
  world.delivery = Delivery::not_ready;
  world.pass(seconds{31});
  REQUIRE(world.session("s1").recovery.has_value());
  world.state.sessions.at(SessionName("s1")).recovery->step = RecoveryStep::nudging;
  world.restart();
  auto const before = world.count("prompt s1");
  world.pass(seconds{10});
  CHECK(world.count("prompt s1") == before);
}

TEST_CASE("recoveries are ramped", "[core][recovery]") {
  Config config = EngineWorld::fleet();
  config.sessions.pool.size = 6;
  config.switching.recover_at_once = 2;
  EngineWorld world{config};
  world.pass(seconds{20});
  world.after_prompt = "blank";
  for (int i = 1; i <= 6; ++i) world.show("s" + std::to_string(i), "wall " + std::to_string(i));
  world.pass(seconds{40});
  std::size_t in_recovery = 0;
  for (auto const& [name, session] : world.state.sessions) in_recovery += session.recovery.has_value() ? 1U : 0U;
  CHECK(in_recovery == 2);
}

TEST_CASE("a new account that is spent before all are back is left as well", "[core][recovery][swap]") {
  Config config = EngineWorld::fleet();
  config.sessions.pool.size = 6;
  config.quota.reactivate_cooldown = seconds{1};
  EngineWorld world{config};
  world.pass(seconds{20});
  for (int i = 1; i <= 6; ++i) world.show("s" + std::to_string(i), "wall " + std::to_string(i));
  world.after_prompts = {"wall 7", "wall 8"};
  world.pass(minutes{3});
  CHECK(world.count("flip b") == 1);
  CHECK(world.count("flip c") == 1);
  for (int i = 1; i <= 6; ++i) CHECK(world.phase("s" + std::to_string(i)) == Phase::working);
}

TEST_CASE("a wall of the new account in the new turn is the next episode", "[core][recovery]") {
  Config config = EngineWorld::fleet();
  config.quota.reactivate_cooldown = seconds{1};
  auto world = blocked_with("wall 1", config);
  world.after_prompts = {"wall 2"};
  world.pass(minutes{2});
  CHECK(world.count("flip b") == 1);
  CHECK(world.count("flip c") == 1);
  CHECK(world.phase("s1") == Phase::working);
}

TEST_CASE("while the screens cannot be read no agent is restarted, for its turn may run", "[core][recovery]") {
  auto world = blocked_with("wall 1");
  world.after_prompt = "blank";
  world.pass(seconds{31});
  REQUIRE(world.count("prompt s1 continue") == 1);
  world.tmux_up = false;
  world.pass(minutes{10});
  CHECK(world.count("restart") == 0);
  world.tmux_up = true;
  world.show("s1", "working");
  world.pass(seconds{20});
  CHECK(world.phase("s1") == Phase::working);
}

TEST_CASE("a turn that asks for a permission runs, and is not restarted", "[core][recovery]") {
  auto world = blocked_with("wall 1");
  world.after_prompt = "permission";
  world.pass(minutes{5});
  CHECK(world.count("restart") == 0);
  CHECK(world.phase("s1") == Phase::waiting_permission);
}

TEST_CASE("twenty sessions that hit the wall within one second are one swap and twenty recoveries",
          "[core][recovery][swap]") {
  Config config = EngineWorld::fleet();
  config.sessions.pool.size = 20;
  SECTION("by a link") {
    config.switching.mode = SwitchMode::link;
  }
  SECTION("each its own account") {
    config.switching.mode = SwitchMode::per_session;
  }
  EngineWorld world{config};
  world.pass(seconds{20});
  auto const starts = world.count("restart");
  for (int i = 1; i <= 20; ++i) world.show("s" + std::to_string(i), "working > number " + std::to_string(i));
  world.pass(seconds{31});
  // The hooks of a burst: one each twentieth of a second.
  for (int i = 1; i <= 20; ++i) {
    auto const name = "s" + std::to_string(i);
    HookCall failed;
    failed.name = "StopFailure";
    failed.conversation = *world.session(name).conversation;
    failed.caller = {77, world.session(name).pane->id, ""};
    failed.at = world.now.wall;
    failed.error = "rate_limit";
    failed.message = "wall " + std::to_string(i);
    failed.prompt_id = "p" + std::to_string(i);
    world.show(name, failed.message);
    world.tell(event::HookCalled{failed});
    world.pass(std::chrono::milliseconds{50});
  }
  world.pass(minutes{5});
  CHECK(world.state.past_swaps.size() == 1);
  CHECK(world.state.counters.recoveries == 20);
  CHECK(world.count("prompt") + world.count("restart") - starts == 20);
  CHECK(world.state.accounts.at(AccountName("a")).exhausted_total == 1);
  for (int i = 1; i <= 20; ++i) CHECK(world.phase("s" + std::to_string(i)) == Phase::working);
}

TEST_CASE("a restart that would lose a person's draft holds the session with that reason", "[core][recovery]") {
  auto world = blocked_with("wall 1");
  world.after_prompt = "blank";
  world.restart_fails = Error{ErrorKind::refused, "a draft stands in its input box"};
  world.pass(seconds{50});
  world.pass(minutes{1});
  REQUIRE(world.count("restart s1") == 1);
  CHECK(world.phase("s1") == Phase::held);
  CHECK(world.logged("session changed", "a draft stands in its input box"));
}

TEST_CASE("an agent that ended after it was told to go on is started without being told so again", "[core][recovery]") {
  auto world = blocked_with("wall 1");
  world.after_prompt = "blank";
  world.pass(seconds{31});
  REQUIRE(world.count("prompt s1 continue") == 1);
  REQUIRE(world.session("s1").recovery.has_value());
  auto const resumed = "restart s1 claude --resume " + world.session("s1").conversation->str();
  // It ends while the daemon is away, for longer than a recovery may take.
  world.restart();
  world.now.wall += minutes{10};
  world.now.mono += minutes{10};
  world.show("s1", "dead");
  world.after_prompt = "idle";
  world.pass(minutes{1});
  CHECK(world.count("restart s1") == 1);
  CHECK(world.done.end() != std::find(world.done.begin(), world.done.end(), resumed));
}

TEST_CASE("a wall after a continue prompt whose answer was lost is the new account's", "[core][recovery]") {
  auto world = blocked_with("wall 1");
  world.delivery = Delivery::unknown;
  for (int second = 0; second < 60 && world.count("prompt s1 continue") == 0; ++second) world.pass(seconds{1});
  REQUIRE(world.state.active == AccountName("b"));
  REQUIRE(world.session("s1").account == AccountName("a"));
  world.show("s1", "wall 9");
  world.pass(seconds{5});
  CHECK(world.state.accounts[AccountName("b")].kind == StandingKind::exhausted);
}

TEST_CASE("starts from before the window are forgotten when a recovery restarts", "[core][recovery]") {
  auto world = blocked_with("wall 1");
  auto& starts = world.state.sessions.at(SessionName("s1")).starts;
  Moment const old{world.now.wall - std::chrono::hours{20}, world.now.mono - std::chrono::hours{20}};
  for (int i = 0; i < 40; ++i) starts.push_front(old);
  world.after_prompt = "blank";
  world.pass(seconds{50});
  world.pass(minutes{1});
  REQUIRE(world.count("restart s1") == 1);
  CHECK(starts.size() <= 2);
}
