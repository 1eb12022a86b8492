#include "core/keyboard.hpp"

#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"

using namespace failover::test;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

EngineWorld at_work(Config config = EngineWorld::fleet()) {
  EngineWorld world{std::move(config)};
  world.pass(seconds{20});
  world.show("s1", "working");
  world.pass(seconds{31});
  return world;
}

}  // namespace

TEST_CASE("a stopped session waits while a person types in it, and goes on when he is still", "[core][keyboard]") {
  auto world = at_work();
  world.typed_at["s1"] = world.now.wall;
  world.show("s1", "wall 1");
  world.pass(seconds{55});
  CHECK(world.state.active == AccountName("b"));
  CHECK(world.count("prompt s1") == 0);
  CHECK(world.phase("s1") == Phase::blocked);
  CHECK(std::count_if(world.log.begin(), world.log.end(),
                      [](auto const& line) { return line.message == "a person is at the keyboard: waiting"; }) == 1);
  world.pass(minutes{1});
  CHECK(world.count("prompt s1 continue") == 1);
  CHECK(world.phase("s1") == Phase::working);
}

TEST_CASE("whoever begins to type during a recovery is waited for, however long it takes", "[core][keyboard]") {
  auto config = EngineWorld::fleet();
  auto world = at_work(config);
  world.show("s1", "menu 1");
  // In steps shorter than a look: no later one may have come when the person does.
  for (int i = 0; i < 600 && world.count("escape s1") == 0; ++i) world.pass(std::chrono::milliseconds{100});
  REQUIRE(world.count("escape s1") == 1);
  auto const keys_before = world.count("prompt s1");
  world.show("s1", "wall 1");
  for (int again = 0; again < 10; ++again) {
    world.typed_at["s1"] = world.now.wall;
    world.pass(seconds{30});
  }
  CHECK(world.count("prompt s1") == keys_before);
  CHECK(world.count("restart s1") == 0);
  CHECK(world.phase("s1") == Phase::recovering);
  world.pass(minutes{2});
  CHECK(world.phase("s1") == Phase::working);
}

TEST_CASE("no task is given to a session in which a person types", "[core][keyboard]") {
  auto config = EngineWorld::fleet();
  EngineWorld world{config};
  world.typed_at["s1"] = world.now.wall;
  world.typed_at["s2"] = world.now.wall;
  world.pass(seconds{20});
  auto const& session = world.session("s1");
  CHECK(person_types(world.config, session, world.now));
  CHECK_FALSE(person_types(world.config, session, {world.now.wall + minutes{1}, world.now.mono}));
  CHECK_FALSE(person_types(world.config, session, {world.now.wall - minutes{2}, world.now.mono}));
  world.config.sessions.human_grace = {};
  CHECK_FALSE(person_types(world.config, session, world.now));
}

TEST_CASE("a person who comes while a task is claimed gets his session, and the task goes back", "[core][keyboard]") {
  EngineWorld world{EngineWorld::fleet()};
  world.pass(seconds{20});
  world.while_claiming = [&] {
    for (auto& [name, session] : world.state.sessions) session.typed_at = world.now.wall;
  };
  world.queue.tasks = {pending_task("t1")};
  world.tell(event::QueueTouched{});
  REQUIRE(world.count("claim t1") == 1);
  CHECK(world.count("prompt") == 0);
  REQUIRE(world.queue.tasks.size() == 1);
  CHECK(world.queue.tasks[0].place == TaskPlace::pending);
}

TEST_CASE("after a start a dead agent is left alone until it is known whether a person types there",
          "[core][keyboard]") {
  EngineWorld world{EngineWorld::fleet()};
  world.pass(seconds{20});
  world.typed_at["s1"] = world.now.wall;
  world.show("s1", "dead");
  world.restart();
  world.pass(seconds{30});
  CHECK(world.count("restart s1") == 0);
  world.pass(minutes{1});
  CHECK(world.count("restart s1") == 1);
}

TEST_CASE("two sessions are brought back side by side at first, then more", "[core][keyboard]") {
  auto config = EngineWorld::fleet();
  config.sessions.pool.size = 20;
  EngineWorld world{config};
  world.pass(seconds{20});
  for (int i = 1; i <= 20; ++i) world.show("s" + std::to_string(i), "wall 1");
  std::ptrdiff_t most = 0, first = 0;
  for (int tick = 0; tick < 240; ++tick) {
    world.pass(std::chrono::milliseconds{500});
    auto const running = std::count_if(world.state.sessions.begin(), world.state.sessions.end(),
                                       [](auto const& entry) { return entry.second.recovery.has_value(); });
    if (world.state.counters.recoveries == 0) first = std::max(first, running);
    most = std::max(most, running);
  }
  CHECK(first == 2);
  CHECK(most > 2);
  CHECK(most <= 10);
  CHECK(world.state.counters.recoveries == 20);
}
