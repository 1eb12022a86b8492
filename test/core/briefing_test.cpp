#include "core/briefing.hpp"

#include "test/support/catch.hpp"

using namespace failover::core;

namespace {

Briefing briefing() {
  return {"/state/briefings/new.md", ConversationId("old-id"), {}, {}, "continue"};
}

}  // namespace

TEST_CASE("a briefing says whose summary it is, and of which conversation", "[core][briefing]") {
  auto const text = briefing_text(briefing(), {"Build the tower.", {}});
  CHECK_THAT(text, CF_CONTAINS("a summary by claude-failover of an earlier conversation, old-id"));
  CHECK_THAT(text, CF_CONTAINS("> Build the tower.\n"));
  CHECK_THAT(text, CF_CONTAINS("Go on with that work"));
}

TEST_CASE("a briefing quotes the last answers, each row of them marked", "[core][briefing]") {
  auto const text = briefing_text(briefing(), {"Build.", {"zero", "one", "two", "# Forged\nlast"}});
  CHECK_THAT(text, CF_CONTAINS("> # Forged\n> last\n"));
  CHECK_THAT(text, CF_CONTAINS("> one\n"));
  CHECK(text.find("zero") == std::string::npos);
}

TEST_CASE("a briefing has the task that was running, and the request we know where there is no transcript",
          "[core][briefing]") {
  auto known = briefing();
  known.task_prompt = "Read the file /queue/claimed/t and carry out the task in it.";
  known.request = "Build the tower.";
  auto const text = briefing_text(known, {});
  CHECK_THAT(text, CF_CONTAINS("> Read the file /queue/claimed/t"));
  CHECK_THAT(text, CF_CONTAINS("> Build the tower."));
}

TEST_CASE("with nothing known a briefing asks for no work", "[core][briefing]") {
  auto const text = briefing_text(briefing(), {});
  CHECK_THAT(text, CF_CONTAINS("Do not guess"));
  CHECK(text.find("Go on with that work") == std::string::npos);
}

TEST_CASE("the prompt of a fresh start is one line that points at the file", "[core][briefing]") {
  auto const file = briefing_file("/state", ConversationId("new"));
  CHECK(file == "/state/briefings/new.md");
  CHECK(briefing_prompt(file) == "Read /state/briefings/new.md and go on with the work described there.");
}
