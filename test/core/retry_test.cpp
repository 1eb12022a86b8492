#include "core/retry.hpp"

#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"

using namespace failover::test;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

TaskId const t1{"t1"};

EngineWorld running(std::int64_t retries) {
  EngineWorld world{EngineWorld::fleet()};
  world.queue.tasks = {pending_task("t1")};
  world.queue.tasks.front().request.retries = retries;
  world.pass(seconds{20});
  REQUIRE(world.state.tasks.at(t1).phase == TaskPhase::running);
  return world;
}

/// The agent says that it failed, and its session is idle again.
void fail(EngineWorld& world) {
  auto const& task = world.state.tasks.at(t1);
  world.show(task.session.str(), "idle");
  world.queue.signals = {{t1, task.claim, false}};
  world.tell(event::QueueTouched{});
  world.queue.signals.clear();
}

std::string running_in(EngineWorld const& world) {
  return world.state.tasks.at(t1).session.str();
}

TaskPlace place(EngineWorld const& world) {
  return world.queue.tasks.front().place;
}

void row_of_error(EngineWorld& world, std::string const& error, std::int64_t status) {
  TranscriptRow row;
  row.kind = RowKind::api_error;
  row.conversation = *world.session(running_in(world)).conversation;
  row.uuid = "u" + std::to_string(world.now.mono.time_since_epoch().count());
  row.at = world.now.wall;
  row.error = error;
  row.status = status;
  world.tell(event::TranscriptGrew{{row}, false});
}

}  // namespace

TEST_CASE("the pause before another attempt doubles up to a quarter of an hour", "[core][retry]") {
  CHECK(retry_pause(0) == seconds{0});
  CHECK(retry_pause(1) == seconds{30});
  CHECK(retry_pause(2) == minutes{1});
  CHECK(retry_pause(3) == minutes{2});
  CHECK(retry_pause(6) == minutes{15});
  CHECK(retry_pause(1'000'000'000'000) == minutes{15});
}

TEST_CASE("a task that failed waits before it is given out again, over a restart too", "[core][retry]") {
  auto world = running(2);
  fail(world);
  REQUIRE(place(world) == TaskPlace::pending);
  world.pass(seconds{25});
  CHECK(world.count("claim t1") == 1);
  world.restart();
  world.pass(seconds{4});
  CHECK(world.count("claim t1") == 1);
  world.pass(minutes{1});
  CHECK(world.count("claim t1") == 2);
}

TEST_CASE("a task that fails again and again ends in failed, and says how often it was tried", "[core][retry]") {
  auto world = running(2);
  for (int attempt = 1; attempt <= 3; ++attempt) {
    fail(world);
    world.pass(minutes{3});
  }
  CHECK(place(world) == TaskPlace::failed);
  CHECK(world.results.back().reason == "signal: failed, attempt 3 of 3");
  CHECK(world.results.back().attempts == 3);
  CHECK(world.count("claim t1") == 3);
  CHECK(world.state.attempts.empty());
  CHECK(world.state.comebacks.empty());
}

TEST_CASE("an attempt that a server's error or a refused login ended is not counted", "[core][retry]") {
  auto world = running(1);
  SECTION("a server's error") {
    row_of_error(world, "server_error", 529);
  }
  SECTION("a login") {
    row_of_error(world, "authentication_failed", 401);
  }
  fail(world);
  CHECK(place(world) == TaskPlace::pending);
  CHECK(world.state.attempts.at(t1) == 0);
  CHECK(world.state.comebacks.at(t1).refunded == 1);
}

TEST_CASE("an attempt that ended in an error of the task's own is counted", "[core][retry]") {
  auto world = running(1);
  row_of_error(world, "invalid_request", 400);
  fail(world);
  CHECK(world.state.attempts.at(t1) == 1);
  CHECK(world.state.comebacks.at(t1).refunded == 0);
}

TEST_CASE("a turn that ended in a server's error gives its task back to the queue", "[core][retry]") {
  auto world = running(2);
  world.show(running_in(world), "error 500");
  world.pass(minutes{3});
  REQUIRE(world.count("move t1 pending: server_error") == 1);
  CHECK(world.count("claim t1") == 2);
  CHECK(world.state.attempts.at(t1) == 1);
}

TEST_CASE("a task that may not be tried again is held when a server's error stopped it", "[core][retry]") {
  auto world = running(0);
  world.show(running_in(world), "error 500");
  world.pass(minutes{3});
  CHECK(place(world) == TaskPlace::held);
  CHECK(world.results.back().reason == "server_error, and it may not be tried again");
  CHECK(world.count("claim t1") == 1);
}

TEST_CASE("refunds are bounded: a task that meets nothing but errors comes to an end", "[core][retry]") {
  auto world = running(1);
  for (int round = 0; round < 20 && place(world) != TaskPlace::failed; ++round) {
    if (world.state.tasks.contains(t1)) world.show(running_in(world), "error " + std::to_string(round));
    world.pass(minutes{20});
  }
  CHECK(place(world) == TaskPlace::failed);
  CHECK(world.count("claim t1") == static_cast<std::size_t>(max_refunds) + 2);
}

TEST_CASE("the time that a session waits for quota is no part of its task's time", "[core][retry]") {
  Config config = EngineWorld::fleet();
  config.accounts.resize(1);
  config.watcher.timeout = minutes{30};
  EngineWorld world{config};
  world.queue.tasks = {pending_task("t1")};
  world.pass(seconds{20});
  auto const session = running_in(world);
  world.show(session, "wall 1");  // for an hour
  world.pass(minutes{58});
  CHECK(place(world) == TaskPlace::claimed);
  world.pass(minutes{15});
  REQUIRE(world.phase(session) == Phase::working);
  CHECK(place(world) == TaskPlace::claimed);
  world.pass(minutes{30});
  CHECK(place(world) == TaskPlace::held);
}

TEST_CASE("what was counted of a task that a person took out of the queue is forgotten", "[core][retry]") {
  auto world = running(2);
  fail(world);
  REQUIRE(world.state.comebacks.contains(t1));
  world.queue.tasks.clear();
  world.pass(minutes{1});
  CHECK(world.state.comebacks.empty());
  CHECK(world.state.attempts.empty());
}
