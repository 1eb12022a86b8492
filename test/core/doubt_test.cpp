#include "core/doubt.hpp"

#include "core/dispatch.hpp"
#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"

using namespace failover::test;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

TaskId const t1{"t1"};

/// A task whose delivery came to an unknown end a moment ago, its session at rest.
EngineWorld in_doubt(std::string const& screen = "idle") {
  EngineWorld world{EngineWorld::fleet()};
  world.pass(seconds{20});
  world.delivery = Delivery::unknown;
  world.queue.tasks = {pending_task("t1")};
  for (auto const* name : {"s1", "s2"}) world.show(name, screen);
  world.tell(event::QueueTouched{});
  REQUIRE(world.state.tasks.contains(t1));
  REQUIRE(world.state.tasks.at(t1).phase == TaskPhase::delivering);
  return world;
}

std::string prompt_of(EngineWorld const& world) {
  auto const& task = world.state.tasks.at(t1);
  return task_prompt("/queue", task.path, t1, task.claim);
}

TranscriptRow prompt_row(EngineWorld const& world, std::string text) {
  auto const& task = world.state.tasks.at(t1);
  TranscriptRow row;
  row.kind = RowKind::prompt;
  row.conversation = *world.session(task.session.str()).conversation;
  row.uuid = "u1";
  row.at = world.now.wall;
  row.text = std::move(text);
  return row;
}

TaskPlace place(EngineWorld const& world) {
  return world.queue.tasks.front().place;
}

}  // namespace

TEST_CASE("a prompt of unknown fate that the transcript has, has arrived: its task runs", "[core][doubt]") {
  auto world = in_doubt();
  world.tell(event::TranscriptGrew{{prompt_row(world, prompt_of(world))}, false});
  CHECK(world.state.tasks.at(t1).phase == TaskPhase::running);
  CHECK(world.state.attempts.at(t1) == 1);
  CHECK(world.count("prompt") == 1);
  world.queue.signals = {{t1, world.state.tasks.at(t1).claim, true}};
  world.tell(event::QueueTouched{});
  CHECK(place(world) == TaskPlace::done);
}

TEST_CASE("our own prompt to continue does not hide that a task's prompt arrived", "[core][doubt]") {
  auto world = in_doubt();
  auto row = prompt_row(world, prompt_of(world));
  auto later = prompt_row(world, "continue");
  later.uuid = "u2";
  world.tell(event::TranscriptGrew{{row, later}, false});
  CHECK(world.state.tasks.at(t1).phase == TaskPhase::running);
}

TEST_CASE("the prompt of another attempt at the task is no sign that this one arrived", "[core][doubt]") {
  auto world = in_doubt();
  world.tell(event::TranscriptGrew{{prompt_row(world, task_prompt("/queue", "/q/x", t1, ClaimId("other")))}, false});
  CHECK(world.state.tasks.at(t1).phase == TaskPhase::delivering);
}

TEST_CASE("a prompt in another session's conversation is no sign that it arrived", "[core][doubt]") {
  auto world = in_doubt();
  auto const here = world.state.tasks.at(t1).session.str();
  auto row = prompt_row(world, prompt_of(world));
  row.conversation = *world.session(here == "s1" ? "s2" : "s1").conversation;
  world.tell(event::TranscriptGrew{{row}, false});
  CHECK(world.state.tasks.at(t1).phase == TaskPhase::delivering);
}

TEST_CASE("a prompt of unknown fate that stands on the screen as the newest one has arrived", "[core][doubt]") {
  auto world = in_doubt();
  auto const session = world.state.tasks.at(t1).session.str();
  world.show(session, "working > " + prompt_of(world));
  world.pass(seconds{2});
  CHECK(world.state.tasks.at(t1).phase == TaskPhase::running);
}

TEST_CASE("a prompt that stands unsent in the input box holds its task, and says so", "[core][doubt]") {
  auto world = in_doubt();
  auto const session = world.state.tasks.at(t1).session.str();
  SECTION("as it was typed") {
    world.show(session, "idle | " + prompt_of(world));
  }
  SECTION("collapsed") {
    world.show(session, "idle | [Pasted text #1 +2 lines]");
  }
  world.pass(seconds{1});
  CHECK(place(world) == TaskPlace::claimed);
  world.pass(seconds{3});
  CHECK(place(world) == TaskPlace::held);
  CHECK_THAT(world.results.back().reason, CF_CONTAINS("stands unsent"));
}

TEST_CASE("a prompt that is nowhere holds its task: it may have arrived all the same", "[core][doubt]") {
  auto world = in_doubt();
  world.pass(seconds{5});
  CHECK(place(world) == TaskPlace::claimed);
  world.pass(seconds{40});
  CHECK(place(world) == TaskPlace::held);
  CHECK_THAT(world.results.back().reason, CF_CONTAINS("may or may not have arrived"));
  CHECK(world.count("prompt") == 1);
}

TEST_CASE("a prompt that may have arrived in a turn that runs is looked for longer, not for ever", "[core][doubt]") {
  auto world = in_doubt();
  world.show(world.state.tasks.at(t1).session.str(), "working");
  world.pass(minutes{1});
  CHECK(place(world) == TaskPlace::claimed);
  world.pass(minutes{2});
  CHECK(place(world) == TaskPlace::held);
}

TEST_CASE("after a restart in the middle of a delivery the prompt is looked for", "[core][doubt]") {
  EngineWorld world{EngineWorld::fleet()};
  world.queue.tasks = {pending_task("t1")};
  world.pass(seconds{20});
  auto const row = prompt_row(world, prompt_of(world));
  world.state.tasks.at(t1).phase = TaskPhase::delivering;
  world.state.attempts.clear();
  world.restart();
  world.pass(seconds{1});
  CHECK(world.state.tasks.at(t1).phase == TaskPhase::delivering);
  world.tell(event::TranscriptGrew{{row}, false});
  CHECK(world.state.tasks.at(t1).phase == TaskPhase::running);
  CHECK(world.state.attempts.at(t1) == 1);
  CHECK(world.count("prompt") == 1);
}
