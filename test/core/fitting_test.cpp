#include "core/fitting.hpp"

#include "core/dispatch.hpp"
#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"

#include <functional>

using namespace failover::test;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

TaskFile asking(std::string const& id, std::function<void(TaskRequest&)> const& ask) {
  auto file = pending_task(id);
  ask(file.request);
  return file;
}

TaskFile lying(std::string const& id, TaskPlace place) {
  auto file = pending_task(id);
  file.place = place;
  return file;
}

/// s1 and s2 of the pool in /work, own in /own.
EngineWorld ready_fleet(Config config = EngineWorld::fleet()) {
  config.sessions.dedicated.push_back({SessionName("own"), "/own", {}, {}});
  EngineWorld world{std::move(config)};
  world.pass(seconds{20});
  return world;
}

std::map<std::string, std::string> waits(EngineWorld const& world) {
  auto const gate = dispatch_gate(world.config, world.state, world.now, false);
  std::map<std::string, std::string> words;
  for (auto const& task : pending_tasks(world.config, world.state, gate, world.now))
    words[task.file->id.str()] = task.waits_for;
  return words;
}

std::string word_for(EngineWorld& world, TaskFile file) {
  world.queue.tasks.push_back(std::move(file));
  world.tell(event::QueueTouched{});
  return waits(world)["t1"];
}

std::string session_of(EngineWorld const& world, std::string const& id) {
  auto const found = world.state.tasks.find(TaskId(id));
  return found == world.state.tasks.end() ? "" : found->second.session.str();
}

}  // namespace

TEST_CASE("a task without wishes goes to the pool alone", "[core][fitting]") {
  auto world = ready_fleet();
  for (int i = 1; i <= 3; ++i) world.queue.tasks.push_back(pending_task("t" + std::to_string(i)));
  world.tell(event::QueueTouched{});
  CHECK(session_of(world, "t1") == "s1");
  CHECK(session_of(world, "t2") == "s2");
  CHECK(waits(world) == std::map<std::string, std::string>{{"t3", "session_busy"}});
}

TEST_CASE("a session fits by kind, name, directory and agent", "[core][fitting]") {
  auto world = ready_fleet();
  auto const fitting = [&](std::function<void(TaskRequest&)> const& ask) {
    TaskRequest request;
    ask(request);
    std::string names;
    for (auto const& [name, session] : world.state.sessions)
      if (fits(world.config, name, session, request)) names += name.str() + " ";
    return names;
  };
  CHECK(fitting([](auto&) {}) == "s1 s2 ");
  CHECK(fitting([](auto& r) { r.kind = SessionKind::dedicated; }) == "own ");
  CHECK(fitting([](auto& r) { r.kind = SessionKind::adopted; }).empty());
  CHECK(fitting([](auto& r) { r.session = SessionName("own"); }) == "own ");
  CHECK(fitting([](auto& r) {
          r.session = SessionName("own");
          r.kind = SessionKind::pool;
        }).empty());
  CHECK(fitting([](auto& r) { r.workdir = std::string("/work") + "/"; }) == "s1 s2 ");
  CHECK(fitting([](auto& r) { r.workdir = "/own"; }).empty());
  CHECK(fitting([](auto& r) {
          r.workdir = "/own";
          r.kind = SessionKind::dedicated;
        }) == "own ");
  CHECK(fitting([](auto& r) { r.agent = "claude-code"; }) == "s1 s2 ");
  CHECK(fitting([](auto& r) { r.agent = "codex"; }).empty());
}

TEST_CASE("a task that no session fits holds nobody up, and says why it waits", "[core][fitting]") {
  auto world = ready_fleet();
  auto first = asking("t1", [](auto& r) {
    r.priority = 100;
    r.agent = "codex";
  });
  world.queue.tasks = {first, pending_task("t2")};
  world.tell(event::QueueTouched{});
  CHECK(session_of(world, "t2") == "s1");
  CHECK(waits(world) == std::map<std::string, std::string>{{"t1", "no_fitting_session"}});
}

TEST_CASE("a session that another task asks for by name is taken last", "[core][fitting]") {
  auto world = ready_fleet();
  world.queue.tasks = {asking("t1", [](auto& r) { r.priority = 5; }),
                       asking("t2", [](auto& r) { r.session = SessionName("s1"); })};
  world.tell(event::QueueTouched{});
  CHECK(session_of(world, "t1") == "s2");
  CHECK(session_of(world, "t2") == "s1");
}

TEST_CASE("a task waits for its time", "[core][fitting]") {
  auto world = ready_fleet();
  auto const at = world.now.wall + minutes{10};
  CHECK(word_for(world, asking("t1", [&](auto& r) { r.not_before = at; })) == "not_before");
  world.pass(minutes{9});
  CHECK(world.count("claim t1") == 0);
  world.pass(minutes{2});
  CHECK(world.count("claim t1") == 1);
}

TEST_CASE("a task is given out when its time has come, not at the next look around", "[core][fitting]") {
  auto world = ready_fleet();
  auto const at = world.now.mono + minutes{1} + seconds{7};
  auto const wall = world.now.wall + minutes{1} + seconds{7};
  world.queue.tasks = {asking("t1", [&](auto& r) { r.not_before = wall; })};
  world.tell(event::QueueTouched{});
  CHECK(ready_deadline(world.state, world.now) == at);
  world.pass(minutes{1} + seconds{6});
  CHECK(world.count("claim t1") == 0);
  world.pass(seconds{1});
  CHECK(world.count("claim t1") == 1);
  CHECK_FALSE(ready_deadline(world.state, world.now).has_value());
}

TEST_CASE("a time that no clock reaches, and one long past, are no deadline to trip over", "[core][fitting]") {
  auto world = ready_fleet();
  world.tell(event::BrakeSet{true, ""});
  world.queue.tasks = {asking("t1", [](auto& r) { r.not_before = WallTime{hours{24 * 365 * 8000}}; }),
                       asking("t2", [](auto& r) { r.not_before = WallTime{}; })};
  world.tell(event::QueueTouched{});
  CHECK(ready_deadline(world.state, world.now) > world.now.mono + hours{24 * 365 * 1000});
}

TEST_CASE("a task waits until all that it comes after are done", "[core][fitting]") {
  auto world = ready_fleet();
  world.queue.tasks = {lying("a", TaskPlace::done), lying("b", TaskPlace::claimed)};
  auto const next = asking("t1", [](auto& r) { r.after = {TaskId("a"), TaskId("b")}; });
  SECTION("one that runs") {
    world.queue.tasks[1].place = TaskPlace::pending;
    world.queue.tasks[1].request.agent = "codex";
    CHECK(word_for(world, next) == "after:b");
  }
  SECTION("one that failed") {
    world.queue.tasks[1].place = TaskPlace::failed;
    CHECK(word_for(world, next) == "after_failed:b");
  }
  SECTION("one that is held") {
    world.queue.tasks[1].place = TaskPlace::held;
    CHECK(word_for(world, next) == "after_held:b");
  }
  SECTION("one that nobody knows") {
    world.queue.tasks.pop_back();
    CHECK(word_for(world, next) == "after_unknown:b");
  }
  CHECK(world.count("claim t1") == 0);
  world.queue.tasks = {lying("a", TaskPlace::done), lying("b", TaskPlace::done), next};
  world.tell(event::QueueTouched{});
  CHECK(world.count("claim t1") == 1);
}

TEST_CASE("a task that failed, was mended and is done counts as done", "[core][fitting]") {
  auto world = ready_fleet();
  world.queue.tasks = {lying("a", TaskPlace::done), lying("a", TaskPlace::failed),
                       asking("t1", [](auto& r) { r.after = {TaskId("a")}; })};
  world.tell(event::QueueTouched{});
  CHECK(world.count("claim t1") == 1);
}

TEST_CASE("a task that is pinned to an account is begun on that one alone", "[core][fitting]") {
  auto world = ready_fleet();
  CHECK(word_for(world, asking("t1", [](auto& r) { r.account = AccountName("b"); })) == "account:b");
  CHECK(world.count("claim t1") == 0);
  world.show("s1", "wall 1");
  world.pass(minutes{8});
  REQUIRE(world.count("flip b") == 1);
  CHECK(world.count("claim t1") == 1);
}

TEST_CASE("what its sessions are is the reason why a task waits", "[core][fitting]") {
  Config config = EngineWorld::fleet();
  config.sessions.pool.size = 1;
  auto world = ready_fleet(config);
  SECTION("busy") {
    world.show("s1", "working");
    world.pass(seconds{31});
    CHECK(word_for(world, pending_task("t1")) == "session_busy");
  }
  SECTION("a person types") {
    world.typed_at["s1"] = world.now.wall + seconds{31};
    world.pass(seconds{31});
    CHECK(word_for(world, pending_task("t1")) == "person_types");
  }
  SECTION("not ready") {
    world.show("s1", "dialog");
    world.pass(seconds{31});
    CHECK(word_for(world, pending_task("t1")) == "session_not_ready");
  }
  SECTION("a draft") {
    world.delivery = Delivery::draft_present;
    CHECK(word_for(world, pending_task("t1")) == "draft");
  }
  SECTION("nothing is given out at all") {
    world.tell(event::BrakeSet{true, ""});
    CHECK(word_for(world, pending_task("t1")) == "brake");
  }
  SECTION("it came back a moment ago") {
    world.state.comebacks[TaskId("t1")] = {1, 0, world.now};
    CHECK(word_for(world, pending_task("t1")) == "retry");
  }
}

TEST_CASE("pending tasks are told in the order in which they are given out", "[core][fitting]") {
  auto world = ready_fleet();
  world.tell(event::BrakeSet{true, ""});
  auto older = pending_task("z");
  older.changed_at -= hours{1};
  world.queue.tasks = {pending_task("b"), pending_task("a"), older, pending_task("urgent", 9)};
  world.tell(event::QueueTouched{});
  std::string order;
  for (auto const& task : pending_tasks(world.config, world.state, "brake", world.now))
    order += task.file->id.str() + " ";
  CHECK(order == "urgent z a b ");
}
