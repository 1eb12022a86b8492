#include "core/completion.hpp"

#include "core/task_record.hpp"
#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"

using namespace failover::test;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

TaskId const t1{"t1"};

struct Fleet : EngineWorld {
  Fleet() : EngineWorld(EngineWorld::fleet()) {
    queue.tasks = {pending_task("t1")};
    pass(seconds{20});
    REQUIRE(state.tasks.at(t1).phase == TaskPhase::running);
    name = state.tasks.at(t1).session.str();
  }

  /// The agent's turn is over, as its screen shows.
  void rest(std::string const& screen = "idle") { show(name, screen); }

  HookCall hook(std::string const& event_name) const {
    HookCall call;
    call.name = event_name;
    call.conversation = *session(name).conversation;
    auto const& pane = *session(name).pane;
    call.caller = {pane.server_pid, pane.id, {}};
    call.at = now.wall;
    call.message = "All done.";
    return call;
  }
  void stop(std::int64_t background = 0) {
    auto call = hook("Stop");
    call.background = background;
    tell(event::HookCalled{call});
  }

  void row(RowKind kind, bool ends_turn = false, std::string said = {}) {
    TranscriptRow row;
    row.kind = kind;
    row.conversation = *session(name).conversation;
    row.uuid = "u" + std::to_string(++rows);
    row.at = now.wall;
    row.ends_turn = ends_turn;
    row.said = std::move(said);
    if (kind == RowKind::prompt) row.text = "do the work";
    if (kind == RowKind::api_error) row.text = error_text;
    row.answer = "answer " + std::to_string(rows);
    row.tokens = {100, 10, 5, 1};
    tell(event::TranscriptGrew{{row}, false});
  }

  [[nodiscard]] TaskPlace place() const { return queue.tasks.front().place; }
  [[nodiscard]] TaskResult const& result() const { return results.back(); }

  std::string error_text = "error 500";
  std::string name = {};
  int rows = 0;
};

/// Screens on which something always moves, and a grey suggestion in the box: never quiet.
void rest_restlessly(Fleet& fleet) {
  for (int second = 0; second < 200; second += 10) {
    fleet.rest("idle " + std::to_string(second) + " > do the work | try this");
    fleet.pass(seconds{10});
  }
}

}  // namespace

TEST_CASE("a Stop hook ends a task when the turn stays over for watcher.quiet, for the signal may come",
          "[core][completion]") {
  Fleet fleet;
  fleet.rest();
  fleet.stop();
  fleet.pass(seconds{50});
  CHECK(fleet.place() == TaskPlace::claimed);
  fleet.pass(seconds{50});
  CHECK(fleet.place() == TaskPlace::done);
  CHECK(fleet.result().reason == "stop_hook");
  CHECK(fleet.result().last_message == "All done.");
}

TEST_CASE("a Stop hook ends a task beside a screen that is never quiet", "[core][completion]") {
  Fleet fleet;
  fleet.stop();
  rest_restlessly(fleet);
  CHECK(fleet.place() == TaskPlace::done);
  CHECK(fleet.result().reason == "stop_hook");
}

TEST_CASE("a signal that comes within the quiet time is the task's end, whatever the hook said", "[core][completion]") {
  Fleet fleet;
  fleet.rest();
  fleet.stop();
  fleet.pass(seconds{40});
  fleet.queue.signals = {{t1, fleet.state.tasks.at(t1).claim, false}};
  fleet.tell(event::QueueTouched{});
  CHECK(fleet.place() == TaskPlace::pending);
  CHECK(fleet.result().reason == "signal: failed");
}

TEST_CASE("what a turn left running keeps its task from ending by itself, until it is over", "[core][completion]") {
  Fleet fleet;
  fleet.rest();
  fleet.row(RowKind::reply, true);
  fleet.stop(2);
  fleet.pass(minutes{10});
  CHECK(fleet.place() == TaskPlace::claimed);
  fleet.stop(0);
  fleet.pass(minutes{2});
  CHECK(fleet.place() == TaskPlace::done);
}

TEST_CASE("a Stop hook of a subagent, of another conversation, or from before the claim ends nothing",
          "[core][completion]") {
  Fleet fleet;
  auto call = fleet.hook("Stop");
  SECTION("a subagent's") {
    call.of_subagent = true;
  }
  SECTION("another conversation's") {
    call.conversation = ConversationId("another");
  }
  SECTION("an older one, told late") {
    call.at -= minutes{5};
  }
  SECTION("another event") {
    call.name = "SubagentStop";
  }
  fleet.tell(event::HookCalled{call});
  CHECK_FALSE(fleet.state.tasks.at(t1).stop.has_value());
}

TEST_CASE("a turn that began after the Stop hook is not over", "[core][completion]") {
  Fleet fleet;
  fleet.stop();
  fleet.pass(seconds{1});
  fleet.row(RowKind::prompt);
  rest_restlessly(fleet);
  CHECK(fleet.place() == TaskPlace::claimed);
}

TEST_CASE("the end of a turn in the transcript ends a task where no hook is installed", "[core][completion]") {
  Fleet fleet;
  fleet.row(RowKind::prompt);
  fleet.row(RowKind::tool_result);
  fleet.row(RowKind::reply, true, "It is built, and the tests pass.");
  rest_restlessly(fleet);
  CHECK(fleet.place() == TaskPlace::done);
  CHECK(fleet.result().reason == "transcript");
  CHECK(fleet.result().last_message == "It is built, and the tests pass.");
}

TEST_CASE("a reply in the middle of a turn is no end", "[core][completion]") {
  Fleet fleet;
  fleet.row(RowKind::reply, false);
  rest_restlessly(fleet);
  CHECK(fleet.place() == TaskPlace::claimed);
}

TEST_CASE("while the screen shows work nothing but a signal ends a task", "[core][completion]") {
  Fleet fleet;
  fleet.stop();
  fleet.row(RowKind::reply, true);
  fleet.pass(minutes{10});
  CHECK(fleet.place() == TaskPlace::claimed);
}

TEST_CASE("an error at the end of a conversation is no end of its task", "[core][completion]") {
  Fleet fleet;
  fleet.rest();
  fleet.row(RowKind::api_error);
  fleet.stop();
  fleet.pass(minutes{10});
  CHECK(fleet.place() == TaskPlace::claimed);
}

TEST_CASE("a result tells the accounts, the swaps it survived, the times and the tokens", "[core][completion]") {
  Fleet fleet;
  fleet.row(RowKind::reply);
  fleet.error_text = "wall 7";
  fleet.row(RowKind::api_error);
  fleet.show(fleet.name, "wall 7");
  fleet.pass(minutes{2});
  REQUIRE(fleet.count("flip b") == 1);
  fleet.row(RowKind::reply, true);
  fleet.queue.signals = {{t1, fleet.state.tasks.at(t1).claim, true}};
  fleet.tell(event::QueueTouched{});
  REQUIRE(fleet.place() == TaskPlace::done);
  auto const& result = fleet.result();
  CHECK(result.accounts == std::vector{AccountName("a"), AccountName("b")});
  CHECK(result.swaps == 1);
  CHECK(result.given_at.has_value());
  CHECK(result.tokens == TokenUse{200, 20, 10, 2});
}

TEST_CASE(
    "an account on which the task was claimed, and which was left before its prompt came, is none of its accounts",
    "[core][completion]") {
  Fleet fleet;
  auto& task = fleet.state.tasks.at(t1);
  REQUIRE(task.accounts == std::vector{AccountName("a")});
  fleet.state.active = AccountName("b");
  fleet.state.active_since = fleet.now;
  task.given_at = fleet.now;
  fleet.state.sessions.at(SessionName(fleet.name)).account = AccountName("b");
  std::vector<Effect> ignored;
  Step step{fleet.config, fleet.reader, false, fleet.now, fleet.state, ignored};
  note_progress(step, t1);
  CHECK(task.accounts == std::vector{AccountName("b")});
}

TEST_CASE("each answer's tokens are counted once, however often its rows are read", "[core][completion]") {
  Fleet fleet;
  TranscriptRow row;
  row.kind = RowKind::reply;
  row.conversation = *fleet.session(fleet.name).conversation;
  row.at = fleet.now.wall;
  row.answer = "one";
  row.tokens = {100, 10, 0, 0};
  auto block = row;  // the same answer's next one
  block.at += seconds{1};
  auto next = block;
  next.answer = "two";
  next.at += seconds{1};
  auto before = row;
  before.answer = "of the turn before";
  before.at -= minutes{10};
  fleet.tell(event::TranscriptGrew{{before, row, block, next}, false});
  fleet.tell(event::TranscriptGrew{{before, row, block, next}, true});
  CHECK(fleet.state.tasks.at(t1).tokens == TokenUse{200, 20, 0, 0});
}
