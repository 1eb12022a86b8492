// What stands on a screen and what the agent's own records say of it, with the real detector and real rows.

#include "adapters/transcript_row.hpp"
#include "core/rfc3339.hpp"
#include "daemon/detector.hpp"
#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"

#include <chrono>

using namespace failover::test;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

std::string const wall = "You've hit your 5-hour limit · resets ";

/// A fleet whose first session shows real text, beside rows as 2.1.330 writes them.
class RealTexts {
 public:
  RealTexts() : world_(EngineWorld::fleet(), {}, reader()) {
    world_.panes["s1"] = 41;
    world_.panes["s2"] = 42;
    world_.show("s1", screen("❯ hello there\n\n● Hello.\n\n✻ Baked for 1s · done 7:26 PM"));
    world_.show("s2", screen("❯ hello there\n\n● Hello.\n\n✻ Baked for 1s · done 7:26 PM"));
    world_.pass(seconds{40});
    enter("s1");
  }

  /// A clock three hours from now, as the agent words it.
  [[nodiscard]] std::string in_three_hours() const {
    auto const at = std::chrono::floor<minutes>(world_.now.wall) + std::chrono::hours{3};
    auto const clock = std::chrono::hh_mm_ss{at - std::chrono::floor<std::chrono::days>(at)};
    auto const hour = clock.hours().count();
    std::string const digits = (clock.minutes().count() < 10 ? "0" : "") + std::to_string(clock.minutes().count());
    return std::to_string(hour % 12 == 0 ? 12 : hour % 12) + ":" + digits + (hour < 12 ? "am" : "pm") + " (UTC)";
  }
  void show(std::string const& transcript) { world_.show("s1", screen(transcript)); }
  void prompt(std::string const& text) {
    row(R"("type":"user","message":{"role":"user","content":")" + text + R"("})");
  }
  void tool_result() {
    row(R"("type":"user","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":")" +
        wall + "3pm" + R"("}]})");
  }
  void reply() {
    row(R"("type":"assistant","message":{"model":"claude-opus-5-5","role":"assistant","content":[{"type":"text","text":")" +
        wall + "3pm" + R"("}]})");
  }
  void met_wall() {
    row(R"("type":"assistant","isApiErrorMessage":true,"error":"rate_limit","apiErrorStatus":429,"apiError":)"
        R"("usage_limit_reached","message":{"model":"<synthetic>","role":"assistant","content":[{"type":"text","text":")" +
        wall + in_three_hours() + R"("}]})");
  }
  void pass(Duration time) { world_.pass(time); }
  [[nodiscard]] std::size_t swaps() const { return world_.count("flip"); }
  [[nodiscard]] std::string ruling() const {
    auto const& seen = world_.session("s1").observations;
    return seen.empty() ? "nothing"
                        : std::string(to_string(seen.back().source)) + " " + std::string(to_string(seen.back().ruling));
  }

 private:
  static AgentReader reader() {
    auto reader = failover::daemon::make_agent_reader("claude-code");
    REQUIRE(reader.has_value());
    return *reader;
  }
  static std::string screen(std::string const& transcript) {
    std::string rule;
    for (int i = 0; i < 80; ++i) rule += "─";
    return " ▐▛███▛█   Claude Code v2.1.330\n▝▜██████▀  Opus 5.5 · Claude Max\n\n" + transcript + "\n\n" + rule +
           "\n❯\u00a0\n" + rule + "\n  ⏵⏵ auto mode on (shift+tab to cycle)\n";
  }
  void enter(std::string const& session) {
    HookCall start;
    start.name = "SessionStart";
    start.conversation = ConversationId("c1");
    start.caller = {77, world_.session(session).pane->id, ""};
    start.at = world_.now.wall;
    world_.tell(event::HookCalled{start});
  }
  void row(std::string const& fields) {
    world_.pass(seconds{1});
    auto const line = "{" + fields +
                      R"(,"isSidechain":false,"sessionId":"c1","cwd":"/w","version":"2.1.330","uuid":"u)" +
                      std::to_string(++rows_) + R"(","timestamp":")" + to_rfc3339(world_.now.wall) + "\"}";
    auto const row = failover::adapters::transcript_row(line);
    REQUIRE(row.has_value());
    REQUIRE(row->has_value());
    world_.tell(event::TranscriptGrew{{**row}});
  }

  EngineWorld world_;
  int rows_ = 0;
};

}  // namespace

TEST_CASE("a quoted wall in cat output under the gutter, with the transcript beside it", "[daemon][evidence]") {
  RealTexts agent;
  agent.prompt("show me the log");
  agent.tool_result();
  // Not under a tool's name, where the screen alone would be believed.
  agent.show("❯ show me the log\n  ⎿  " + wall + agent.in_three_hours());
  agent.pass(minutes{20});
  CHECK(agent.ruling() == "pane refuted");
  CHECK(agent.swaps() == 0);
}

TEST_CASE("a quoted wall in prose, with the transcript beside it", "[daemon][evidence]") {
  RealTexts agent;
  agent.prompt("what does it say");
  agent.reply();
  agent.show("❯ what does it say\n\n● " + wall + agent.in_three_hours());
  agent.pass(minutes{20});
  CHECK(agent.swaps() == 0);
}

TEST_CASE("a quoted wall in a diff, with the transcript beside it", "[daemon][evidence]") {
  RealTexts agent;
  agent.prompt("edit the test");
  agent.tool_result();
  agent.show(
      "❯ edit the test\n\n● Update(test/limit_test.txt)\n  ⎿  Updated test/limit_test.txt with 1 addition\n     12 "
      "+ " +
      wall + agent.in_three_hours());
  agent.pass(minutes{20});
  CHECK(agent.swaps() == 0);
}

TEST_CASE("a resumed session that redraws an old wall, with the transcript beside it", "[daemon][evidence]") {
  RealTexts agent;
  agent.prompt("build it");
  agent.show("❯ build it\n  ⎿  " + wall + agent.in_three_hours());
  agent.met_wall();
  agent.pass(minutes{10});
  REQUIRE(agent.swaps() == 1);
  agent.prompt("continue");
  agent.reply();
  agent.pass(minutes{10});
  CHECK(agent.swaps() == 1);
}

TEST_CASE("an old 500 above a new wall does not hide it, with the transcript beside it", "[daemon][evidence]") {
  RealTexts agent;
  agent.prompt("build it");
  agent.show(
      "❯ go\n\n● API Error: 500 Internal server error. This is a server-side issue, usually temporary — try again in "
      "a "
      "moment.\n\n❯ build it\n  ⎿  " +
      wall + agent.in_three_hours());
  agent.met_wall();
  agent.pass(minutes{1});
  CHECK(agent.swaps() == 1);
}

TEST_CASE("a wall above a new answer is over, with the transcript beside it", "[daemon][evidence]") {
  RealTexts agent;
  agent.show("❯ build it\n  ⎿  " + wall + agent.in_three_hours() +
             "\n\n❯ go on\n\n● Done.\n\n✻ Baked for 1s · done 7:26 PM");
  agent.prompt("go on");
  agent.reply();
  agent.pass(minutes{10});
  CHECK(agent.ruling() == "nothing");
  CHECK(agent.swaps() == 0);
}
