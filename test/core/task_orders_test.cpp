#include "core/task_orders.hpp"

#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"

#include <map>

using namespace failover::test;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

TaskId const t1{"t1"};

/// One task in a place, and no session that takes it: t1 asks for one that is not there.
struct Desk : EngineWorld {
  explicit Desk(TaskPlace place) : EngineWorld(EngineWorld::fleet()) {
    auto file = pending_task("t1");
    file.place = place;
    file.request.session = SessionName("nobody");
    queue.tasks = {file};
    pass(seconds{20});
    REQUIRE(state.live.tasks_reconciled);
    done.clear();
  }
  [[nodiscard]] std::string refusal(TaskOrder order) const {
    auto const fault = fault_of(state, event::TaskAsked{t1, order, {}});
    return fault ? fault->code : "";
  }
  void order(TaskOrder order, std::string reason = {}) { tell(event::TaskAsked{t1, order, std::move(reason)}); }
  [[nodiscard]] TaskPlace place() const { return queue.tasks.front().place; }
};

/// A fleet that works on t1.
struct AtWork : EngineWorld {
  explicit AtWork(std::int64_t retries = 2) : EngineWorld(EngineWorld::fleet()) {
    auto file = pending_task("t1");
    file.request.retries = retries;
    queue.tasks = {file};
    pass(seconds{20});
    REQUIRE(state.tasks.at(t1).phase == TaskPhase::running);
    name = state.tasks.at(t1).session.str();
    pass(seconds{31});
    REQUIRE(phase(name) == Phase::working);
    done.clear();
  }
  [[nodiscard]] std::string refusal(TaskOrder order) const {
    auto const fault = fault_of(state, event::TaskAsked{t1, order, {}});
    return fault ? fault->code : "";
  }
  void order(TaskOrder order, std::string reason = {}) { tell(event::TaskAsked{t1, order, std::move(reason)}); }
  [[nodiscard]] TaskPlace place() const { return queue.tasks.front().place; }
  std::string name = {};
};

using enum TaskOrder;
constexpr auto all_orders = {retry, hold, release, cancel, TaskOrder::done, fail};

}  // namespace

TEST_CASE("an order is carried out in the places that it is for, and refused with the place in all others",
          "[core][orders]") {
  // What becomes of a task of that place; "" = it is refused.
  std::map<TaskPlace, std::map<TaskOrder, std::string>> const table{
      {TaskPlace::pending, {{hold, "held"}, {cancel, "failed"}}},
      {TaskPlace::held,
       {{retry, "pending"}, {release, "pending"}, {cancel, "failed"}, {TaskOrder::done, "done"}, {fail, "failed"}}},
      {TaskPlace::failed, {{retry, "pending"}}},
      {TaskPlace::done, {}},
  };
  for (auto const& [place, outcomes] : table)
    for (auto const order : all_orders) {
      CAPTURE(to_string(place), to_string(order));
      Desk desk{place};
      auto const outcome = outcomes.find(order);
      if (outcome == outcomes.end()) {
        CHECK(desk.refusal(order) == to_string(place));
        desk.order(order);
        CHECK(desk.count("move") == 0);
        CHECK(desk.place() == place);
        continue;
      }
      CHECK(desk.refusal(order).empty());
      desk.order(order);
      CHECK(to_string(desk.place()) == outcome->second);
      CHECK(desk.count("move") == 1);
    }
}

TEST_CASE("a result says that the operator ordered it, and why", "[core][orders]") {
  Desk desk{TaskPlace::pending};
  desk.order(cancel, "not needed\nany more");
  REQUIRE(desk.results.size() == 1);
  CHECK(desk.results.back().place == TaskPlace::failed);
  CHECK(desk.results.back().reason == "cancelled by the operator: not needed any more");
  CHECK(desk.results.back().ended_at == desk.now.wall);
  CHECK(desk.state.counters.tasks.at("failed") == 1);
  Desk other{TaskPlace::pending};
  other.order(hold);
  CHECK(other.results.back().reason == "held by the operator");
}

TEST_CASE("the attempts of a task that is tried again count from nothing", "[core][orders]") {
  Desk desk{TaskPlace::failed};
  desk.state.attempts[t1] = 3;
  desk.state.comebacks[t1] = {3, 1, {}};
  desk.order(retry);
  CHECK(desk.state.attempts.empty());
  CHECK(desk.state.comebacks.empty());
  CHECK(desk.done == std::vector<std::string>{"save", "move t1 pending: pending, says the operator"});
}

TEST_CASE("a task that is held or tried again is given to nobody before a scan has seen it in its place",
          "[core][orders]") {
  EngineWorld world{EngineWorld::fleet()};
  world.pass(seconds{20});
  world.show("s1", "working");
  world.show("s2", "working");
  world.pass(seconds{31});
  world.queue.tasks = {pending_task("t1")};
  world.tell(event::QueueTouched{});
  world.pass(seconds{3});
  world.tell(event::TaskAsked{t1, hold, {}});
  world.show("s1", "idle");
  world.pass(minutes{2});
  CHECK(world.count("claim") == 0);
  CHECK(world.queue.tasks.front().place == TaskPlace::held);
  world.tell(event::TaskAsked{t1, release, {}});
  world.pass(minutes{1});
  CHECK(world.count("claim") == 1);
}

TEST_CASE("an order for a task that is being moved is refused until a scan has seen where it lies", "[core][orders]") {
  Desk desk{TaskPlace::held};
  desk.state.live.refused_tasks.insert(t1);
  for (auto const order : {retry, release, cancel}) CHECK(desk.refusal(order) == "being_moved");
}

TEST_CASE("an order for a task that nobody knows, or before the queue was read, is refused", "[core][orders]") {
  Desk desk{TaskPlace::held};
  for (auto const order : all_orders) {
    auto const fault = fault_of(desk.state, event::TaskAsked{TaskId("t2"), order, {}});
    REQUIRE(fault);
    CHECK(fault->code == "unknown_task");
    CHECK_THAT(fault->text, CF_CONTAINS("queue list"));
  }
  desk.state.live.tasks_reconciled = false;
  for (auto const order : all_orders) CHECK(desk.refusal(order) == "queue_unread");
}

TEST_CASE("with the brake on no order moves a task", "[core][orders]") {
  Desk desk{TaskPlace::held};
  desk.tell(event::BrakeSet{true, {}});
  desk.done.clear();
  for (auto const order : {retry, release, cancel, TaskOrder::done, fail}) {
    CHECK(desk.refusal(order) == "brake");
    desk.order(order);
  }
  CHECK(desk.count("move") == 0);
}

TEST_CASE("a running task ends by its agent's word", "[core][orders]") {
  AtWork world;
  SECTION("done") {
    world.order(TaskOrder::done);
    CHECK(world.place() == TaskPlace::done);
    CHECK(world.results.back().reason == "command");
    CHECK(world.results.back().session.str() == world.name);
    CHECK(world.results.back().attempts == 1);
    CHECK_FALSE(world.session(world.name).task);
  }
  SECTION("failed, and may be tried again") {
    world.order(fail, "no disk");
    CHECK(world.place() == TaskPlace::pending);
    CHECK(world.state.attempts.at(t1) == 1);
    CHECK(world.count("move t1 pending: command: failed: no disk") == 1);
  }
}

TEST_CASE("an agent that says it failed has no more attempts than the task allows", "[core][orders]") {
  AtWork world{0};
  world.order(fail, "no disk");
  CHECK(world.place() == TaskPlace::failed);
  CHECK(world.results.back().reason == "command: failed: no disk, attempt 1 of 1");
}

TEST_CASE("what an agent writes into its signal of a failure stands in the result, on one line", "[core][orders]") {
  AtWork world{0};
  world.queue.signals = {{t1, world.state.tasks.at(t1).claim, false, "no disk\nleft\n"}};
  world.tell(event::QueueTouched{});
  world.pass(seconds{3});
  CHECK(world.place() == TaskPlace::failed);
  CHECK(world.results.back().reason == "signal: failed: no disk left, attempt 1 of 1");
}

TEST_CASE("an agent's word under the brake is kept, and its file moved when the brake is off", "[core][orders]") {
  AtWork world;
  world.tell(event::BrakeSet{true, {}});
  CHECK(world.refusal(cancel) == "brake");
  CHECK(world.refusal(TaskOrder::done).empty());
  world.order(TaskOrder::done);
  CHECK(world.place() == TaskPlace::claimed);
  CHECK(world.refusal(TaskOrder::done) == "being_moved");
  world.restart();
  world.pass(minutes{1});
  CHECK(world.place() == TaskPlace::claimed);
  world.tell(event::BrakeSet{false, {}});
  world.pass(minutes{2});
  CHECK(world.place() == TaskPlace::done);
}

TEST_CASE("a running task is neither held, released nor tried again", "[core][orders]") {
  AtWork world;
  for (auto const order : {retry, hold, release}) {
    CHECK(world.refusal(order) == "claimed");
    world.order(order);
  }
  CHECK(world.count("move") == 0);
  CHECK(world.logged("order of a task left"));
}

TEST_CASE("the turn of a running task that is cancelled is interrupted, after its end is on disk", "[core][orders]") {
  AtWork world;
  world.order(cancel);
  CHECK(world.place() == TaskPlace::failed);
  CHECK(world.results.back().reason == "cancelled by the operator");
  std::vector<std::string> const deeds{"save", "move t1 failed: cancelled by the operator", "escape " + world.name};
  CHECK(std::vector<std::string>(world.done.begin(), world.done.begin() + 3) == deeds);
  CHECK(world.count("claim") == 0);
}

TEST_CASE("no key is pressed for a cancelled task whose turn is over, or where a person types", "[core][orders]") {
  AtWork world;
  SECTION("the turn is over") {
    world.show(world.name, "idle");
    world.tell(event::TerminalsTouched{{*world.session(world.name).pane}, {}});
    world.pass(seconds{3});
    REQUIRE(world.phase(world.name) == Phase::idle);
  }
  SECTION("a person types") {
    world.typed_at[world.name] = world.now.wall;
    world.pass(seconds{31});
    world.typed_at[world.name] = world.now.wall;
    world.pass(seconds{31});
    REQUIRE(world.state.tasks.contains(t1));
  }
  world.order(cancel);
  CHECK(world.place() == TaskPlace::failed);
  CHECK(world.count("escape") == 0);
}

TEST_CASE("a task whose session is brought back is cancelled only once the session is held", "[core][orders]") {
  AtWork world;
  world.state.sessions.at(SessionName(world.name)).phase = Phase::blocked;
  CHECK(world.refusal(cancel) == "session_recovering");
  world.state.sessions.at(SessionName(world.name)).phase = Phase::held;
  CHECK(world.refusal(cancel).empty());
}

TEST_CASE("a task that is being given is left, but for its agent's word", "[core][orders]") {
  AtWork world;
  auto& task = world.state.tasks.at(t1);
  task.phase = TaskPhase::claiming;
  for (auto const order : all_orders) CHECK(world.refusal(order) == "being_given");
  task.phase = TaskPhase::delivering;
  for (auto const order : {retry, hold, release, cancel}) CHECK(world.refusal(order) == "being_given");
  world.state.attempts.clear();
  world.order(TaskOrder::done);
  CHECK(world.place() == TaskPlace::done);
  CHECK(world.results.back().attempts == 1);
  CHECK(world.results.back().given_at);
}
