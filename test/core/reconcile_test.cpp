#include "core/reconcile.hpp"

#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"

using namespace failover::test;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE("missing pool and dedicated sessions are created", "[core][reconcile]") {
  Config config = EngineWorld::fleet();
  config.sessions.dedicated.push_back({SessionName("docs"), "/docs", {}});
  EngineWorld world{config};
  world.pass(seconds{20});
  for (char const* name : {"s1", "s2", "docs"}) {
    CHECK(world.count(std::string("start ") + name) == 1);
    CHECK(world.phase(name) == Phase::idle);
  }
  CHECK(world.state.counters.session_changes.at("created") == 3);
}

TEST_CASE("a vanished session is noticed, counted, logged and made again in its conversation", "[core][reconcile]") {
  EngineWorld world{EngineWorld::fleet()};
  world.pass(seconds{20});
  world.show("s1", "working");
  world.pass(seconds{31});
  auto const conversation = world.session("s1").conversation;
  world.panes.erase("s1");
  world.pass(seconds{16});
  CHECK(world.state.counters.session_changes.at("vanished") == 1);
  CHECK(world.logged("session vanished", "s1"));
  CHECK(world.count("start s1") == 2);
  CHECK(world.session("s1").conversation == conversation);
}

TEST_CASE("a session that ends again and again is held, and told once", "[core][reconcile]") {
  Config config = EngineWorld::fleet();
  config.notifications.command = CommandChannelConfig{{"true"}};
  EngineWorld world{config};
  for (int i = 0; i < 20; ++i) {
    world.pass(seconds{16});
    world.panes.erase("s1");
  }
  CHECK(world.count("start s1") == 3);
  CHECK(world.phase("s1") == Phase::held);
  CHECK(std::count_if(world.messages.begin(), world.messages.end(),
                      [](auto const& m) { return m.subject == "Session s1 is held"; }) == 1);
}

TEST_CASE("a dead pane of ours is restarted, one of the user's is not", "[core][reconcile]") {
  Config config = EngineWorld::fleet();
  config.sessions.adopt = {"mine*"};
  EngineWorld world{config};
  world.panes["mine-1"] = 50;
  world.show("mine-1", "idle");
  world.pass(seconds{20});
  REQUIRE(world.phase("mine-1") == Phase::idle);
  world.show("mine-1", "dead");
  world.show("s1", "dead");
  world.after_prompt = "idle again";
  world.pass(seconds{31});
  CHECK(world.count("restart s1") == 1);
  CHECK(world.count("restart mine-1") == 0);
  CHECK(world.phase("mine-1") == Phase::dead);
}

TEST_CASE("adoption is by name or by beginning", "[core][reconcile]") {
  SessionsConfig config;
  config.adopt = {"exact", "work-*"};
  CHECK(adopts(config, SessionName("exact")));
  CHECK(adopts(config, SessionName("work-3")));
  CHECK_FALSE(adopts(config, SessionName("exactly")));
  CHECK_FALSE(adopts(config, SessionName("mywork-3")));
}

TEST_CASE("without a tmux server nothing is created, nothing has ended, and it goes on when one appears",
          "[core][reconcile]") {
  EngineWorld world{EngineWorld::fleet()};
  world.tmux_up = false;
  world.pass(minutes{1});
  CHECK(world.count("start") == 0);
  CHECK(world.state.live.tmux_up == false);
  world.tmux_up = true;
  world.pass(seconds{16});
  CHECK(world.count("start") == 2);
  CHECK(world.state.live.tmux_up == true);
}

TEST_CASE("a tmux server that stops answering ends no session and no task", "[core][reconcile]") {
  EngineWorld world{EngineWorld::fleet()};
  world.pass(seconds{20});
  world.tmux_up = false;
  world.pass(minutes{1});
  CHECK(world.state.counters.session_changes.count("vanished") == 0);
  CHECK(world.phase("s1") == Phase::idle);
}

TEST_CASE("a session that shows no prompt in time is held", "[core][reconcile]") {
  EngineWorld world{EngineWorld::fleet()};
  world.tell(failover::core::event::Tick{});
  world.show("s1", "blank");
  world.pass(seconds{1});
  world.show("s1", "blank");
  world.state.sessions.at(SessionName("s1")).phase = Phase::starting;
  world.state.sessions.at(SessionName("s1")).since = world.now;
  world.pass(seconds{31});
  CHECK(world.phase("s1") == Phase::held);
}
