#include "core/agent_profile.hpp"
#include "core/assignment.hpp"
#include "core/dispatch.hpp"
#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"

using namespace failover::test;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

Config each_its_own() {
  Config config = EngineWorld::fleet();
  config.switching.mode = SwitchMode::per_session;
  return config;
}

EngineWorld at_work(Config const& config = each_its_own()) {
  EngineWorld world{config};
  world.pass(seconds{20});
  return world;
}

/// The daemon was killed after it had asked for the restart of s1, and knows no answer; the screen is the old wall.
EngineWorld killed_in_a_restart() {
  auto world = at_work();
  world.show("s1", "working > alpha");
  world.show("s2", "working > beta");
  world.pass(seconds{31});
  auto const before = world.processes["s1"];
  world.after_prompts = {"wall 1 > alpha"};
  world.show("s1", "wall 1 > alpha");
  for (int second = 0; second < 60 && world.count("restart s1") == 0; ++second) world.pass(seconds{1});
  REQUIRE(world.session("s1").recovery.has_value());
  auto& session = world.state.sessions.at(SessionName("s1"));
  session.account = {};  // nobody knows it before there is an answer
  session.recovery->step = RecoveryStep::restarting;
  session.recovery->replaces = before;
  world.restart();
  return world;
}

}  // namespace

TEST_CASE("without a link sessions are started on the best account's own directory", "[core][per_session]") {
  auto const world = at_work();
  CHECK(world.state.active == AccountName("a"));
  CHECK(world.session("s1").account == AccountName("a"));
  CHECK(agent_environment(world.config, AccountName("b")) == Environment{{"CLAUDE_CONFIG_DIR", "/acc/b"}});
  CHECK(world.count("flip") == 0);
}

TEST_CASE("only the stopped session moves, by a restart in its conversation", "[core][per_session]") {
  auto world = at_work();
  world.show("s1", "working > alpha");
  world.show("s2", "working > beta");
  world.pass(seconds{31});
  world.show("s1", "wall 1");
  world.pass(seconds{40});
  CHECK(world.count("flip") == 0);
  CHECK(world.count("restart s1") == 1);
  CHECK(world.count("prompt s1") == 0);
  CHECK(world.count("restart s2") == 0);
  CHECK(world.session("s1").account == AccountName("b"));
  CHECK(world.session("s2").account == AccountName("a"));
  CHECK(world.state.active == AccountName("b"));
}

TEST_CASE("a session that meets the old account's wall later joins the others without another swap",
          "[core][per_session]") {
  auto world = at_work();
  world.show("s1", "working > alpha");
  world.show("s2", "working > beta");
  world.pass(seconds{31});
  world.show("s1", "wall 1");
  world.pass(minutes{20});
  world.show("s2", "wall 2");
  world.pass(minutes{1});
  CHECK(world.state.past_swaps.size() == 1);
  CHECK(world.count("restart s2") == 1);
  CHECK(world.session("s2").account == AccountName("b"));
}

TEST_CASE("an idle session does not stay on a spent account", "[core][per_session]") {
  auto world = at_work();
  world.show("s1", "wall 1");
  world.show("s2", "idle");
  world.pass(minutes{1});
  CHECK(world.count("restart s2") == 1);
  CHECK(world.session("s2").account == AccountName("b"));
}

TEST_CASE("a pinned session waits for its own account", "[core][per_session]") {
  auto config = each_its_own();
  config.sessions.dedicated.push_back({SessionName("site"), "/w", {}, AccountName("a")});
  auto world = at_work(config);
  world.show("site", "wall 1");
  world.pass(minutes{30});
  CHECK(world.count("restart site") == 0);
  CHECK(world.count("prompt site") == 0);
  CHECK(world.phase("site") == Phase::blocked);
  CHECK(world.session("site").account == AccountName("a"));
  world.pass(minutes{40});
  CHECK(world.count("prompt site continue") == 1);
  CHECK(world.phase("site") == Phase::working);
}

TEST_CASE("a swap without a link survives a restart at its plan", "[core][per_session]") {
  auto world = at_work();
  world.show("s1", "working > alpha");
  world.pass(seconds{31});
  world.show("s1", "wall 1");
  world.pass(seconds{31});
  auto const swaps = world.state.past_swaps.size() + (world.state.swap ? 1 : 0);
  REQUIRE(swaps == 1);
  world.restart();
  world.pass(minutes{2});
  CHECK(world.state.past_swaps.size() == 1);
  CHECK(world.state.active == AccountName("b"));
  CHECK(world.count("restart s1") == 1);
}

TEST_CASE("with nobody left every session waits on its own account", "[core][per_session]") {
  auto config = each_its_own();
  config.accounts.resize(1);
  auto world = at_work(config);
  world.show("s1", "wall 1");
  world.pass(minutes{30});
  CHECK(world.state.holding);
  CHECK(world.count("restart") == 0);
  world.pass(minutes{40});
  CHECK(world.phase("s1") == Phase::working);
  CHECK(world.count("prompt s1 continue") == 1);
}

TEST_CASE("a restart that was made just before our own end is known by its process and not made again",
          "[core][per_session]") {
  auto world = killed_in_a_restart();
  world.show("s1", "working > continue");
  world.pass(seconds{10});
  CHECK(world.phase("s1") == Phase::working);
  CHECK(world.session("s1").account == AccountName("b"));
  world.show("s1", "idle > continue");
  world.pass(minutes{3});
  CHECK(world.count("restart s1") == 1);
}

TEST_CASE("a restart that our own end prevented is made once no late command can make it any more",
          "[core][per_session]") {
  auto world = killed_in_a_restart();
  world.processes["s1"] = world.state.sessions.at(SessionName("s1")).recovery->replaces;
  world.pass(world.config.switching.recovery_deadline - seconds{5});
  CHECK(world.count("restart s1") == 1);
  world.pass(seconds{20});
  CHECK(world.count("restart s1") == 2);
  CHECK(world.phase("s1") == Phase::working);
  CHECK(world.session("s1").account == AccountName("b"));
}

TEST_CASE("after a restart of unknown outcome nobody knows the account, and an idle agent is restarted again",
          "[core][per_session]") {
  auto world = at_work();
  world.show("s1", "wall 1");
  world.pass(seconds{31});
  auto& session = world.state.sessions.at(SessionName("s2"));
  REQUIRE(world.state.active == AccountName("b"));
  session.account = {};  // as it is saved while the restart has no answer
  session.phase = Phase::starting;
  SECTION("at a wall, which is held against no account") {
    world.show("s2", "wall 7");
    world.pass(minutes{1});
    CHECK(world.state.accounts[AccountName("b")].kind == StandingKind::available);
  }
  SECTION("idle") {
    world.show("s2", "idle");
    world.pass(minutes{1});
  }
  CHECK(world.count("restart s2") >= 1);
  CHECK(world.session("s2").account == AccountName("b"));
}

TEST_CASE("a look that was under way when an agent was restarted shows the one before, and is taken again",
          "[core][per_session]") {
  auto world = at_work();
  auto& session = world.state.sessions.at(SessionName("s2"));
  session.watching.in_look = true;
  session.stale_looks = 1;  // as its restart leaves it
  auto const looks = world.looks;
  world.tell(event::ScreensCaptured{std::vector<Screen>{{*session.pane, "login", {}}}});
  CHECK(world.session("s2").phase == Phase::idle);
  world.pass(seconds{2});
  CHECK(world.looks > looks);
  CHECK(world.state.accounts[AccountName("a")].kind == StandingKind::available);
}

TEST_CASE("without a link an old agent's wall is its own account's", "[core][per_session]") {
  auto world = at_work();
  world.show("s1", "wall 1");
  world.pass(minutes{1});
  REQUIRE(world.state.active == AccountName("b"));
  auto& session = world.state.sessions.at(SessionName("s2"));
  session.account = AccountName("b");
  session.reading->agent_version = "2.0.77";
  TranscriptRow row;
  row.kind = RowKind::api_error;
  row.conversation = *session.conversation;
  row.uuid = "u1";
  row.cwd = "/work";
  row.version = "2.0.77";
  row.at = world.now.wall + minutes{10};
  row.text = "wall 5";
  row.error = "rate_limit";
  world.pass(minutes{10});
  world.tell(event::TranscriptGrew{{row}});
  CHECK(world.state.accounts[AccountName("b")].kind == StandingKind::exhausted);
}

TEST_CASE("an idle session is moved only after a fresh look", "[core][per_session]") {
  auto world = at_work();
  world.show("s2", "idle");
  world.pass(seconds{31});
  world.tmux_up = false;
  world.pass(minutes{3});
  auto failed = TranscriptRow{};
  failed.kind = RowKind::api_error;
  failed.conversation = *world.session("s1").conversation;
  failed.uuid = "u1";
  failed.cwd = "/work";
  failed.at = world.now.wall;
  failed.text = "wall 5";
  failed.error = "rate_limit";
  world.tell(event::TranscriptGrew{{failed}});
  CHECK(world.state.active == AccountName("b"));
  CHECK(world.count("restart s2") == 0);
}

TEST_CASE("a pinned session at its own wall keeps no task from an account that came back", "[core][per_session]") {
  auto config = each_its_own();
  config.sessions.dedicated.push_back({SessionName("site"), "/w", {}, AccountName("c")});
  auto world = at_work(config);
  world.show("site", "wall 1");
  world.pass(minutes{1});
  REQUIRE(world.phase("site") == Phase::blocked);
  world.state.accounts[AccountName("a")].unproven = true;
  CHECK(dispatch_gate(world.config, world.state, world.now, false).empty());
}

TEST_CASE("a row from before a restart was made says nothing of the account it leads to", "[core][per_session]") {
  auto world = at_work();
  std::vector<Effect> ignored;
  auto& session = world.state.sessions.at(SessionName("s1"));
  session.recovery = Recovery{};
  session.recovery->step = RecoveryStep::restarting;
  session.recovery->step_since = world.now;
  session.begins_on = AccountName("b");
  session.account = {};
  world.now = {world.now.wall + minutes{1}, world.now.mono + minutes{1}};
  Step step{world.config, world.reader, false, world.now, world.state, ignored};
  end_restart(step, session);
  CHECK(session.account == AccountName("b"));
  CHECK(session.account_since.mono == world.now.mono);
}

TEST_CASE("a held session with a task in hand tries no account", "[core][per_session][dispatch]") {
  auto world = at_work();
  world.state.accounts[AccountName("a")].unproven = true;
  auto& session = world.state.sessions.at(SessionName("s1"));
  session.task = TaskId("t1");
  REQUIRE(dispatch_gate(world.config, world.state, world.now, false) == "account_unproven");
  session.phase = Phase::held;
  CHECK(dispatch_gate(world.config, world.state, world.now, false).empty());
}

TEST_CASE("a session that has met the wall of an account that came back keeps no task from it",
          "[core][per_session][dispatch]") {
  auto world = at_work();
  auto& account = world.state.accounts[AccountName("a")];
  account.unproven = true;
  account.since = world.now;
  auto& session = world.state.sessions.at(SessionName("s1"));
  session.phase = Phase::blocked;
  REQUIRE(session.account == AccountName("a"));
  session.since = world.now;
  CHECK(dispatch_gate(world.config, world.state, world.now, false) == "account_unproven");  // it will try soon
  session.since.mono += seconds{1};
  CHECK(dispatch_gate(world.config, world.state, world.now, false).empty());
}
