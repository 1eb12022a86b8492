#include "core/evidence.hpp"
#include "test/support/agents_world.hpp"
#include "test/support/catch.hpp"

using namespace failover::test;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

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

TEST_CASE("a clock that was set back does not make walls older than the account's use", "[core][evidence]") {
  Agents world;
  world.now.wall -= hours{2};
  world.write("s1", RowKind::prompt, "do this");
  world.pass(seconds{5});
  world.write("s1", RowKind::api_error, "bare wall 1");
  CHECK(world.standing("a") == StandingKind::exhausted);
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
