#include "core/evidence.hpp"

#include "core/conversations.hpp"
#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"

using namespace failover::test;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

/// A running fleet whose agents keep transcripts and call hooks.
class Agents : public EngineWorld {
 public:
  Agents() : EngineWorld(fleet()) { pass(seconds{20}); }

  TranscriptRow row(std::string const& name, RowKind kind, std::string text = {}) {
    TranscriptRow row;
    row.kind = kind;
    row.conversation = *session(name).conversation;
    row.uuid = "u" + std::to_string(++rows_);
    row.cwd = "/work";
    row.version = "2.1.330";
    row.at = now.wall;
    row.text = std::move(text);
    if (kind == RowKind::api_error) row.error = "rate_limit";
    return row;
  }
  void write(TranscriptRow const& row) { tell(event::TranscriptGrew{{row}}); }
  void write(std::string const& name, RowKind kind, std::string text = {}) { write(row(name, kind, std::move(text))); }

  HookCall call(std::string const& name, std::string const& hook) {
    HookCall call;
    call.name = hook;
    call.conversation = *session(name).conversation;
    call.caller = {77, session(name).pane->id, ""};
    call.at = now.wall;
    call.prompt_id = "p1";
    return call;
  }
  HookCall failure(std::string const& name, std::string message) {
    auto failed = call(name, "StopFailure");
    failed.error = "rate_limit";
    failed.message = std::move(message);
    return failed;
  }

  StandingKind standing(std::string const& account) {
    auto const known = state.accounts.find(AccountName(account));
    return known == state.accounts.end() ? StandingKind::available : known->second.kind;
  }
  Ruling newest_ruling(std::string const& name) { return session(name).observations.back().ruling; }

 private:
  int rows_ = 0;
};

/// The screen has said nothing yet when the world below is asked.
constexpr Duration before_a_look = std::chrono::milliseconds{100};

}  // namespace

TEST_CASE("a wall in the transcript alone is confirmed at once", "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::prompt, "build it");
  world.write("s1", RowKind::api_error, "wall 1");
  CHECK(world.newest_ruling("s1") == Ruling::confirmed);
  CHECK(world.session("s1").observations.back().source == Source::transcript);
  CHECK(world.logged("session changed", "blocked(quota)"));
  world.pass(before_a_look);
  CHECK(world.count("flip b") == 1);
}

TEST_CASE("a row typed as a limit counts whatever its wording, by its own window and time", "[core][evidence]") {
  Agents world;
  auto row = world.row("s1", RowKind::api_error, "Words that no rule knows");
  row.usage_limit = true;
  row.limit_type = "seven_day";
  row.resets_at = world.now.wall + hours{50};
  world.write(row);
  auto const& account = world.state.accounts.at(AccountName("a"));
  CHECK(account.kind == StandingKind::exhausted);
  CHECK(account.window == Window::weekly);
  CHECK(account.until == world.now.wall + hours{50});
  CHECK_FALSE(account.until_assumed);
}

TEST_CASE("a later window of a second session makes the account's episode longer, never shorter", "[core][evidence]") {
  Agents world;
  world.config.accounts.resize(1);
  world.write("s1", RowKind::api_error, "wall 1");
  auto weekly = world.row("s2", RowKind::api_error, "wall 2");
  weekly.limit_type = "seven_day";
  weekly.resets_at = world.now.wall + hours{40};
  weekly.usage_limit = true;
  world.write(weekly);
  auto const& account = world.state.accounts.at(AccountName("a"));
  CHECK(account.until == world.now.wall + hours{40});
  CHECK(account.window == Window::weekly);
  CHECK(account.exhausted_total == 1);
  world.pass(hours{2});
  CHECK(account.kind == StandingKind::exhausted);
}

TEST_CASE("a StopFailure hook alone is confirmed when its message is a wall", "[core][evidence]") {
  Agents world;
  world.tell(event::HookCalled{world.failure("s1", "wall 1")});
  CHECK(world.newest_ruling("s1") == Ruling::confirmed);
  CHECK(world.session("s1").observations.back().source == Source::hook);
  CHECK(world.logged("session changed", "blocked(quota)"));
  world.pass(before_a_look);
  CHECK(world.count("flip b") == 1);
}

TEST_CASE("a StopFailure hook that only says rate_limit is no quota", "[core][evidence]") {
  Agents world;
  world.tell(event::HookCalled{world.failure("s1", "error: Request rejected (429)")});
  world.pass(minutes{1});
  CHECK(world.session("s1").observations.empty());
  CHECK(world.count("flip") == 0);
}

TEST_CASE("a screen with a time of reset alone is confirmed at the first look", "[core][evidence]") {
  Agents world;
  world.show("s1", "wall 1");
  world.pass(seconds{31});
  CHECK(world.session("s1").observations.front().ruling == Ruling::confirmed);
  CHECK(world.count("flip b") == 1);
}

TEST_CASE("all sources together are one episode, one swap and one prompt", "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::prompt, "build it");
  world.show("s1", "wall 1 > build it");
  world.write("s1", RowKind::api_error, "wall 1");
  world.tell(event::HookCalled{world.failure("s1", "wall 1")});
  world.pass(minutes{2});
  CHECK(world.count("flip") == 1);
  CHECK(world.count("prompt s1") == 1);
  CHECK(world.state.accounts.at(AccountName("a")).exhausted_total == 1);
}

TEST_CASE("beside a transcript the screen waits a second for the row, which decides", "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::prompt, "show me the log");
  world.show("s1", "wall 1 > show me the log");
  world.pass(seconds{30});  // until the look
  world.write("s1", RowKind::api_error, "wall 1");
  world.pass(seconds{2});
  CHECK(world.count("flip b") == 1);
}

TEST_CASE("a wall that a tool prints is refuted by the transcript beside it", "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::prompt, "cat the log");
  world.show("s1", "wall 1 > cat the log");
  world.write("s1", RowKind::tool_result);
  world.pass(minutes{20});
  CHECK(world.newest_ruling("s1") == Ruling::refuted);
  CHECK(world.count("flip") == 0);
  CHECK(world.phase("s1") != Phase::blocked);
}

TEST_CASE("a wall quoted in the model's answer is refuted by the transcript beside it", "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::prompt, "what does it say");
  world.show("s1", "wall 1 > what does it say");
  world.write("s1", RowKind::reply);
  world.pass(hours{2});
  CHECK(world.count("flip") == 0);
  world.write("s1", RowKind::prompt, "and now");
  world.show("s1", "wall 2 > and now");
  world.write("s1", RowKind::api_error, "wall 2");
  world.pass(minutes{1});
  CHECK(world.count("flip b") == 1);  // the real one afterwards counts
}

TEST_CASE("a transcript that does not grow any more denies nothing", "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::prompt, "the first task");
  world.write("s1", RowKind::reply);
  world.pass(minutes{5});
  world.show("s1", "wall 1 > the second task, which no transcript has");
  world.pass(minutes{1});
  CHECK(world.count("flip b") == 1);
}

TEST_CASE("a resumed session that shows an old wall again is not stopped by it", "[core][evidence]") {
  Agents world;
  auto old = world.row("s1", RowKind::api_error, "wall 1");
  old.at -= hours{3};
  world.tell(event::TranscriptGrew{{old}});
  world.show("s1", "wall 1");
  world.pass(minutes{10});
  CHECK(world.newest_ruling("s1") == Ruling::outdated);
  CHECK(world.count("flip") == 0);
  CHECK(world.count("prompt") == 0);
}

TEST_CASE("a row that is read again after a restart is the same observation", "[core][evidence]") {
  Agents world;
  auto const prompt = world.row("s1", RowKind::prompt, "build it");
  auto const wall = world.row("s1", RowKind::api_error, "wall 1");
  world.tell(event::TranscriptGrew{{prompt, wall}});
  world.pass(minutes{1});
  REQUIRE(world.count("flip b") == 1);
  auto const swaps = world.state.past_swaps.size();
  world.restart();
  world.tell(event::TranscriptGrew{{prompt, wall}});
  world.pass(minutes{10});
  CHECK(world.count("flip") == 1);
  CHECK(world.state.past_swaps.size() == swaps);
  CHECK(world.state.accounts.at(AccountName("a")).exhausted_total == 1);
}

TEST_CASE("a session stopped by a row goes on even where its screen shows no wall", "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::prompt, "build it");
  world.show("s1", "idle > build it");
  world.write("s1", RowKind::api_error, "wall 1");
  world.pass(seconds{3});
  REQUIRE(world.count("flip b") == 1);
  world.after_prompt = "working > continue";
  world.pass(minutes{1});
  CHECK(world.count("prompt s1") == 1);
  CHECK(world.phase("s1") == Phase::working);
}

TEST_CASE("a subagent's wall spends the account and leaves its session at work", "[core][evidence]") {
  Agents world;
  world.show("s1", "working");
  world.pass(seconds{31});
  auto row = world.row("s1", RowKind::api_error, "wall 1");
  row.sidechain = true;
  world.write(row);
  CHECK(world.phase("s1") == Phase::working);
  CHECK(world.standing("a") == StandingKind::exhausted);
}

TEST_CASE("a hook that was kept while the daemon was away does not block a session that went on", "[core][evidence]") {
  Agents world;
  auto late = world.failure("s1", "wall 1");
  late.at -= minutes{20};
  late.at = std::max(late.at, world.session("s1").account_since.wall);
  world.pass(minutes{30});
  world.tell(event::HookCalled{late});
  CHECK(world.newest_ruling("s1") == Ruling::suspected);
  world.pass(minutes{5});
  CHECK(world.count("flip") == 0);
  CHECK(world.phase("s1") == Phase::idle);
}

TEST_CASE("a clock that was set back does not make the present's walls outdated", "[core][evidence]") {
  Agents world;
  world.now.wall -= hours{2};
  world.write("s1", RowKind::prompt, "build it");
  world.write("s1", RowKind::api_error, "bare wall 1");
  CHECK(world.newest_ruling("s1") == Ruling::confirmed);
}

TEST_CASE("in one file the later row is the newer one, whatever the clock said", "[core][evidence]") {
  Agents world;
  auto const at = [&](TranscriptRow row, std::uint64_t offset, Duration clock) {
    row.place = {7, offset};
    row.at += clock;
    return row;
  };
  auto const answered = at(world.row("s1", RowKind::reply), 100, {});
  auto const walled = at(world.row("s1", RowKind::api_error, "wall 1"), 200, -minutes{40});
  auto const newest = [&] { return world.state.live.conversations.at(*world.session("s1").conversation).newest.kind; };
  world.tell(event::TranscriptGrew{{answered, walled}});
  CHECK(newest() == RowKind::api_error);
  world.tell(event::TranscriptGrew{{answered}});  // told again
  CHECK(newest() == RowKind::api_error);
}

TEST_CASE("a wall whose row comes after the screen was refuted stops the session all the same", "[core][evidence]") {
  Agents world;
  auto const wall = world.row("s1", RowKind::api_error, "wall 1");
  world.write("s1", RowKind::prompt, "build it");
  world.write("s1", RowKind::tool_result);
  world.show("s1", "working > build it");
  world.pass(seconds{31});
  world.show("s1", "wall 1 > build it");
  world.pass(minutes{1});
  REQUIRE(world.newest_ruling("s1") == Ruling::refuted);
  auto late = wall;
  late.at = world.now.wall;
  world.tell(event::SwapAsked{AccountName("b")});
  world.pass(seconds{2});
  late.at -= seconds{30};
  world.write(late);
  world.pass(minutes{2});
  CHECK(world.count("prompt s1") == 1);
}

TEST_CASE("after the clock was set back, newer rows still outdate those dated in the future", "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::prompt, "build it");
  world.now.wall -= minutes{23};
  world.pass(seconds{2});
  world.write("s1", RowKind::prompt, "show me the log");
  world.show("s1", "wall 1 > show me the log");
  world.write("s1", RowKind::tool_result);
  world.pass(minutes{20});
  CHECK(world.newest_ruling("s1") == Ruling::refuted);
  CHECK(world.count("flip") == 0);
}

TEST_CASE("evidence from before the flip says nothing of the new account", "[core][evidence]") {
  Agents world;
  auto const early = world.row("s2", RowKind::api_error, "wall 2");
  world.write("s1", RowKind::api_error, "wall 1");
  world.pass(minutes{7});
  REQUIRE(world.state.active == AccountName("b"));
  world.write("s2", RowKind::prompt, "go");
  world.tell(event::TranscriptGrew{{early}});
  world.pass(minutes{7});
  CHECK(world.standing("b") == StandingKind::available);
}

TEST_CASE("the new account's own wall right after the flip is counted against it", "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::api_error, "wall 1");
  world.pass(minutes{6});
  REQUIRE(world.state.active == AccountName("b"));
  world.write("s1", RowKind::prompt, "go on");
  auto row = world.row("s1", RowKind::api_error, "wall 9");
  world.write(row);
  CHECK(world.standing("b") == StandingKind::exhausted);
  world.pass(minutes{6});
  CHECK(world.count("flip c") == 1);
}

TEST_CASE("a limit in words that no rule knows is told once and changes nothing", "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::api_error, "Ration exhausted until 3pm");
  world.write("s1", RowKind::api_error, "Ration exhausted until 4pm");
  world.pass(minutes{1});
  CHECK(std::count_if(world.log.begin(), world.log.end(),
                      [](auto const& line) { return line.message == "unrecognised wording"; }) == 1);
  CHECK(world.standing("a") == StandingKind::available);
  CHECK(world.count("flip") == 0);
}

TEST_CASE("a login error of the agent itself marks the account", "[core][evidence]") {
  Agents world;
  auto row = world.row("s1", RowKind::api_error, "Please run /login");
  row.error = "authentication_failed";
  world.write(row);
  CHECK(world.standing("a") == StandingKind::auth_broken);
  CHECK(world.phase("s1") == Phase::auth_needed);
}

TEST_CASE("an agent that keeps its old login is restarted in its conversation", "[core][evidence]") {
  Agents world;
  auto first = world.row("s1", RowKind::api_error, "wall 1");
  world.after_prompt = "working";
  first.version = "2.0.77";
  world.write(first);
  world.pass(minutes{1});
  CHECK(world.state.active == AccountName("b"));
  CHECK(world.count("prompt s1") == 0);
  CHECK(world.standing("b") == StandingKind::available);
  CHECK(world.count("restart s1") == 1);
  CHECK(world.phase("s1") == Phase::working);
}

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

TEST_CASE("figures of the status line are the account's, the newest ones", "[core][agent_calls]") {
  Agents world;
  UsageReport report;
  report.conversation = *world.session("s1").conversation;
  report.at = world.now.wall;
  report.five_hour = WindowUse{91.5, world.now.wall + hours{2}};
  world.tell(event::UsageTold{report});
  auto older = report;
  older.at -= minutes{1};
  older.five_hour->used_percent = 12;
  world.tell(event::UsageTold{older});
  auto const& use = world.state.accounts.at(AccountName("a")).use;
  REQUIRE(use.has_value());
  CHECK(use->five_hour->used_percent == 91.5);
  CHECK(use->told_by == SessionName("s1"));
}

TEST_CASE("a row written before the clock was set back does not outrank a running turn", "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::prompt, "do this");
  world.write("s1", RowKind::api_error, "wall 1");
  world.show("s1", "wall 1");
  world.pass(seconds{1});
  world.now.wall -= hours{2};
  world.show("s1", "working");
  world.pass(minutes{1});
  CHECK(world.phase("s1") == Phase::working);
  CHECK(world.count("restart") == 0);
}

TEST_CASE("the next turn of an idle session is the active account's", "[core][evidence][swap]") {
  EngineWorld world{EngineWorld::fleet()};
  world.pass(seconds{20});
  world.show("s1", "wall 1");
  world.pass(minutes{2});
  REQUIRE(world.link == "/acc/b");
  CHECK(world.session("s2").account == AccountName("b"));
}

TEST_CASE("what a session met while the link led elsewhere says nothing of the account it returned to",
          "[core][evidence][swap]") {
  Agents world;
  world.write("s1", RowKind::prompt, "do this");
  world.show("s1", "working");
  world.pass(seconds{31});
  world.link = "/acc/b";  // by hand
  world.pass(seconds{20});
  auto const met = world.row("s1", RowKind::api_error, "wall 1");
  world.pass(seconds{5});
  world.link = "/acc/a";
  world.pass(seconds{20});
  REQUIRE(world.state.active == AccountName("a"));
  world.write(met);
  CHECK(world.standing("a") == StandingKind::available);
}

TEST_CASE("a turn that outlived a flip met the wall of the new account", "[core][evidence][swap]") {
  Agents world;
  world.write("s1", RowKind::prompt, "do this");
  world.show("s1", "working");
  world.pass(seconds{31});
  world.link = "/acc/b";
  world.pass(seconds{40});
  world.write("s1", RowKind::api_error, "wall 1");
  CHECK(world.standing("a") == StandingKind::available);
  CHECK(world.standing("b") == StandingKind::exhausted);
}

TEST_CASE("an old agent's wall that a tool prints ends no turn", "[core][evidence]") {
  Agents world;
  world.write("s2", RowKind::prompt, "that");
  world.write("s2", RowKind::api_error, "wall 9");
  world.pass(seconds{10});
  REQUIRE(world.state.active == AccountName("b"));
  auto asked = world.row("s1", RowKind::prompt, "do this");
  asked.version = "2.0.77";
  world.write(asked);
  auto ran = world.row("s1", RowKind::tool_result);
  ran.version = "2.0.77";
  world.write(ran);
  world.show("s1", "wall 1 > do this");
  world.pass(seconds{20});
  CHECK(world.count("restart s1") == 0);
}

TEST_CASE("a wall that is read when its reset has passed marks no account", "[core][evidence]") {
  Agents world;
  auto row = world.row("s1", RowKind::api_error, "wall 1");
  row.usage_limit = true;
  row.resets_at = world.now.wall + minutes{10};
  world.pass(minutes{11});
  world.write(row);
  CHECK(world.newest_ruling("s1") == Ruling::outdated);
  CHECK(world.standing("a") == StandingKind::available);
  CHECK(world.count("flip") == 0);
}

TEST_CASE("a look from before the move that shows the turn still running does not end its recovery",
          "[core][evidence]") {
  Agents world;
  world.show("s1", "working > alpha");
  world.pass(seconds{31});
  world.state.live.capturing = true;
  world.state.sessions.at(SessionName("s1")).watching.in_look = true;
  world.screens["s1"] = "wall 1 > alpha";
  world.tell(event::HookCalled{world.failure("s1", "wall 1")});
  world.pass(before_a_look);
  REQUIRE(world.state.active == AccountName("b"));
  REQUIRE(world.phase("s1") == Phase::recovering);
  world.tell(event::ScreensCaptured{std::vector<Screen>{{*world.session("s1").pane, "working > alpha", {}}}});
  CHECK(world.phase("s1") == Phase::recovering);
  world.pass(minutes{1});
  CHECK(world.standing("b") == StandingKind::available);
  CHECK(world.count("prompt s1 continue") == 1);
}

TEST_CASE("an old agent whose wall is told after its next turn was seen to run is left at work", "[core][evidence]") {
  Agents world;
  world.write("s2", RowKind::prompt, "that");
  world.write("s2", RowKind::api_error, "wall 1");
  world.pass(seconds{20});
  REQUIRE(world.state.active == AccountName("b"));
  auto late = world.row("s1", RowKind::api_error, "wall 2");
  late.version = "2.0.77";
  world.pass(seconds{20});
  SECTION("and one that stands there is restarted") {
    world.write(late);
    CHECK(world.count("restart s1") == 1);
  }
  SECTION("with a person's prompt") {
    world.show("s1", "working > another");
    world.pass(seconds{31});
    REQUIRE(world.phase("s1") == Phase::working);
    world.write(late);
    CHECK(world.count("restart s1") == 0);
    CHECK(world.phase("s1") == Phase::working);
  }
}

TEST_CASE("what an old agent said before it was restarted is not said of its new account", "[core][evidence]") {
  Agents world;
  world.write("s2", RowKind::prompt, "that");
  world.write("s2", RowKind::api_error, "wall 9");
  world.pass(seconds{10});
  REQUIRE(world.state.active == AccountName("b"));
  auto wall = world.row("s1", RowKind::api_error, "wall 1");
  wall.version = "2.0.77";
  auto const late = world.failure("s1", "wall 1");
  world.pass(seconds{1});
  world.write(wall);
  world.pass(seconds{5});
  REQUIRE(world.count("restart s1") == 1);
  world.tell(event::HookCalled{late});
  CHECK(world.standing("b") == StandingKind::available);
}

TEST_CASE("a clock that was set back does not make walls older than the account's use", "[core][evidence]") {
  Agents world;
  world.now.wall -= hours{2};
  world.write("s1", RowKind::prompt, "do this");
  world.pass(seconds{5});
  world.write("s1", RowKind::api_error, "bare wall 1");
  CHECK(world.standing("a") == StandingKind::exhausted);
}

TEST_CASE("an old agent's start before the flip stays before it, also after a restart with the clock set back",
          "[core][evidence]") {
  Agents world;
  world.write("s2", RowKind::prompt, "that");
  world.write("s2", RowKind::api_error, "wall 9");
  world.pass(seconds{10});
  REQUIRE(world.state.active == AccountName("b"));
  auto const saved_at = world.now.wall;
  world.now.wall -= minutes{30};
  // As the state file is read.
  auto const present = present_of_saved(saved_at, world.now);
  world.state.active_since = restored(world.state.active_since.wall, present);
  auto& session = world.state.sessions.at(SessionName("s1"));
  for (auto& start : session.starts) start = restored(start.wall, present);
  session.account_since = restored(session.account_since.wall, present);
  world.restart();
  world.pass(minutes{1});
  auto asked = world.row("s1", RowKind::prompt, "do this");
  asked.version = "2.0.77";
  world.write(asked);
  world.pass(seconds{1});
  auto wall = world.row("s1", RowKind::api_error, "wall 1");
  wall.version = "2.0.77";
  world.write(wall);
  CHECK(world.standing("b") == StandingKind::available);
  CHECK(world.newest_ruling("s1") == Ruling::former_account);
}

TEST_CASE("a refused login counts once, however long its words stay on a screen", "[core][evidence]") {
  Agents world;
  world.show("s1", "login");
  world.show("s2", "login");
  world.pass(seconds{31});
  REQUIRE(world.standing("a") == StandingKind::auth_broken);
  world.tell(event::AccountSwitched{AccountName("a"), true});
  world.tell(event::SessionSwitched{SessionName("s2"), true});
  world.pass(minutes{3});
  CHECK(world.standing("a") == StandingKind::available);
  CHECK(world.state.past_swaps.empty());
}

TEST_CASE("a refused login from before the account came back is no news", "[core][evidence]") {
  Agents world;
  auto failed = world.failure("s1", "");
  failed.error = "authentication_failed";
  world.tell(event::HookCalled{failed});
  REQUIRE(world.standing("a") == StandingKind::auth_broken);
  world.pass(seconds{5});
  world.tell(event::AccountSwitched{AccountName("a"), true});
  world.pass(seconds{1});
  world.tell(event::HookCalled{failed});
  CHECK(world.standing("a") == StandingKind::available);
}

TEST_CASE("a quoted wall stays refuted after a restart, though the screen is read before the transcript",
          "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::prompt, "do this");
  world.write("s1", RowKind::tool_result);
  world.show("s1", "wall 1 > do this");
  world.pass(minutes{1});
  REQUIRE(world.newest_ruling("s1") == Ruling::refuted);
  world.restart();
  world.pass(minutes{1});
  CHECK(world.standing("a") == StandingKind::available);
}

TEST_CASE("a quoted wall that was seen just before a restart waits for the transcript to be read", "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::prompt, "do this");
  auto const row = world.row("s1", RowKind::tool_result);
  world.restart();
  world.reads_transcripts = false;
  world.show("s1", "wall 1 > do this");
  world.pass(seconds{50});
  REQUIRE(world.standing("a") == StandingKind::available);
  world.tell(event::TranscriptGrew{{row}, true});  // without its prompt: the tail does not go back so far
  world.pass(seconds{50});
  CHECK(world.standing("a") == StandingKind::available);
  CHECK(world.newest_ruling("s1") == Ruling::refuted);
}

TEST_CASE("transcripts that are never read hide no wall", "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::prompt, "do this");
  world.restart();
  world.reads_transcripts = false;
  world.show("s1", "wall 1 > do this");
  world.pass(minutes{2});
  CHECK(world.standing("a") == StandingKind::exhausted);
}

TEST_CASE("a blocked session to which a person gave a new turn meets the login of the account in use",
          "[core][evidence][swap]") {
  Agents world;
  world.tell(event::BrakeSet{true, ""});
  world.show("s1", "wall 1 > do this");
  world.pass(seconds{31});
  world.link = "/acc/b";
  world.pass(minutes{1});
  REQUIRE(world.phase("s1") == Phase::blocked);
  world.show("s1", "login");
  world.pass(minutes{1});
  CHECK(world.standing("a") == StandingKind::exhausted);
  CHECK(world.standing("b") == StandingKind::auth_broken);
}

TEST_CASE("a wall that a tool had printed when the account was left does not block the session", "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::prompt, "do this");
  world.write("s1", RowKind::tool_result);
  world.show("s1", "wall 1 > do this");
  world.pass(seconds{40});
  world.tell(event::SwapAsked{AccountName("b")});
  world.pass(minutes{1});
  CHECK(world.phase("s1") != Phase::blocked);
  CHECK(world.count("prompt s1") + world.count("restart s1") == 0);
}

TEST_CASE("an assumed reset is a span: a clock that is set neither stretches nor voids it", "[core][quota_policy]") {
  Agents world;
  world.config.accounts.resize(1);
  world.write("s1", RowKind::api_error, "bare wall 1");
  REQUIRE(world.standing("a") == StandingKind::exhausted);
  SECTION("back") {
    world.now.wall -= hours{4};
  }
  SECTION("forward") {
    world.now.wall += hours{4};
  }
  world.pass(world.config.quota.default_reset - minutes{1});
  CHECK(world.standing("a") == StandingKind::exhausted);
  world.pass(minutes{2});
  CHECK(world.standing("a") == StandingKind::available);
}

TEST_CASE("a turn that waited for a permission while the link was moved meets the new account's wall",
          "[core][evidence][swap]") {
  Agents world;
  world.show("s1", "permission");
  world.pass(seconds{31});
  world.link = "/acc/b";
  world.pass(minutes{2});
  REQUIRE(world.state.active == AccountName("b"));
  world.show("s1", "wall 1");
  world.pass(minutes{1});
  CHECK(world.standing("a") == StandingKind::available);
  CHECK(world.standing("b") == StandingKind::exhausted);
}

TEST_CASE("an old agent is not restarted onto an account that does not serve", "[core][evidence]") {
  Agents world;
  world.write("s2", RowKind::prompt, "that");
  world.write("s2", RowKind::api_error, "wall 9");
  world.pass(seconds{10});
  REQUIRE(world.state.active == AccountName("b"));
  world.tell(event::AccountSwitched{AccountName("b"), false});
  auto wall = world.row("s1", RowKind::api_error, "wall 1");
  wall.version = "2.0.77";
  world.write(wall);
  world.pass(seconds{1});
  CHECK(world.count("restart s1") == 0);
  CHECK(world.phase("s1") == Phase::blocked);
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

TEST_CASE("a session that was started anew in front of an old wall is brought back", "[core][evidence]") {
  Agents world;
  auto& session = world.state.sessions.at(SessionName("s1"));
  auto wall = world.row("s1", RowKind::api_error, "wall 1");
  wall.at = world.now.wall - hours{1};  // what was counted then is not remembered any more
  session.phase = Phase::starting;
  session.conversed = true;
  world.show("s1", "wall 1");
  world.write(wall);
  world.pass(minutes{1});
  CHECK(world.count("prompt s1 continue") == 1);
  CHECK(world.phase("s1") == Phase::working);
  CHECK(world.standing("a") == StandingKind::available);
}

TEST_CASE("a session that waited for its model and then met the account's wall waits for that one",
          "[core][evidence]") {
  Agents world;
  world.config.accounts.resize(1);
  auto barred = world.row("s1", RowKind::api_error, "wall 1");
  barred.usage_limit = true;
  barred.limit_type = "seven_day_opus";
  barred.resets_at = world.now.wall + hours{20};
  world.write(barred);
  REQUIRE(world.phase("s1") == Phase::blocked);
  REQUIRE(world.session("s1").blocked_until > world.now.wall + hours{19});
  world.write("s2", RowKind::prompt, "that");
  world.write("s2", RowKind::api_error, "wall 3");
  REQUIRE(world.standing("a") == StandingKind::exhausted);
  world.write("s1", RowKind::api_error, "wall 4");
  CHECK(world.phase("s1") == Phase::blocked);
  CHECK(world.session("s1").blocked_until <= world.state.accounts.at(AccountName("a")).until);
}

TEST_CASE("so does one whose model's limit was told twice, the second time to the minute", "[core][evidence]") {
  Agents world;
  world.config.accounts.resize(1);
  world.config.quota.min_blocked_sessions = 2;
  auto barred = world.row("s1", RowKind::api_error, "wall 1");
  barred.usage_limit = true;
  barred.limit_type = "seven_day_opus";
  barred.resets_at = world.now.wall + hours{20};
  world.write(barred);
  REQUIRE(world.phase("s1") == Phase::blocked);
  world.state.sessions.at(SessionName("s1")).blocked_until -= seconds{40};
  world.write("s1", RowKind::api_error, "wall 4");
  world.write("s2", RowKind::prompt, "that");
  world.write("s2", RowKind::api_error, "wall 3");
  REQUIRE(world.standing("a") == StandingKind::exhausted);
  CHECK(world.session("s1").blocked_until <= world.state.accounts.at(AccountName("a")).until);
}

TEST_CASE("a report from before the clock was set back is read late and counts against nobody", "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::prompt, "do this");
  auto const hook = world.failure("s1", "wall 1");
  auto const row = world.row("s1", RowKind::api_error, "wall 1");
  world.pass(seconds{5});
  world.now.wall -= minutes{33};
  world.pass(seconds{5});
  world.tell(event::HookCalled{hook});
  world.write(row);
  CHECK(world.standing("a") == StandingKind::available);
  SECTION("but the session that stands at that wall is seen") {
    world.show("s1", "wall 1");
    world.pass(minutes{1});
    CHECK(world.standing("a") == StandingKind::exhausted);
  }
}

TEST_CASE("a refused login that is read again does not end the recovery from it", "[core][evidence]") {
  Agents world;
  auto failed = world.row("s1", RowKind::api_error, "");
  failed.error = "authentication_failed";
  world.show("s1", "login");
  world.write(failed);
  REQUIRE(world.phase("s1") == Phase::auth_needed);
  world.after_prompt = "login";
  world.pass(minutes{1});  // the account is left, and the session prompted
  REQUIRE(world.count("prompt s1 continue") == 1);
  world.write(failed);
  world.show("s1", "working");
  world.pass(seconds{5});
  CHECK(world.count("prompt s1 continue") == 1);
  CHECK(world.phase("s1") == Phase::working);
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

TEST_CASE("a session that stands at a wall from before the account came back is brought back, whatever it was before",
          "[core][evidence]") {
  auto const before = GENERATE(as<std::string>{}, "permission", "idle > build it");
  Agents world;
  world.config.accounts.resize(1);
  world.write("s1", RowKind::prompt, "build it");
  world.show("s1", before);
  world.pass(seconds{31});
  world.write("s2", RowKind::prompt, "that");
  world.write("s2", RowKind::api_error, "wall 3");
  REQUIRE(world.standing("a") == StandingKind::exhausted);
  // Its turn ends while the daemon is away, and the account is back when it returns.
  world.pass(seconds{1});
  auto const prompt = world.row("s1", RowKind::prompt, "build it");
  auto const wall = world.row("s1", RowKind::api_error, "wall 1");
  world.restart();
  world.now.wall += hours{2};
  world.now.mono += hours{2};
  world.show("s1", "wall 1 > build it");
  world.show("s2", "idle");
  world.tell(event::Tick{});
  world.write(prompt);
  world.write(wall);
  world.pass(minutes{2});
  CHECK(world.count("prompt s1 continue") == 1);
  CHECK(world.standing("a") == StandingKind::available);
}

TEST_CASE("a row that was outdated stays so when the account stands otherwise again", "[core][evidence]") {
  Agents world;
  world.write("s1", RowKind::prompt, "do it");
  auto const wall = world.row("s1", RowKind::api_error, "wall 1");
  world.pass(seconds{10});
  world.state.accounts[AccountName("a")].since = world.now;  // it came back since the row was written
  world.write(wall);
  REQUIRE(world.newest_ruling("s1") == Ruling::outdated);
  world.restart();
  world.state.accounts[AccountName("a")].kind = StandingKind::auth_broken;
  world.write(wall);
  world.pass(seconds{5});
  CHECK(world.newest_ruling("s1") == Ruling::outdated);
  CHECK(world.standing("a") == StandingKind::auth_broken);
}

TEST_CASE("a hook's wall from before the first look at the accounts marks none", "[core][evidence]") {
  Agents world;
  auto failed = world.failure("s1", "wall 1");
  std::vector<Effect> ignored;
  world.state.live.accounts_known = false;
  Step step{world.config, world.reader, false, world.now, world.state, ignored};
  auto wall = world.reader.message(failed.message, failed.at);
  auto const report = WallReport{Source::hook, wall, failed.at, "turn p1"};
  CHECK(judge(step, world.session("s1"), report, std::nullopt).ruling == Ruling::suspected);
  world.state.live.accounts_known = true;
  CHECK(judge(step, world.session("s1"), report, std::nullopt).ruling == Ruling::confirmed);
}

TEST_CASE("an outdated wall ends a turn that was last seen to ask for permission", "[core][evidence]") {
  Agents world;
  world.show("s1", "permission");
  world.write("s1", RowKind::prompt, "do it");
  world.pass(seconds{31});
  REQUIRE(world.phase("s1") == Phase::waiting_permission);
  auto const wall = world.row("s1", RowKind::api_error, "wall 1");
  world.screens["s1"] = "wall 1";
  auto& account = world.state.accounts[AccountName("a")];
  account.since = {world.now.wall + seconds{1}, world.now.mono + seconds{1}};  // it came back before the row was read
  world.now = {world.now.wall + seconds{2}, world.now.mono + seconds{2}};
  world.write(wall);
  REQUIRE(world.newest_ruling("s1") == Ruling::outdated);
  CHECK(world.phase("s1") != Phase::waiting_permission);
}
