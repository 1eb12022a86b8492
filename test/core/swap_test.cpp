#include "core/swap.hpp"

#include "core/assignment.hpp"
#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"

using namespace failover::test;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

EngineWorld blocked(Config config = EngineWorld::fleet()) {
  EngineWorld world{std::move(config)};
  world.pass(seconds{20});
  world.show("s1", "wall 1");
  return world;
}

}  // namespace

TEST_CASE("the plan is saved before the link is flipped", "[core][swap]") {
  auto world = blocked();
  world.done.clear();
  world.pass(seconds{31});
  auto const flip = std::find(world.done.begin(), world.done.end(), "flip b");
  REQUIRE(flip != world.done.end());
  REQUIRE(flip != world.done.begin());
  CHECK(*(flip - 1) == "save");
}

TEST_CASE("a swap is recorded with from, to and time", "[core][swap][v0.2]") {
  auto world = blocked();
  auto const before = world.now.wall;
  world.pass(minutes{2});
  REQUIRE(world.state.past_swaps.size() == 1);
  auto const& swap = world.state.past_swaps.front();
  CHECK(swap.from == AccountName("a"));
  CHECK(swap.to == AccountName("b"));
  CHECK(swap.phase == SwapPhase::done);
  CHECK(swap.decided.wall >= before);
  CHECK(swap.trigger_session == SessionName("s1"));
  CHECK(swap.snippet == "wall 1");
  CHECK(world.state.counters.swaps.at("a\nb") == 1);
}

TEST_CASE("cooldown blocks and says so", "[core][swap][v0.2]") {
  auto world = blocked();
  world.pass(seconds{31});
  REQUIRE(world.count("flip b") == 1);
  world.pass(seconds{10});
  world.show("s2", "wall 9");
  world.show("s1", "wall 10");
  world.pass(minutes{2});
  CHECK(world.count("flip") == 1);
  CHECK(world.logged("swap refused", "cooldown"));
  CHECK(world.state.live.last_refusal == "cooldown");
  world.pass(minutes{4});
  CHECK(world.count("flip c") == 1);
}

TEST_CASE("an account that is spent, off or not logged in is no candidate", "[core][swap]") {
  Config config = EngineWorld::fleet();
  config.accounts[1].disabled = true;
  auto world = blocked(config);
  world.pass(seconds{31});
  CHECK(world.count("flip b") == 0);
  CHECK(world.count("flip c") == 1);
}

TEST_CASE("two names of one login directory are no way out", "[core][swap]") {
  Config config = EngineWorld::fleet();
  config.accounts.pop_back();
  config.accounts[1].config_dir = "/acc/a";
  auto world = blocked(config);
  world.pass(minutes{2});
  CHECK(world.count("flip") == 0);
  CHECK(world.state.holding);
}

TEST_CASE("with nobody left all is held, told once, and goes on at the first reset", "[core][swap]") {
  Config config = EngineWorld::fleet();
  config.accounts.resize(1);
  config.notifications.command = CommandChannelConfig{{"true"}};
  auto world = blocked(config);
  world.pass(minutes{10});
  CHECK(world.state.holding);
  CHECK(world.count("flip") == 0);
  REQUIRE(world.messages.size() == 1);
  CHECK(world.messages[0].subject == "All accounts are spent");
  CHECK(world.phase("s1") == Phase::blocked);
  world.pass(hours{1});
  CHECK_FALSE(world.state.holding);
  CHECK(world.count("prompt s1 continue") == 1);
  CHECK(world.phase("s1") == Phase::working);
}

TEST_CASE("the hourly budget stops a swap with the reason", "[core][swap]") {
  Config config = EngineWorld::fleet();
  config.switching.max_per_hour = 1;
  config.quota.reactivate_cooldown = seconds{1};
  auto world = blocked(config);
  world.pass(minutes{2});
  world.show("s1", "wall 2");
  world.pass(minutes{2});
  CHECK(world.count("flip") == 1);
  CHECK(world.state.live.last_refusal == "budget_hour");
}

TEST_CASE("a flip that fails aborts the swap, and the cooldown holds before the next try", "[core][swap]") {
  auto world = blocked();
  world.flip_fails = Error{ErrorKind::permission, "the directory is read-only"};
  world.pass(minutes{2});
  CHECK(world.count("flip") == 1);
  REQUIRE(world.state.past_swaps.size() == 1);
  CHECK(world.state.past_swaps[0].phase == SwapPhase::aborted);
  CHECK(world.state.active == AccountName("a"));
  world.flip_fails.reset();
  world.pass(minutes{5});
  CHECK(world.state.active == AccountName("b"));
}

TEST_CASE("a swap whose plan cannot be saved is not begun", "[core][swap]") {
  auto world = blocked();
  world.save_fails = Error{ErrorKind::no_space, "disk full"};
  world.pass(minutes{2});
  CHECK(world.count("flip") == 0);
  CHECK(world.link == "/acc/a");
  CHECK(world.state.live.state_problem == "no_space");
}

TEST_CASE("a planned swap goes on after a restart, once", "[core][swap]") {
  auto world = blocked();
  world.pass(seconds{31});
  auto& state = world.state;
  // As it was on disk between the plan and the flip.
  state.swap = state.past_swaps.empty() ? *state.swap : state.past_swaps.back();
  state.past_swaps.clear();
  state.swap->phase = SwapPhase::planned;
  state.swap->ended.reset();
  state.active = AccountName("a");
  state.counters.swaps.clear();

  SECTION("the link was not flipped yet") {
    world.link = "/acc/a";
    world.done.clear();
    world.restart();
    world.pass(seconds{5});
    CHECK(world.count("flip b") == 1);
  }
  SECTION("the link was flipped already") {
    world.link = "/acc/b";
    world.done.clear();
    world.restart();
    world.pass(seconds{5});
    CHECK(world.count("flip") == 0);
  }
  CHECK(state.active == AccountName("b"));
  CHECK(state.counters.swaps.at("a\nb") == 1);
}

TEST_CASE("a restart after the swap makes no second one", "[core][swap]") {
  auto world = blocked();
  world.show("s2", "wall 2");
  world.after_prompt = "wall 1";  // the prompt never gets anywhere: the old walls stay on the screens
  world.delivery = Delivery::not_ready;
  world.pass(seconds{31});
  REQUIRE(world.state.active == AccountName("b"));
  world.restart();
  world.pass(minutes{30});
  CHECK(world.count("flip") == 1);
}

TEST_CASE("a link that somebody else moved is followed, not moved back", "[core][swap]") {
  EngineWorld world{EngineWorld::fleet()};
  world.pass(seconds{20});
  world.link = "/acc/c";
  world.pass(seconds{20});
  CHECK(world.state.active == AccountName("c"));
  CHECK(world.count("flip") == 0);
  CHECK(world.logged("the link was moved by somebody else: following it"));
}

TEST_CASE("a dry run decides and says so, and changes nothing", "[core][swap]") {
  EngineWorld world{EngineWorld::fleet(), EngineOptions{true}};
  world.panes["s1"] = 1;
  world.panes["s2"] = 2;
  world.show("s1", "wall 1");
  world.show("s2", "idle");
  world.queue.tasks.push_back(pending_task("t1"));
  world.pass(minutes{2});
  CHECK(world.logged("swap refused", "dry_run"));
  CHECK(world.logged("swap refused", "b"));
  for (char const* act : {"flip", "start", "claim", "prompt", "escape"}) CHECK(world.count(act) == 0);
}

TEST_CASE("a swap moves only along its legal ways", "[core][swap]") {
  CHECK(may_move(SwapPhase::planned, SwapPhase::flipped));
  CHECK(may_move(SwapPhase::recovering, SwapPhase::done));
  CHECK_FALSE(may_move(SwapPhase::planned, SwapPhase::done));
  CHECK_FALSE(may_move(SwapPhase::done, SwapPhase::planned));
  CHECK_FALSE(may_move(SwapPhase::flipped, SwapPhase::aborted));
}

TEST_CASE("a turn that was asked for before the flip and proved after it blames the former account", "[core][swap]") {
  Config config = EngineWorld::fleet();
  config.sessions.pool.size = 3;
  EngineWorld world{config};
  world.pass(seconds{20});
  world.show("s1", "wall 1");
  world.pass(seconds{31});
  REQUIRE(world.state.active == AccountName("b"));
  // s2 was given its task just before the flip; the proof comes just after it.
  auto& session = world.state.sessions.at(SessionName("s2"));
  session.account = AccountName("a");
  Moment const asked{world.state.active_since.wall - seconds{1}, world.state.active_since.mono - seconds{1}};
  std::vector<Effect> ignored;
  Step step{world.config, world.reader, false, world.now, world.state, ignored};
  use_account_of_turn(step, session, asked);
  CHECK(session.account == AccountName("a"));
  use_account_of_turn(step, session, world.now);
  CHECK(session.account == AccountName("b"));
}

TEST_CASE("a flip that was reported as failed and was made is no person's choice", "[core][swap]") {
  auto world = blocked();
  world.flip_fails = Error{ErrorKind::timed_out, "no answer"};
  world.pass(seconds{31});
  REQUIRE(world.count("flip b") == 1);
  world.link = "/acc/b";
  world.link_since = world.state.past_swaps.back().decided.wall;
  world.pass(minutes{1});
  CHECK(world.state.active == AccountName("b"));
  CHECK_FALSE(world.state.choice);
  REQUIRE(world.state.past_swaps.size() == 1);
  CHECK(world.state.past_swaps[0].phase == SwapPhase::done);
  CHECK(world.phase("s1") == Phase::working);
}

TEST_CASE("a wall until the minute in which the active account comes back is that account's", "[core][swap]") {
  auto world = blocked();
  world.pass(minutes{1});
  REQUIRE(world.state.active == AccountName("b"));
  world.link = "/acc/a";  // by a person, who then works on it where nobody looks
  world.pass(minutes{1});
  REQUIRE(world.state.active == AccountName("a"));
  auto& session = world.state.sessions.at(SessionName("s2"));
  session.account = AccountName("b");
  auto const ends = world.state.accounts.at(AccountName("a")).until;
  world.now.wall = ends - hours{1};  // "wall N" tells a reset in an hour
  world.screens["s2"] = "wall 9";
  world.restart();
  world.pass(seconds{31});
  CHECK(world.session("s2").account == AccountName("a"));
  CHECK(world.state.accounts[AccountName("b")].kind == StandingKind::available);
}

TEST_CASE("a link that was seen unmoved after such a report was moved by a person", "[core][swap]") {
  auto world = blocked();
  world.flip_fails = Error{ErrorKind::io, "the disk is full"};
  world.pass(seconds{31});
  REQUIRE(world.count("flip b") == 1);
  world.pass(seconds{25});
  REQUIRE(world.state.active == AccountName("a"));
  world.link = "/acc/b";
  world.link_since = world.now.wall;
  world.pass(minutes{1});
  CHECK(world.state.active == AccountName("b"));
  REQUIRE(world.state.choice);
  CHECK(world.state.choice->account == AccountName("b"));
  CHECK(world.state.past_swaps[0].phase == SwapPhase::aborted);
}

TEST_CASE("looks that did not tell where the link leads do not make such a flip younger", "[core][swap]") {
  auto world = blocked();
  world.flip_fails = Error{ErrorKind::timed_out, "no answer"};
  world.pass(seconds{31});
  REQUIRE(world.count("flip b") == 1);
  world.link = "/acc/b";
  world.link_since = world.state.past_swaps.back().decided.wall;
  world.link_unread = Error{ErrorKind::timed_out, "no answer"};
  world.pass(minutes{3});
  world.link_unread.reset();
  world.pass(minutes{1});
  REQUIRE(world.state.active == AccountName("b"));
  CHECK_FALSE(world.state.choice);
  CHECK(world.state.past_swaps[0].phase == SwapPhase::done);
}

TEST_CASE("a swap whose flip our own end cut short counts from when the link was moved", "[core][swap]") {
  auto world = blocked();
  world.pass(seconds{31});
  auto& state = world.state;
  REQUIRE(state.past_swaps.size() == 1);
  state.swap = state.past_swaps.back();
  state.past_swaps.clear();
  state.swap->phase = SwapPhase::planned;
  state.swap->ended.reset();
  state.active = AccountName("a");
  auto const decided = state.swap->decided;
  SECTION("as its file tells") {
    world.link_since = decided.wall + seconds{2};
    world.now = {world.now.wall + minutes{10}, world.now.mono + minutes{10}};
    world.restart();
    world.pass(seconds{5});
    CHECK(state.active_since.mono == decided.mono + seconds{2});
  }
  SECTION("but not from before it was decided") {
    world.link_since = decided.wall - hours{2};
    world.restart();
    world.pass(seconds{5});
    CHECK(state.active_since.mono == decided.mono);
  }
  CHECK(state.active == AccountName("b"));
}

TEST_CASE("a planned swap waits for a first look that tells something", "[core][swap]") {
  auto world = blocked();
  world.pass(seconds{31});
  auto& state = world.state;
  REQUIRE(state.past_swaps.size() == 1);
  state.swap = state.past_swaps.back();
  state.past_swaps.clear();
  state.swap->phase = SwapPhase::planned;
  state.swap->ended.reset();
  state.active = AccountName("a");
  state.live = {};
  world.tell(event::AccountsRead{{Error{ErrorKind::timed_out, "the disk"}, {}, {}}});
  world.pass(minutes{1});
  CHECK(state.active == AccountName("b"));
  REQUIRE(state.past_swaps.size() == 1);
  CHECK(state.past_swaps[0].phase == SwapPhase::done);
}

TEST_CASE("a planned swap is not gone on with while the brake is on, nor onto what cannot serve", "[core][swap]") {
  auto world = blocked();
  world.pass(seconds{31});
  auto& state = world.state;
  state.swap = state.past_swaps.empty() ? *state.swap : state.past_swaps.back();
  state.past_swaps.clear();
  state.swap->phase = SwapPhase::planned;
  state.swap->ended.reset();
  state.active = AccountName("a");
  world.link = "/acc/a";
  world.done.clear();
  SECTION("the brake") {
    state.brake.on = true;
  }
  SECTION("disabled since") {
    world.config.accounts[1].disabled = true;
  }
  world.restart();
  world.pass(seconds{5});
  CHECK(world.count("flip") == 0);
  REQUIRE(state.past_swaps.size() == 1);
  CHECK(state.past_swaps[0].phase == SwapPhase::aborted);
}

TEST_CASE("an agent that was started after an unnoticed move of the link works on where it leads", "[core][swap]") {
  EngineWorld world{EngineWorld::fleet()};
  world.pass(seconds{20});
  REQUIRE(world.session("s1").account == AccountName("a"));
  world.state.sessions.at(SessionName("s1")).phase = Phase::auth_needed;  // no look tells of a turn
  world.link = "/acc/b";
  world.link_since = world.state.sessions.at(SessionName("s1")).starts.back().wall - seconds{1};
  world.state.live.accounts_at = {};
  AccountsListing listing;
  listing.link_target = world.link;
  listing.link_since = world.link_since;
  world.tell(event::AccountsRead{listing});
  REQUIRE(world.state.active == AccountName("b"));
  CHECK(world.session("s1").account == AccountName("b"));
}
