#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"

using namespace failover::test;
using std::chrono::seconds;

TEST_CASE("a queue in which something settles is scanned again within two seconds", "[core][looking]") {
  EngineWorld world{EngineWorld::fleet()};
  world.pass(seconds{5});
  world.queue.settling = 1;
  world.tell(event::QueueTouched{});
  for (int count = 0; count < 5; ++count) {
    world.pass(seconds{3});
    REQUIRE(world.state.live.scanned_at);
    CHECK(elapsed(*world.state.live.scanned_at, world.now) <= seconds{2});
  }
  world.queue.settling = 0;
  world.pass(seconds{3});
  auto const last = world.state.live.scanned_at;
  world.pass(seconds{20});
  CHECK(world.state.live.scanned_at == last);
}
