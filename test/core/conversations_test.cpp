#include "core/conversations.hpp"

#include "test/support/agents_world.hpp"
#include "test/support/catch.hpp"

using namespace failover::test;
using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE("the transcripts of every session under every account are followed", "[core][conversations]") {
  Agents world;
  CHECK(world.followed ==
        std::vector<std::string>{"/acc/a/projects/-work", "/acc/b/projects/-work", "/acc/c/projects/-work"});
}

TEST_CASE("a hook of the pane's own agent says which conversation its session is in", "[core][conversations]") {
  Agents world;
  auto start = world.call("s1", "SessionStart");
  start.conversation = ConversationId("other");
  start.transcript_path = "/acc/a/projects/-elsewhere/other.jsonl";
  world.tell(event::HookCalled{start});
  CHECK(world.session("s1").conversation == ConversationId("other"));
  world.pass(seconds{1});
  CHECK(std::count(world.followed.begin(), world.followed.end(), "/acc/c/projects/-elsewhere") == 1);
}

TEST_CASE("a second agent that a turn started does not take the session over", "[core][conversations]") {
  Agents world;
  auto const own = world.session("s1").conversation;
  world.show("s1", "working");
  world.pass(seconds{31});
  auto nested = world.call("s1", "SessionStart");
  nested.conversation = ConversationId("nested");
  world.tell(event::HookCalled{nested});
  CHECK(world.session("s1").conversation == own);
  auto failed = world.failure("s1", "wall 1");
  failed.conversation = ConversationId("nested");
  world.tell(event::HookCalled{failed});
  CHECK(world.phase("s1") == Phase::working);
  CHECK(world.standing("a") == StandingKind::exhausted);
}

TEST_CASE("without hooks a conversation is recognised by the prompt on the screen", "[core][conversations]") {
  Agents world;
  auto row = world.row("s1", RowKind::prompt, "Repair the login page, please");
  row.conversation = ConversationId("typed-anew");
  world.write(row);
  world.show("s1", "working > Repair the login page, please");
  world.pass(seconds{31});
  CHECK(world.session("s1").conversation == ConversationId("typed-anew"));
  CHECK(world.session("s2").conversation != ConversationId("typed-anew"));
}

TEST_CASE("an unknown conversation in a session's directory is looked for at once", "[core][conversations]") {
  Agents world;
  world.show("s1", "wall 1 > Repair the login page, please");
  auto row = world.row("s1", RowKind::prompt, "Repair the login page, please");
  row.conversation = ConversationId("typed-anew");
  auto wall = world.row("s1", RowKind::api_error, "wall 1");
  wall.conversation = row.conversation;
  world.tell(event::TranscriptGrew{{row, wall}});
  CHECK(world.session("s1").conversation == ConversationId("typed-anew"));
  CHECK(world.newest_ruling("s1") == Ruling::confirmed);
}

TEST_CASE("two conversations with the same prompt are told apart by nothing, so neither is taken",
          "[core][conversations]") {
  Agents world;
  auto const own = world.session("s1").conversation;
  for (char const* id : {"one", "two"}) {
    auto row = world.row("s1", RowKind::prompt, "Repair the login page, please");
    row.conversation = ConversationId(id);
    world.write(row);
  }
  world.show("s1", "working > Repair the login page, please");
  world.pass(seconds{31});
  CHECK(world.session("s1").conversation == own);
}

TEST_CASE("our own continue prompt tells no conversation", "[core][conversations]") {
  Agents world;
  TranscriptRow other;
  other.kind = RowKind::prompt;
  other.conversation = ConversationId("another");
  other.uuid = "o1";
  other.cwd = "/work";
  other.at = world.now.wall;
  other.text = world.config.switching.continue_prompt;
  auto const own = *world.session("s1").conversation;
  world.write(other);
  world.show("s1", "working > " + other.text);
  world.show("s2", "working > " + other.text);
  world.pass(minutes{1});
  CHECK(world.session("s1").conversation == own);
  CHECK(world.session("s2").conversation != other.conversation);
}

TEST_CASE("a conversation whose only turn no look met is resumed when its session vanishes", "[core][evidence]") {
  Agents world;
  auto const conversation = world.session("s1").conversation;
  world.write("s1", RowKind::prompt, "build it");
  world.panes.erase("s1");
  world.pass(seconds{16});
  CHECK(world.count("start s1") == 2);
  CHECK(world.session("s1").conversation == conversation);
}
