#include "core/explain.hpp"

#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"

using namespace failover::test;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

EngineWorld spent() {
  EngineWorld world{EngineWorld::fleet()};
  world.pass(seconds{20});
  world.show("s1", "wall 7");
  world.pass(minutes{1});
  return world;
}

}  // namespace

TEST_CASE("an explanation names the observation, its ruling, the reason and the evidence", "[core][explain]") {
  auto const world = spent();
  auto const told = explain(world.config, world.state, {SessionName("s1"), {}}, world.now);
  REQUIRE(told.sessions.size() == 1);
  REQUIRE(told.sessions[0].observations.size() == 1);
  CHECK(told.sessions[0].observations[0].ruling == Ruling::confirmed);
  auto const text = explanation_text(told);
  for (char const* part : {"account a: exhausted", "account b (active): available", "session s1", "confirmed: pane",
                           "a believable time of reset", "rule wall", "\"wall 7\"", "reported by session s1"})
    CHECK_THAT(text, CF_CONTAINS(part));
}

TEST_CASE("an explanation covers all sessions, and says where nothing was reported", "[core][explain]") {
  auto const world = spent();
  auto const told = explain(world.config, world.state, {}, world.now);
  CHECK(told.sessions.size() == 2);
  CHECK_THAT(explanation_text(told), CF_CONTAINS("no wall was reported"));
}

TEST_CASE("a session that is not known has no explanation", "[core][explain]") {
  auto const world = spent();
  CHECK(explain(world.config, world.state, {SessionName("nobody"), {}}, world.now).sessions.empty());
}
