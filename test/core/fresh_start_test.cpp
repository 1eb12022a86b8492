#include "core/fresh_start.hpp"

#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"

#include <algorithm>

using namespace failover::test;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

/// s1 stands at a wall, its nudge does not help, and it is about to be restarted with its conversation's id.
EngineWorld before_restart(std::deque<std::string> screens_of_restarts, Config config = EngineWorld::fleet()) {
  config.state.dir = "/state";
  EngineWorld world{std::move(config)};
  world.pass(seconds{20});
  world.show("s1", "working");
  world.pass(seconds{31});
  world.after_prompts = {"blank"};
  for (auto& screen : screens_of_restarts) world.after_prompts.push_back(std::move(screen));
  world.show("s1", "wall 1");
  return world;
}

ConversationId begun_by(EngineWorld const& world, std::string const& session) {
  return *world.session(session).conversation;
}

}  // namespace

TEST_CASE("a conversation that the agent refuses to resume is left for a new one with a briefing", "[core][fresh]") {
  Config config = EngineWorld::fleet();
  config.notifications.telegram.emplace();
  auto world = before_restart({"refused", "working"}, config);
  auto const doomed = begun_by(world, "s1");
  world.pass(minutes{4});
  auto const fresh = begun_by(world, "s1");
  CHECK(fresh != doomed);
  CHECK(world.count("restart s1 claude --resume " + doomed.str()) == 1);
  CHECK(world.count("restart s1 claude --session-id " + fresh.str() + " Read /state/briefings/" + fresh.str() +
                    ".md and go on with the work described there.") == 1);
  CHECK(world.count("restart s1") == 2);
  CHECK(world.resumed.at("s1") == std::nullopt);
  CHECK(world.phase("s1") == Phase::working);
  CHECK(world.session("s1").conversed);
  CHECK(world.logged("session recovered", "fresh"));
  CHECK(world.state.counters.session_changes.at("fresh") == 1);
  CHECK(world.state.refused == std::deque<ConversationId>{doomed});
  CHECK(std::count_if(world.messages.begin(), world.messages.end(), [](Message const& message) {
          return message.body.find("could not be resumed; it is started anew with a briefing") != std::string::npos;
        }) == 1);
}

TEST_CASE("the briefing names the conversation that was left and its last request, never our own prompt",
          "[core][fresh]") {
  auto world = before_restart({"refused", "working"});
  auto const doomed = begun_by(world, "s1");
  TranscriptRow row;
  row.kind = RowKind::prompt;
  row.conversation = doomed;
  row.uuid = "1";
  row.at = world.now.wall;
  row.text = "Build the tower.";
  world.tell(event::TranscriptGrew{{row}});
  row.uuid = "2";
  row.text = world.config.switching.continue_prompt;
  world.tell(event::TranscriptGrew{{row}});
  world.pass(minutes{4});
  REQUIRE(world.briefings.at("s1").has_value());
  auto const& briefing = *world.briefings.at("s1");
  CHECK(briefing.conversation == doomed);
  CHECK(briefing.request == "Build the tower.");
  CHECK(briefing.task_prompt.empty());
}

TEST_CASE("a task of the queue goes on in the fresh session", "[core][fresh]") {
  Config config = EngineWorld::fleet();
  config.sessions.pool.size = 1;
  config.state.dir = "/state";
  EngineWorld world{config};
  world.queue.tasks = {pending_task("t1")};
  world.pass(seconds{20});
  REQUIRE(world.session("s1").task == TaskId("t1"));
  world.after_prompts = {"blank", "refused", "working"};
  world.show("s1", "wall 1");
  world.pass(minutes{4});
  CHECK(world.phase("s1") == Phase::working);
  REQUIRE(world.briefings.at("s1").has_value());
  CHECK_THAT(world.briefings.at("s1")->task_prompt, CF_CONTAINS("/queue/signals/t1."));
  CHECK(world.session("s1").task == TaskId("t1"));
  CHECK(world.results.empty());
}

TEST_CASE("a fresh start that fails as well is not repeated: the session is held with the reason", "[core][fresh]") {
  auto world = before_restart({"refused", "dead"});
  world.pass(minutes{10});
  CHECK(world.phase("s1") == Phase::held);
  CHECK_THAT(world.session("s1").hold_reason, CF_CONTAINS("ended again after a fresh start"));
  CHECK(world.count("restart s1 claude --resume") == 1);
  CHECK(world.count("restart s1 claude --session-id") == 1);
}

TEST_CASE("a fresh start that shows no work is held at the deadline", "[core][fresh]") {
  auto world = before_restart({"refused", "blank"});
  world.pass(minutes{10});
  CHECK(world.phase("s1") == Phase::held);
  CHECK_THAT(world.session("s1").hold_reason, CF_CONTAINS("its conversation could not be resumed"));
  CHECK(world.count("restart s1 claude --session-id") == 1);
}

TEST_CASE("an agent that lives and shows the words of a refusal is not started anew", "[core][fresh]") {
  auto world = before_restart({"says refused"});
  auto const id = begun_by(world, "s1");
  world.pass(minutes{3});
  CHECK(world.count("restart s1 claude --session-id") == 0);
  CHECK(world.state.refused.empty());
  CHECK(begun_by(world, "s1") == id);
}

TEST_CASE("an agent that showed its box since its restart and ends with such words has not refused", "[core][fresh]") {
  auto world = before_restart({"working"});
  auto const id = begun_by(world, "s1");
  world.pass(minutes{3});
  REQUIRE(world.phase("s1") == Phase::working);
  world.show("s1", "refused");
  world.pass(minutes{1});
  CHECK(world.state.refused.empty());
  CHECK(world.count("restart s1 claude --resume " + id.str()) >= 2);
}

TEST_CASE("an agent that ends for another reason while it resumes keeps its conversation", "[core][fresh]") {
  auto world = before_restart({"dead", "idle"});
  auto const id = begun_by(world, "s1");
  world.pass(minutes{4});
  CHECK(world.state.refused.empty());
  CHECK(begun_by(world, "s1") == id);
  CHECK(world.count("restart s1 claude --session-id") == 0);
}

TEST_CASE("a session outside a recovery that cannot resume begins anew, without a prompt", "[core][fresh]") {
  EngineWorld world{EngineWorld::fleet()};
  world.pass(seconds{20});
  world.show("s1", "working");
  world.pass(seconds{31});
  auto const doomed = begun_by(world, "s1");
  world.after_prompts = {"refused", "idle"};
  world.show("s1", "dead");
  world.pass(minutes{2});
  auto const fresh = begun_by(world, "s1");
  CHECK(fresh != doomed);
  CHECK(world.count("restart s1 claude --resume " + doomed.str()) == 1);
  CHECK(world.done.end() !=
        std::find(world.done.begin(), world.done.end(), "restart s1 claude --session-id " + fresh.str()));
  CHECK(world.phase("s1") == Phase::idle);
}

TEST_CASE("a hook that comes late does not lead back to a conversation that was refused", "[core][fresh]") {
  auto world = before_restart({"refused", "idle"});
  auto const doomed = begun_by(world, "s1");
  world.pass(minutes{4});
  auto const fresh = begun_by(world, "s1");
  HookCall call;
  call.name = "SessionStart";
  call.conversation = doomed;
  call.caller.pane = world.session("s1").pane->id;
  call.caller.server_pid = world.session("s1").pane->server_pid;
  world.tell(event::HookCalled{call});
  CHECK(begun_by(world, "s1") == fresh);
}

TEST_CASE("a fresh start that was asked for before our own end and never made is made once, under the same id",
          "[core][fresh]") {
  auto world = before_restart({"refused", "working"});
  for (int i = 0; i < 3000 && world.state.refused.empty(); ++i) world.pass(std::chrono::milliseconds{100});
  auto const fresh = begun_by(world, "s1");
  // As it stands on disk when the daemon is killed before tmux was asked.
  auto& session = world.state.sessions.at(SessionName("s1"));
  REQUIRE(world.count("restart s1 claude --session-id " + fresh.str()) == 1);
  world.show("s1", "refused");
  session.phase = Phase::recovering;
  session.recovery = Recovery{};
  session.recovery->step = RecoveryStep::restarting;
  session.recovery->attempts = 2;
  session.recovery->restarted = true;
  session.recovery->began = session.recovery->step_since = world.now;
  session.recovery->left = world.state.refused.back();
  session.recovery->replaces = world.processes.at("s1");
  world.restart();
  world.after_prompts = {"working"};
  world.pass(minutes{4});
  CHECK(world.count("restart s1 claude --session-id " + fresh.str()) == 2);
  CHECK(world.count("restart s1") == 3);
  CHECK(world.phase("s1") == Phase::working);
}

TEST_CASE("a look that began before a restart does not show that the new agent resumed", "[core][fresh]") {
  auto world = before_restart({"blank"});
  for (int i = 0; i < 3000 && world.count("restart s1") == 0; ++i) world.pass(std::chrono::milliseconds{100});
  auto const& session = world.session("s1");
  REQUIRE(session.resuming == session.conversation);
  auto const shown = [&](std::string const& text) {
    world.tell(event::ScreensCaptured{std::vector<Screen>{{*session.pane, text, {}}}});
  };
  world.state.sessions.at(SessionName("s1")).watching.in_look = true;
  world.tell(event::AgentRestarted{SessionName("s1"), {}});
  shown("wall 1");
  CHECK(session.resuming.has_value());
  shown("wall 1");
  CHECK_FALSE(session.resuming.has_value());
}

TEST_CASE("while the brake is on a refused conversation stays as it is", "[core][fresh]") {
  auto world = before_restart({"refused", "working"});
  for (int i = 0; i < 3000 && world.count("restart s1") == 0; ++i) world.pass(std::chrono::milliseconds{100});
  REQUIRE(world.count("restart s1 claude --resume") == 1);
  world.tell(event::BrakeSet{true, "look"});
  world.pass(minutes{2});
  CHECK(world.count("restart s1") == 1);
  CHECK(world.state.refused.empty());
  world.tell(event::BrakeSet{false, ""});
  world.pass(minutes{1});
  CHECK(world.count("restart s1 claude --session-id") == 1);
}

TEST_CASE("what the agent of a held session would not resume is not resumed when its pane has vanished",
          "[core][fresh]") {
  EngineWorld world{EngineWorld::fleet()};
  world.pass(seconds{20});
  world.show("s1", "working");
  world.pass(seconds{31});
  auto const doomed = begun_by(world, "s1");
  world.after_prompts = {"blank"};
  world.show("s1", "dead");
  world.pass(minutes{2});
  REQUIRE(world.phase("s1") == Phase::held);
  world.show("s1", "refused");
  world.pass(minutes{1});
  CHECK(world.phase("s1") == Phase::held);
  CHECK(world.count("restart s1") == 1);
  CHECK(world.state.refused == std::deque<ConversationId>{doomed});
  world.panes.erase("s1");
  world.pass(minutes{1});
  CHECK(world.count("start s1") == 2);
  CHECK(world.resumed.at("s1") == std::nullopt);
}
