#include "core/quota_policy.hpp"

#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"

using namespace failover::test;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

EngineWorld running(Config config = EngineWorld::fleet()) {
  EngineWorld world{std::move(config)};
  world.pass(seconds{20});
  return world;
}

Config needing_two() {
  Config config = EngineWorld::fleet();
  config.quota.min_blocked_sessions = 2;
  return config;
}

Classification wall_until(WallTime resets, Window window) {
  Classification wall;
  wall.state = ScreenState::quota_exhausted;
  wall.scope = Scope::account;
  wall.window = window;
  wall.resets_at = resets;
  return wall;
}

/// Tells "wall of its model" from a wall of the account.
AgentReader knowing_models() {
  AgentReader reader;
  reader.screen = [](std::string_view screen, WallTime now) {
    auto reading = read_word(screen, now);
    if (!screen.starts_with("wall of its model")) return reading;
    reading.seen.scope = Scope::model;
    reading.seen.window = Window::weekly;
    reading.seen.resets_at = WallTime{hours{24 * 365 * 56 + 20}};
    return reading;
  };
  return reader;
}

constexpr WallTime noon{hours{24 * 365 * 56 + 12}};

}  // namespace

TEST_CASE("two blocked pool sessions with a reset time swap at once", "[core][quota_policy][v0.2]") {
  auto world = running(needing_two());
  world.show("s1", "wall 1");
  world.pass(seconds{31});
  CHECK(world.count("flip") == 0);
  CHECK(world.phase("s1") == Phase::blocked);
  world.show("s2", "wall 2");
  world.pass(seconds{31});
  CHECK(world.count("flip b") == 1);
  CHECK(world.state.active == AccountName("b"));
}

TEST_CASE("no reset time needs confirmation", "[core][quota_policy][v0.2]") {
  auto world = running();
  world.show("s1", "bare wall 1");
  world.pass(seconds{15});
  CHECK(world.count("flip") == 0);
  CHECK(world.logged("quota wall", "suspected"));
  world.pass(seconds{21});
  CHECK(world.count("flip b") == 1);
  CHECK(world.state.accounts.at(AccountName("a")).until_assumed);
}

TEST_CASE("the same unchanged text seen twice is one observation", "[core][quota_policy]") {
  Config config = EngineWorld::fleet();
  config.quota.settle = hours{1};
  auto world = running(config);
  world.show("s1", "bare wall 1");
  world.pass(minutes{10});
  CHECK(world.count("flip") == 0);
  world.show("s1", "bare wall 2");
  world.pass(seconds{31});
  CHECK(world.count("flip b") == 1);
}

TEST_CASE("a suspicion clears on recovery", "[core][quota_policy][v0.2]") {
  auto world = running();
  world.show("s1", "bare wall 1");
  world.pass(seconds{15});
  REQUIRE(world.session("s1").suspicion.has_value());
  world.show("s1", "working");
  world.pass(minutes{5});
  CHECK_FALSE(world.session("s1").suspicion.has_value());
  CHECK(world.logged("suspicion cleared"));
  CHECK(world.count("flip") == 0);
}

TEST_CASE("the forensic line names session, rule, text and reset", "[core][quota_policy][v0.2]") {
  auto world = running();
  world.show("s2", "wall 7");
  world.pass(seconds{31});
  for (char const* value : {"s2", "wall", "wall 7", "confirmed", "Z"}) CHECK(world.logged("quota wall", value));
}

TEST_CASE("one episode is one decision: later sessions join it", "[core][quota_policy]") {
  auto world = running();
  world.show("s1", "wall 1");
  world.show("s2", "wall 2");
  world.pass(minutes{2});
  CHECK(world.count("flip") == 1);
  CHECK(world.state.accounts.at(AccountName("a")).exhausted_total == 1);
  CHECK(world.messages.empty());  // no channel is configured
}

TEST_CASE("an account comes back when its reset has passed", "[core][quota_policy]") {
  auto world = running();
  world.show("s1", "wall 1");
  world.pass(seconds{31});
  REQUIRE(world.state.accounts.at(AccountName("a")).kind == StandingKind::exhausted);
  world.pass(hours{1});
  CHECK(world.state.accounts.at(AccountName("a")).kind == StandingKind::available);
  CHECK(world.state.active == AccountName("b"));
}

TEST_CASE("a wall that ends in this very minute is not probed before the minute is over", "[core][quota_policy]") {
  Config config = EngineWorld::fleet();
  config.accounts.resize(1);
  auto world = running(config);
  world.pass(hours{1} - minutes{2});
  world.show("s1", "wall 1");
  world.after_prompt = "wall 2";
  world.pass(minutes{3} + seconds{50});
  CHECK(world.count("prompt s1") <= 3);
  CHECK(world.count("prompt s1") >= 1);
}

TEST_CASE("a clock that passed within the hour means now, not tomorrow", "[core][quota_policy]") {
  auto const reset = believable_reset(wall_until(noon + hours{24} - minutes{20}, Window::five_hour), noon);
  CHECK(reset == noon);
}

TEST_CASE("a reset beyond its window is not believed", "[core][quota_policy]") {
  CHECK_FALSE(believable_reset(wall_until(noon + hours{6}, Window::five_hour), noon).has_value());
  CHECK_FALSE(believable_reset(wall_until(noon + hours{24 * 8}, Window::weekly), noon).has_value());
  CHECK(believable_reset(wall_until(noon + hours{5}, Window::five_hour), noon) == noon + hours{5});
  CHECK(believable_reset(wall_until(noon + hours{24 * 7}, Window::weekly), noon) == noon + hours{24 * 7});
}

TEST_CASE("a weekly reset in a day's time is not taken for now", "[core][quota_policy]") {
  WallTime const tomorrow = noon + hours{23} + minutes{30};
  CHECK(believable_reset(wall_until(tomorrow, Window::weekly), noon) == tomorrow);
}

TEST_CASE("an error of the server is no evidence against an account", "[core][quota_policy][v0.2]") {
  auto world = running();
  world.show("s1", "error 500");
  world.show("s2", "error 529");
  world.pass(hours{1});
  CHECK(world.count("flip") == 0);
  CHECK(world.phase("s1") == Phase::idle);
}

TEST_CASE("a request for a login marks the account, and a working turn clears it", "[core][observe]") {
  auto world = running();
  world.show("s1", "login");
  world.pass(seconds{31});
  CHECK(world.state.accounts.at(AccountName("a")).kind == StandingKind::auth_broken);
  CHECK(world.phase("s1") == Phase::auth_needed);
  world.show("s1", "working");
  world.pass(seconds{31});
  CHECK(world.state.accounts.at(AccountName("a")).kind == StandingKind::available);
}

TEST_CASE("a wall seen before the link was read is nobody's", "[core][observe]") {
  EngineWorld world{EngineWorld::fleet()};
  world.link = "/somewhere/else";
  world.panes["s1"] = 1;
  world.panes["s2"] = 2;
  world.show("s1", "wall 1");
  world.show("s2", "idle");
  world.pass(minutes{1});
  CHECK(world.state.accounts.empty());
  world.link = "/acc/a";
  world.pass(minutes{1});
  CHECK(world.state.accounts.at(AccountName("a")).kind == StandingKind::exhausted);
}

TEST_CASE("an old wall in the history of an agent that was started again spends no account", "[core][quota_policy]") {
  EngineWorld world{EngineWorld::fleet()};
  world.pass(seconds{20});
  world.show("s1", "wall 1");
  world.pass(minutes{1});
  REQUIRE(world.link == "/acc/b");
  world.after_prompts = {"wall 1", "working"};
  world.show("s1", "dead");
  world.pass(minutes{1});
  CHECK(world.count("flip") == 1);
  CHECK(world.phase("s1") == Phase::working);
}

TEST_CASE("a session barred by its model's limit whose screen then shows the account's wall waits for that one",
          "[core][quota_policy]") {
  Config config = EngineWorld::fleet();
  config.accounts.resize(1);
  EngineWorld world{config, {}, knowing_models()};
  world.pass(seconds{20});
  world.show("s1", "wall of its model");
  world.pass(minutes{1});
  REQUIRE(world.session("s1").blocked_until > world.now.wall + hours{19});
  CHECK_FALSE(world.session("s1").suspicion.has_value());  // it is not looked at closely all that time
  // The person has chosen another model while nobody looked.
  world.show("s1", "wall 2");
  world.pass(minutes{1});
  CHECK(world.state.accounts.at(AccountName("a")).kind == StandingKind::exhausted);
  CHECK(world.session("s1").blocked_until == world.state.accounts.at(AccountName("a")).until);
  world.pass(hours{1});
  CHECK(world.count("prompt s1 continue") == 1);
}

TEST_CASE("an old wall that shows again does not wait for what the session waited for before", "[core][quota_policy]") {
  auto world = running();
  auto& session = world.state.sessions.at(SessionName("s1"));
  session.phase = Phase::stalled;  // its task met its timeout at that wall
  session.void_turn = read_word("wall 1", world.now.wall).turn_hash;
  session.blocked_until = world.now.wall + hours{20};  // of a model, long ago
  world.show("s1", "wall 1");
  world.pass(minutes{2});
  CHECK_FALSE(world.logged("account exhausted"));
  CHECK(world.count("prompt s1 continue") == 1);
}

TEST_CASE("a session that stays on the account that the others leave still meets that one's wall",
          "[core][quota_policy][per_session]") {
  Config config = EngineWorld::fleet();
  config.switching.mode = SwitchMode::per_session;
  config.sessions.dedicated.push_back({SessionName("own"), "/own", {}, AccountName("a")});
  EngineWorld world{config, {}, knowing_models()};
  world.pass(seconds{20});
  world.show("own", "wall of its model");
  world.pass(minutes{1});
  REQUIRE(world.session("own").blocked_until > world.now.wall + hours{19});
  world.show("own", "wall 2");
  auto const& own = world.session("own");
  for (int look = 0; look < 400 && own.reading->seen.scope != Scope::account; ++look)
    world.pass(std::chrono::milliseconds{100});
  REQUIRE(own.reading->seen.scope == Scope::account);
  world.tell(event::SwapAsked{AccountName("b")});
  REQUIRE(world.state.active == AccountName("b"));
  world.pass(minutes{1});
  CHECK(world.session("own").account == AccountName("a"));
  CHECK(world.state.accounts.at(AccountName("a")).kind == StandingKind::exhausted);
  world.pass(hours{1});
  CHECK(world.count("prompt own continue") == 1);
}
