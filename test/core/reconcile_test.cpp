#include "core/reconcile.hpp"

#include "core/looking.hpp"
#include "core/wanted.hpp"
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

TEST_CASE("a listing from before an agent was started anew does not say that it ended", "[core][reconcile]") {
  EngineWorld world{EngineWorld::fleet()};
  world.pass(seconds{20});
  world.show("s1", "dead");
  world.state.live.listing_panes = true;
  for (auto& [name, session] : world.state.sessions) session.busy_with_effect = true;
  auto const old = event::PanesListed{std::vector<PaneInfo>{}};
  world.tell(event::AgentRestarted{SessionName("s1"), {}});
  world.tell(event::AgentRestarted{SessionName("s2"), {}});
  world.tell(old);
  CHECK(world.count("restart") == 0);
  CHECK(world.count("start ") == 2);  // those of the beginning
  CHECK(world.phase("s2") != Phase::missing);
  world.pass(seconds{31});
  CHECK(world.count("restart s1") == 1);
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

namespace {

/// A person's own session, idle in its pane; the daemon looks at its terminal every 15 s.
EngineWorld with_an_adopted_session(std::string const& screen = "idle") {
  Config config = EngineWorld::fleet();
  config.sessions.adopt = {"mine*"};
  EngineWorld world{config};
  world.panes["mine-1"] = 50;
  world.show("mine-1", screen);
  world.foregrounds["mine-1"] = Foreground::program;
  world.pass(seconds{40});
  return world;
}

}  // namespace

TEST_CASE("an adopted session whose agent left a bare shell is dead, whatever its screen shows", "[core][reconcile]") {
  auto world = with_an_adopted_session();
  REQUIRE(world.phase("mine-1") == Phase::idle);
  world.foregrounds["mine-1"] = Foreground::shell;
  world.pass(seconds{16});
  CHECK(world.phase("mine-1") == Phase::dead);
  CHECK(world.session("mine-1").hold_reason == "its agent ended; a shell has the terminal");
  world.show("mine-1", "working");
  world.pass(minutes{5});
  CHECK(world.phase("mine-1") == Phase::dead);
  CHECK(world.count("restart mine-1") == 0);
  CHECK(std::count_if(world.log.begin(), world.log.end(), [](auto const& line) {
          return line.message == "session changed" &&
                 line.fields.back().second == "its agent ended; a shell has the terminal";
        }) == 1);
}

TEST_CASE("a bare shell below a wall is told nothing when another account is there", "[core][reconcile]") {
  auto world = with_an_adopted_session("wall 1");
  REQUIRE(world.count("prompt mine-1") == 1);
  auto shell = with_an_adopted_session("blank");
  shell.foregrounds["mine-1"] = Foreground::shell;
  shell.pass(seconds{16});
  shell.show("mine-1", "wall 1");
  shell.pass(minutes{10});
  CHECK(shell.count("prompt mine-1") == 0);
  CHECK(shell.count("flip") == 0);
}

TEST_CASE("a recovery ends where its agent has left a bare shell", "[core][reconcile]") {
  Config config = EngineWorld::fleet();
  config.sessions.adopt = {"mine*"};
  EngineWorld world{config};
  world.panes["mine-1"] = 50;
  world.show("mine-1", "wall 1");
  world.delivery = Error{ErrorKind::refused, "a bare shell has the terminal of %50; start the agent there"};
  world.pass(seconds{1});
  world.foregrounds["mine-1"] = Foreground::shell;
  world.pass(seconds{20});
  auto const asked = world.count("prompt mine-1");
  CHECK(world.phase("mine-1") == Phase::dead);
  CHECK_FALSE(world.session("mine-1").recovery);
  world.pass(minutes{10});
  CHECK(world.count("prompt mine-1") == asked);
}

TEST_CASE("an agent that comes back in its shell is adopted anew", "[core][reconcile]") {
  auto world = with_an_adopted_session();
  world.foregrounds["mine-1"] = Foreground::shell;
  world.pass(seconds{16});
  REQUIRE(world.phase("mine-1") == Phase::dead);
  world.foregrounds["mine-1"] = Foreground::program;
  world.show("mine-1", "working");
  world.pass(seconds{16});
  CHECK(world.phase("mine-1") == Phase::working);
  CHECK(world.session("mine-1").hold_reason.empty());
}

TEST_CASE("who has a terminal and could not be told changes nothing", "[core][reconcile]") {
  auto world = with_an_adopted_session();
  world.foregrounds["mine-1"] = Foreground::unknown;
  world.pass(seconds{16});
  CHECK(world.phase("mine-1") == Phase::idle);
  world.foregrounds["mine-1"] = Foreground::shell;
  world.pass(seconds{16});
  REQUIRE(world.phase("mine-1") == Phase::dead);
  world.foregrounds["mine-1"] = Foreground::unknown;
  world.pass(minutes{1});
  CHECK(world.phase("mine-1") == Phase::dead);
}

TEST_CASE("a shell where no agent was ever seen is dead, and nobody is told that it did not start",
          "[core][reconcile]") {
  Config config = EngineWorld::fleet();
  config.sessions.adopt = {"mine*"};
  config.notifications.command = CommandChannelConfig{{"true"}};
  EngineWorld world{config};
  world.panes["mine-1"] = 50;
  world.show("mine-1", "blank");
  world.foregrounds["mine-1"] = Foreground::shell;
  world.pass(minutes{5});
  CHECK(world.phase("mine-1") == Phase::dead);
  CHECK(world.session("mine-1").hold_reason == "no agent runs there; a shell has the terminal");
  CHECK(world.messages.empty());
}

TEST_CASE("a shell does not hurry the looks, nor make the last one too old", "[core][reconcile]") {
  auto world = with_an_adopted_session();
  world.foregrounds["mine-1"] = Foreground::shell;
  world.pass(seconds{16});
  world.pass(minutes{1});
  CHECK(world.session("mine-1").watching.looked_at.mono == world.state.live.captured_at->mono);
  world.pass(minutes{10});
  CHECK(elapsed(*world.state.live.captured_at, world.now) <= world.config.quota.poll_interval);
}

TEST_CASE("the task of an adopted session ends when two listings in a row find a bare shell", "[core][reconcile]") {
  auto world = with_an_adopted_session();
  auto task = pending_task("t1");
  task.request.session = SessionName("mine-1");
  world.queue.tasks = {task};
  world.tell(failover::core::event::QueueTouched{});
  world.pass(seconds{5});
  REQUIRE(world.session("mine-1").task);
  world.foregrounds["mine-1"] = Foreground::shell;
  while (world.phase("mine-1") != Phase::dead) world.pass(seconds{1});
  CHECK(world.results.empty());
  world.pass(seconds{16});
  REQUIRE(world.results.size() == 1);
  CHECK(world.results.front().place == TaskPlace::held);
  CHECK(world.results.front().reason == "its agent ended; a shell has the terminal");
}

TEST_CASE("what an agent wrote before it left its shell counts for the account, and moves no session",
          "[core][reconcile]") {
  auto world = with_an_adopted_session();
  auto& session = world.state.sessions.at(SessionName("mine-1"));
  session.conversation = ConversationId("c1");
  world.foregrounds["mine-1"] = Foreground::shell;
  world.pass(seconds{16});
  REQUIRE(world.phase("mine-1") == Phase::dead);
  TranscriptRow row;
  row.kind = RowKind::api_error;
  row.conversation = ConversationId("c1");
  row.uuid = "r1";
  row.at = world.now.wall;
  row.text = "wall 1";
  row.error = "rate_limit";
  row.usage_limit = true;
  world.tell(event::TranscriptGrew{{row}});
  CHECK(world.phase("mine-1") == Phase::dead);
  CHECK(world.state.accounts.at(AccountName("a")).kind == StandingKind::exhausted);
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

TEST_CASE("a fleet that is started whole comes up in groups", "[core][reconcile][start]") {
  Config config = EngineWorld::fleet();
  config.sessions.pool.size = 10;
  EngineWorld world{config};
  world.show_on_start = "starting up";
  world.pass(seconds{2});
  CHECK(world.count("start ") == 4);
  world.show("s1", "idle");
  world.pass(seconds{2});
  CHECK(world.count("start ") == 5);
  world.show_on_start = "idle";
  for (auto const& [name, pane] : world.panes) world.show(name, "idle");
  world.pass(seconds{5});
  CHECK(world.count("start ") == 10);
  CHECK(world.count("start s10") == 1);
}

TEST_CASE("a start that shows nothing keeps the others waiting no longer than its own deadline",
          "[core][reconcile][start]") {
  Config config = EngineWorld::fleet();
  config.sessions.pool.size = 5;
  EngineWorld world{config};
  world.show_on_start = "starting up";
  world.pass(seconds{29});
  REQUIRE(world.count("start ") == 4);
  world.pass(seconds{3});
  CHECK(world.count("start ") == 5);
}

TEST_CASE("an agent that ends by itself after some work is started again, and that is no crash",
          "[core][reconcile][start]") {
  EngineWorld world{EngineWorld::fleet()};
  world.after_prompt = "idle";
  world.pass(seconds{20});
  for (int i = 0; i < 5; ++i) {
    world.pass(seconds{70});
    world.statuses["s1"] = 0;
    world.show("s1", "dead");
    world.pass(seconds{20});
  }
  CHECK(world.count("restart s1") == 5);
  CHECK(world.phase("s1") == Phase::idle);
  CHECK(world.logged("session changed", "its agent ended by itself"));
}

TEST_CASE("an agent that ends by itself at once, again and again, is held like one that crashes",
          "[core][reconcile][start]") {
  EngineWorld world{EngineWorld::fleet()};
  world.after_prompt = "idle";
  world.pass(seconds{20});
  for (int i = 0; i < 5; ++i) {
    world.statuses["s1"] = 0;
    world.show("s1", "dead");
    world.pass(seconds{20});
  }
  CHECK(world.count("restart s1") == 2);
  CHECK(world.phase("s1") == Phase::held);
}

TEST_CASE("the status with which an agent crashed is part of the reason", "[core][reconcile][start]") {
  EngineWorld world{EngineWorld::fleet()};
  world.pass(seconds{20});
  world.statuses["s1"] = 137;
  world.show("s1", "dead");
  world.pass(seconds{20});
  CHECK(world.logged("session changed", "its agent ended with status 137"));
}

TEST_CASE("that tmux does not answer moves the version of the state, and so does its answer", "[core][reconcile]") {
  EngineWorld world{EngineWorld::fleet()};
  world.pass(seconds{20});
  auto const before = world.state.version;
  world.tell(event::PanesListed{Error{ErrorKind::unavailable, "no server"}});
  auto const down = world.state.version;
  CHECK(down > before);
  world.pass(seconds{3});
  CHECK(world.state.live.tmux_up == true);
  CHECK(world.state.version > down);
}
