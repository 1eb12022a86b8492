#include "core/surplus.hpp"

#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"

using namespace failover::test;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

/// Three sessions of a pool, all idle.
EngineWorld with_three() {
  Config config = EngineWorld::fleet();
  config.sessions.pool.size = 3;
  EngineWorld world{config};
  world.pass(seconds{90});
  return world;
}

void shrink(EngineWorld& world, std::int64_t size) {
  world.config.sessions.pool.size = size;
  world.tell(event::Reloaded{});
}

}  // namespace

TEST_CASE("a pool that is made smaller ends its idle sessions, and only those that are too many", "[core][surplus]") {
  auto world = with_three();
  REQUIRE(world.phase("s3") == Phase::idle);
  shrink(world, 1);
  world.pass(seconds{5});
  CHECK(world.count("end s2") == 1);
  CHECK(world.count("end s3") == 1);
  CHECK(world.count("end s1") == 0);
  CHECK(world.state.sessions.size() == 1);
  CHECK(world.state.counters.session_changes.at("ended") == 2);
}

TEST_CASE("a session that works outlives its pool until it is idle, and gets no task", "[core][surplus]") {
  auto world = with_three();
  world.show("s3", "working");
  world.pass(seconds{31});
  shrink(world, 2);
  world.pass(minutes{10});
  CHECK(world.count("end ") == 0);
  CHECK(world.phase("s3") == Phase::working);
  world.show("s1", "working");
  world.show("s2", "working");
  world.pass(seconds{31});
  world.screens["s3"] = "idle";
  world.queue.tasks.push_back(pending_task("t1", 0));
  world.end_fails = Error{ErrorKind::timed_out, "no answer"};
  world.tell(event::QueueTouched{});
  world.pass(minutes{2});
  CHECK(world.count("claim t1") == 0);
  CHECK(world.count("end s3") >= 2);
  world.end_fails.reset();
  world.pass(minutes{1});
  CHECK_FALSE(world.state.sessions.contains(SessionName("s3")));
}

TEST_CASE("a session of a smaller pool whose screen has perhaps changed is looked at before it is ended",
          "[core][surplus]") {
  auto world = with_three();
  shrink(world, 3);
  world.pass(seconds{31});
  world.screens["s3"] = "working";
  world.state.sessions.at(SessionName("s3")).watching.look_wanted = true;
  shrink(world, 2);
  world.pass(minutes{1});
  CHECK(world.count("end s3") == 0);
  CHECK(world.phase("s3") == Phase::working);
}

TEST_CASE("a session of a smaller pool stays while a person types there or holds it", "[core][surplus]") {
  auto world = with_three();
  world.tell(event::SessionSwitched{SessionName("s2"), true});
  world.typed_at["s3"] = world.now.wall;
  world.pass(seconds{31});
  shrink(world, 1);
  world.pass(seconds{10});
  CHECK(world.count("end ") == 0);
  world.pass(minutes{2});
  CHECK(world.count("end s3") == 1);
  CHECK(world.count("end s2") == 0);
  world.tell(event::SessionSwitched{SessionName("s2"), false});
  world.pass(minutes{1});
  CHECK(world.count("end s2") == 1);
}

TEST_CASE("a pool that grows again keeps what was not ended yet", "[core][surplus]") {
  auto world = with_three();
  world.show("s3", "working");
  world.pass(seconds{31});
  shrink(world, 2);
  world.pass(seconds{31});
  shrink(world, 3);
  world.show("s3", "idle");
  world.pass(minutes{2});
  CHECK(world.count("end ") == 0);
  CHECK(world.count("start s3") == 1);
  CHECK(world.phase("s3") == Phase::idle);
}

TEST_CASE("a dedicated session that the configuration does not name any more is left to its owner", "[core][surplus]") {
  Config config = EngineWorld::fleet();
  config.sessions.dedicated.push_back({SessionName("docs"), "/docs", {}});
  EngineWorld world{config};
  world.pass(seconds{40});
  world.config.sessions.dedicated.clear();
  world.tell(event::Reloaded{});
  world.pass(minutes{2});
  CHECK(world.count("end ") == 0);
  CHECK(world.panes.contains("docs"));
  CHECK_FALSE(world.state.sessions.contains(SessionName("docs")));
}

TEST_CASE("with the brake on no session of a smaller pool is ended", "[core][surplus]") {
  auto world = with_three();
  world.tell(event::BrakeSet{true, "to look"});
  shrink(world, 1);
  world.pass(minutes{2});
  CHECK(world.count("end ") == 0);
}
