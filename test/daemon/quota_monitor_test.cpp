// The behaviours of the quota monitor 0.2.1 to 0.2.3, on real screens with the built-in table: engine and detector
// together. Those that need no real text stand in test/core/quota_policy_test.cpp and swap_test.cpp.

#include "daemon/detector.hpp"
#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"

using namespace failover::test;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

std::string const rule_80 = [] {
  std::string rule;
  for (int i = 0; i < 80; ++i) rule += "─";
  return rule;
}();

/// A screen of 2.1: what the transcript shows, then the empty box.
std::string screen(std::string const& transcript) {
  return " ▐▛███▛█   Claude Code v2.1.330\n▝▜██████▀  Opus 5.5 · Claude Max\n\n" + transcript + "\n\n" + rule_80 +
         "\n❯\u00a0\n" + rule_80 + "\n  ⏵⏵ auto mode on (shift+tab to cycle)\n";
}

EngineWorld world_showing(std::string const& transcript) {
  auto reader = failover::daemon::make_agent_reader("claude-code");
  REQUIRE(reader.has_value());
  Config config = EngineWorld::fleet();
  EngineWorld world{config, {}, *reader};
  world.panes["s1"] = 41;
  world.panes["s2"] = 42;
  world.show("s1", screen(transcript));
  world.show("s2", screen("❯ hello\n\n● Hello.\n\n✻ Baked for 1s · done 7:26 PM"));
  world.pass(minutes{2});
  return world;
}

}  // namespace

TEST_CASE("api_error 500 vetoes", "[daemon][quota_monitor][v0.2]") {
  auto const world = world_showing(
      "❯ go on\n  ⎿  API Error: 500 "
      "{\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"rate_limit_error: "
      "You've\n     hit your 5-hour limit · resets 9:36pm (UTC)\"},\"request_id\":\"req_1\"}");
  CHECK(world.count("flip") == 0);
  CHECK(world.state.accounts.empty());
}

TEST_CASE("overloaded_error vetoes", "[daemon][quota_monitor][v0.2]") {
  auto const world = world_showing(
      "❯ go on\n  ⎿  API Error: 529 "
      "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}"
      "\n     usage limit reached");
  CHECK(world.count("flip") == 0);
}

TEST_CASE("internal server error vetoes", "[daemon][quota_monitor][v0.2]") {
  auto const world = world_showing(
      "❯ go on\n\n● API Error: 500 Internal server error. This is a server-side issue, usually temporary — try again "
      "in a\n"
      "  moment. If it persists, check https://status.claude.com. 5-hour limit");
  CHECK(world.count("flip") == 0);
  CHECK(world.phase("s1") == Phase::idle);
}

TEST_CASE("a real 429 of the account still wins", "[daemon][quota_monitor][v0.2]") {
  auto const world = world_showing(
      "❯ first\n\n● API Error: 500 Internal server error. This is a server-side issue, usually temporary.\n\n"
      "❯ second\n  ⎿  You've hit your 5-hour limit · resets 1:30am (UTC)\n\n"
      "● Usage limit reached · set to continue automatically at 1:30am");
  CHECK(world.count("flip b") == 1);
  CHECK(world.logged("quota wall", "You've hit your 5-hour limit"));
}

TEST_CASE("a typed account limit is a pattern, its mention in an answer is not", "[daemon][quota_monitor][v0.2]") {
  auto const world = world_showing(
      "❯ what does the log say?\n\n● The log says:\n\n    You've hit your 5-hour limit · resets 9:36pm (UTC)\n\n"
      "  so the account was spent.\n\n✻ Baked for 3s · done 7:26 PM");
  CHECK(world.count("flip") == 0);
  CHECK(world.phase("s1") == Phase::idle);
}

TEST_CASE("a resumed session that shows its old wall is no new evidence", "[daemon][quota_monitor]") {
  auto const world = world_showing(
      "❯ please list the files\n  ⎿  You've hit your 5-hour limit · resets 1:30am (UTC)\n\n❯ continue\n\n"
      "● Recovered: all good now.\n\n✻ Baked for 1s · done 7:26 PM");
  CHECK(world.count("flip") == 0);
}
