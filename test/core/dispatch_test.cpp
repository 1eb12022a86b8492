#include "core/dispatch.hpp"

#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"

using namespace failover::test;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

EngineWorld with_tasks(std::vector<TaskFile> tasks, Config config = EngineWorld::fleet()) {
  EngineWorld world{std::move(config)};
  world.queue.tasks = std::move(tasks);
  world.pass(seconds{20});
  return world;
}

void signal(EngineWorld& world, std::string const& id, bool done = true) {
  world.queue.signals.push_back({TaskId(id), world.state.tasks.at(TaskId(id)).claim, done});
  world.tell(event::QueueTouched{});
}

TaskPlace place(EngineWorld const& world, std::string const& id) {
  for (auto const& file : world.queue.tasks)
    if (file.id == TaskId(id)) return file.place;
  throw std::runtime_error("no such task");
}

}  // namespace

TEST_CASE("a pending task is claimed, given to an idle session, and done by its signal", "[core][dispatch]") {
  auto world = with_tasks({pending_task("t1")});
  CHECK(world.count("claim t1") == 1);
  REQUIRE(world.state.tasks.at(TaskId("t1")).phase == TaskPhase::running);
  signal(world, "t1");
  CHECK(place(world, "t1") == TaskPlace::done);
  REQUIRE(world.results.size() == 1);
  CHECK(world.results[0].reason == "signal");
  CHECK(world.state.tasks.empty());
  CHECK(world.state.counters.tasks.at("done") == 1);
}

TEST_CASE("a claim is saved before its prompt is typed", "[core][dispatch]") {
  auto world = with_tasks({pending_task("t1")});
  auto const prompt =
      std::find_if(world.done.begin(), world.done.end(), [](auto const& l) { return l.starts_with("prompt"); });
  REQUIRE(prompt != world.done.end());
  REQUIRE(prompt - world.done.begin() >= 2);
  CHECK(*(prompt - 1) == "save");
  CHECK(*(prompt - 2) == "claim t1");
}

TEST_CASE("of a claimed file of which the state does not know the time of its claim decides", "[core][dispatch]") {
  auto world = with_tasks({pending_task("t1")});
  auto const claimed_at = world.state.tasks.at(TaskId("t1")).claimed_at.wall;
  world.state.tasks.clear();
  for (auto& [name, session] : world.state.sessions) session.task.reset();
  world.restart();
  SECTION("claimed after the state was saved: nothing was typed, and it is given out again") {
    world.state.live.saved_at = claimed_at - std::chrono::milliseconds{1};
    world.pass(seconds{1});
    CHECK(world.count("move t1 pending") == 1);
  }
  SECTION("before: held") {
    world.state.live.saved_at = claimed_at;
    world.pass(seconds{1});
    CHECK(place(world, "t1") == TaskPlace::held);
  }
  SECTION("where a newer state may have been lost: held") {
    world.pass(seconds{1});
    CHECK(place(world, "t1") == TaskPlace::held);
  }
  SECTION("long before: held") {
    world.state.live.saved_at = claimed_at + hours{1};
    world.pass(minutes{2});
    CHECK(place(world, "t1") == TaskPlace::held);
  }
}

TEST_CASE("after a start with the brake on, what was begun before comes before new tasks", "[core][dispatch]") {
  auto world = with_tasks({});
  world.tell(event::BrakeSet{true, ""});
  world.restart();
  world.queue.tasks = {pending_task("t1")};
  world.pass(minutes{2});
  world.tell(event::BrakeSet{false, ""});
  CHECK(world.count("claim t1") == 1);
  world.pass(minutes{2});
  CHECK(world.count("claim t1") == 1);
  CHECK(world.state.tasks.at(TaskId("t1")).phase == TaskPhase::running);
}

TEST_CASE("a finished task is not claimed again from an old listing", "[core][dispatch]") {
  auto world = with_tasks({pending_task("t1")});
  signal(world, "t1");
  for (auto const* name : {"s1", "s2"}) world.show(name, "idle");
  world.pass(minutes{2});
  CHECK(world.count("claim t1") == 1);
  CHECK_FALSE(world.logged("task not claimed"));
}

TEST_CASE("a task that cannot be claimed is tried again after a scan, and stops no other", "[core][dispatch]") {
  EngineWorld world{EngineWorld::fleet()};
  world.claims_fail = {{TaskId("t1"), Error{ErrorKind::permission, "read-only"}}};
  world.queue.tasks = {pending_task("t1", 9), pending_task("t2")};
  world.pass(minutes{3});
  CHECK(world.count("claim t1") >= 2);
  CHECK(world.count("claim t1") <= 10);
  CHECK(world.count("claim t2") == 1);
  world.claims_fail.clear();
  world.pass(minutes{1});
  CHECK(place(world, "t1") == TaskPlace::claimed);
}

TEST_CASE("where no file can be claimed only some are tried, and /status says why the others wait",
          "[core][dispatch]") {
  EngineWorld world{EngineWorld::fleet()};
  for (int number = 0; number < 100; ++number) {
    auto const id = "t" + std::to_string(number);
    world.queue.tasks.push_back(pending_task(id));
    world.claims_fail.emplace(TaskId(id), Error{ErrorKind::no_space, "full"});
  }
  world.pass(minutes{1});
  CHECK(world.count("claim") >= 8);
  CHECK(world.count("claim") <= 40);
  CHECK(dispatch_gate(EngineWorld::fleet(), world.state, world.now, false) == "queue_not_writable");
}

TEST_CASE("higher priority first, then age, and one task a session", "[core][dispatch]") {
  auto older = pending_task("t2");
  older.changed_at -= minutes{5};
  auto world = with_tasks({pending_task("t1"), older, pending_task("t3", 9)});
  std::vector<std::string> claims;
  for (auto const& line : world.done)
    if (line.starts_with("claim")) claims.push_back(line);
  CHECK(claims == std::vector<std::string>{"claim t3", "claim t2"});
}

TEST_CASE("a task for one session waits for that session", "[core][dispatch]") {
  auto task = pending_task("t1");
  task.request.session = SessionName("s2");
  auto world = with_tasks({task});
  CHECK(world.session("s2").task == TaskId("t1"));
  CHECK_FALSE(world.session("s1").task.has_value());
}

TEST_CASE("dispatch waits for the cooldown after a swap", "[core][dispatch][v0.2]") {
  EngineWorld world{EngineWorld::fleet()};
  world.pass(seconds{20});
  world.show("s1", "wall 1");
  world.pass(seconds{31});
  REQUIRE(world.count("flip b") == 1);
  world.queue.tasks.push_back(pending_task("t1"));
  world.pass(minutes{2});
  CHECK(world.count("claim") == 0);
  world.pass(minutes{4});
  CHECK(world.count("claim t1") == 1);
}

TEST_CASE("nothing is given out while no account is left", "[core][dispatch]") {
  Config config = EngineWorld::fleet();
  config.accounts.resize(1);
  EngineWorld world{config};
  world.pass(seconds{20});
  world.show("s1", "wall 1");
  world.pass(seconds{31});
  world.queue.tasks.push_back(pending_task("t1"));
  world.pass(minutes{5});
  CHECK(world.count("claim") == 0);
  CHECK(dispatch_gate(world.config, world.state, world.now, false) == "no_account_left");
}

TEST_CASE("a task whose prompt may or may not have arrived is held, never given again", "[core][dispatch]") {
  EngineWorld world{EngineWorld::fleet()};
  world.queue.tasks = {pending_task("t1")};
  world.delivery = Delivery::unknown;
  world.pass(minutes{5});
  CHECK(place(world, "t1") == TaskPlace::held);
  CHECK(world.count("prompt") == 1);
}

TEST_CASE("a task that could not be typed goes back to the queue and is tried again", "[core][dispatch]") {
  EngineWorld world{EngineWorld::fleet()};
  world.queue.tasks = {pending_task("t1")};
  world.delivery = Delivery::draft_present;
  world.pass(seconds{20});
  CHECK(world.count("move t1 pending") >= 1);
  world.delivery = Delivery::submitted;
  world.pass(minutes{1});
  CHECK(world.state.tasks.at(TaskId("t1")).phase == TaskPhase::running);
}

TEST_CASE("an unfit file goes to failed with its reason", "[core][dispatch]") {
  auto task = pending_task("t1");
  task.unfit = Error{ErrorKind::too_large, "2 MiB, over the limit of 1 MiB"};
  auto world = with_tasks({task});
  CHECK(place(world, "t1") == TaskPlace::failed);
  REQUIRE(world.results.size() == 1);
  CHECK(world.results[0].reason == "2 MiB, over the limit of 1 MiB");
  CHECK(world.count("claim") == 0);
}

TEST_CASE("after a restart each task is found where it was left", "[core][dispatch]") {
  auto world = with_tasks({pending_task("t1")});
  auto& task = world.state.tasks.at(TaskId("t1"));
  SECTION("claimed but not typed: back to the queue, and given out once") {
    task.phase = TaskPhase::claiming;
    world.restart();
    world.pass(seconds{1});
    CHECK(world.count("move t1 pending") == 1);
  }
  SECTION("perhaps typed, and found nowhere: held") {
    task.phase = TaskPhase::delivering;
    world.restart();
    world.pass(minutes{3});
    CHECK(place(world, "t1") == TaskPlace::held);
  }
  SECTION("running: watched on") {
    world.restart();
    world.pass(seconds{1});
    CHECK(place(world, "t1") == TaskPlace::claimed);
    signal(world, "t1");
    CHECK(place(world, "t1") == TaskPlace::done);
    CHECK(world.count("prompt") == 1);
  }
  SECTION("ending: moved on") {
    task.phase = TaskPhase::ending;
    TaskResult result;
    result.id = TaskId("t1");
    task.ending = result;
    world.restart();
    world.pass(seconds{1});
    CHECK(place(world, "t1") == TaskPlace::done);
    CHECK(world.state.tasks.empty());
  }
}

TEST_CASE("a claimed file that nobody remembers is held", "[core][dispatch]") {
  auto file = pending_task("t1");
  file.place = TaskPlace::claimed;
  auto world = with_tasks({file});
  CHECK(place(world, "t1") == TaskPlace::held);
}

TEST_CASE("a session whose box did not take a prompt is left alone for a while", "[core][dispatch]") {
  Config config = EngineWorld::fleet();
  config.sessions.pool.size = 1;
  EngineWorld world{config};
  world.queue.tasks = {pending_task("t1")};
  world.delivery = Delivery::draft_present;
  world.pass(minutes{1});
  CHECK(world.count("prompt s1") >= 2);
  CHECK(world.count("prompt s1") <= 5);
}

TEST_CASE("a session that shows a warning, or the error of its last turn, takes tasks", "[core][dispatch]") {
  EngineWorld world{EngineWorld::fleet()};
  world.pass(seconds{20});
  for (auto const* name : {"s1", "s2"}) world.show(name, "error 1");
  world.pass(seconds{40});
  world.queue.tasks = {pending_task("t1")};
  world.pass(minutes{1});
  CHECK(world.state.tasks.at(TaskId("t1")).phase == TaskPhase::running);
}

TEST_CASE("a task is done when its session has been idle and unchanged for long enough", "[core][completion]") {
  auto world = with_tasks({pending_task("t1")});
  auto const session = world.state.tasks.at(TaskId("t1")).session.str();
  world.pass(minutes{5});
  CHECK(place(world, "t1") == TaskPlace::claimed);
  world.show(session, "idle after the work");
  world.pass(minutes{3});
  CHECK(place(world, "t1") == TaskPlace::done);
  CHECK(world.results.back().reason == "quiet");
}

TEST_CASE("a task that takes too long stalls its session and is held", "[core][completion]") {
  auto world = with_tasks({pending_task("t1")});
  auto const session = world.state.tasks.at(TaskId("t1")).session.str();
  world.pass(hours{2} + minutes{1});
  CHECK(place(world, "t1") == TaskPlace::held);
  CHECK_THAT(world.results.back().reason, CF_CONTAINS("timeout"));
  CHECK(world.logged("session changed", "stalled"));
  (void)session;
}

TEST_CASE("a quota stop is no end of a task: it waits with its session", "[core][completion]") {
  auto world = with_tasks({pending_task("t1")});
  auto const session = world.state.tasks.at(TaskId("t1")).session.str();
  world.show(session, "wall 5");
  world.pass(minutes{3});
  CHECK(place(world, "t1") == TaskPlace::claimed);
  CHECK(world.count("flip b") == 1);
  CHECK(world.count("prompt " + session + " continue") == 1);
  signal(world, "t1");
  CHECK(place(world, "t1") == TaskPlace::done);
}

TEST_CASE("a task that says it failed is tried again as often as allowed, then failed", "[core][completion]") {
  Config config = EngineWorld::fleet();
  config.dispatcher.retries = 1;
  auto world = with_tasks({pending_task("t1")}, config);
  signal(world, "t1", false);
  CHECK(place(world, "t1") != TaskPlace::failed);
  world.queue.signals.clear();
  for (auto const* name : {"s1", "s2"}) world.show(name, "idle");
  world.pass(minutes{1});
  REQUIRE(world.state.tasks.contains(TaskId("t1")));
  signal(world, "t1", false);
  CHECK(place(world, "t1") == TaskPlace::failed);
  CHECK(world.results.back().attempts == 2);
}

TEST_CASE("a signal of another claim is no end", "[core][completion]") {
  auto world = with_tasks({pending_task("t1")});
  world.queue.signals.push_back({TaskId("t1"), ClaimId("an-older-claim"), true});
  world.tell(event::QueueTouched{});
  CHECK(place(world, "t1") == TaskPlace::claimed);
}

TEST_CASE("the prompt is one line that names the file and the signal", "[core][dispatch]") {
  auto const prompt = task_prompt("/q", "/q/claimed/x.md.T.C", TaskId("T"), ClaimId("C"));
  CHECK_THAT(prompt, CF_CONTAINS("/q/claimed/x.md.T.C") && CF_CONTAINS("/q/signals/T.C.done"));
  CHECK(prompt.find('\n') == std::string::npos);
  CHECK(prompt.size() < 800);
}

TEST_CASE("a task whose file could not be moved on is moved after a later scan", "[core][dispatch]") {
  EngineWorld world{EngineWorld::fleet()};
  world.queue.tasks = {pending_task("t1")};
  world.pass(seconds{40});
  REQUIRE(world.state.tasks.at(TaskId("t1")).phase == TaskPhase::running);
  world.save_fails = Error{ErrorKind::no_space, "disk full"};
  world.queue.signals = {{TaskId("t1"), world.state.tasks.at(TaskId("t1")).claim, true}};
  world.pass(minutes{2});
  REQUIRE(world.queue.tasks.front().place == TaskPlace::claimed);
  world.save_fails.reset();
  world.pass(minutes{1});
  CHECK(world.queue.tasks.front().place == TaskPlace::done);
  CHECK(world.state.tasks.empty());
}

TEST_CASE("a task that was being claimed when its session met a wall goes back to the queue", "[core][dispatch]") {
  EngineWorld world{EngineWorld::fleet()};
  world.pass(seconds{20});
  TaskState task;
  task.file = pending_task("t1");
  task.session = SessionName("s1");
  task.claim = ClaimId("c1");
  task.claimed_at = world.now;
  auto& session = world.state.sessions.at(SessionName("s1"));
  session.task = task.file.id;
  session.reading = read_word("wall 1", world.now.wall);
  world.state.tasks[task.file.id] = task;
  world.tell(event::TaskClaimed{task.file.id, std::string("/queue/claimed/t1.md.t1.c1")});
  CHECK(world.count("prompt s1") == 0);
  CHECK(world.count("move t1 pending") == 1);
}
