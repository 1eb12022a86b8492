#include "core/looking.hpp"

#include "core/reconcile.hpp"
#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"

#include <algorithm>
#include <chrono>
#include <string>

using namespace failover::core;
using failover::test::EngineWorld;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

/// Two idle sessions whose terminals are known, and no look that is due before the next of all screens.
EngineWorld silent_fleet() {
  EngineWorld world{EngineWorld::fleet()};
  world.ttys = {{"s1", "/dev/pts/1"}, {"s2", "/dev/pts/2"}};
  world.pass(minutes{2} + seconds{1});
  world.looks = 0;
  return world;
}

event::TerminalsTouched written(EngineWorld const& world, std::string const& session) {
  return {{*world.session(session).pane}, {}};
}

}  // namespace

TEST_CASE("a screen is looked at when its terminal was written to, the others are not", "[core][looking]") {
  auto world = silent_fleet();
  world.show("s1", "working 1");
  auto const before = world.session("s2").watching.looked_at;
  world.tell(written(world, "s1"));
  CHECK(world.phase("s1") == Phase::working);
  CHECK(world.looks == 1);
  CHECK(world.session("s2").watching.looked_at == before);
}

TEST_CASE("a program that goes on drawing is looked at some times a second, and once after its last word",
          "[core][looking]") {
  auto world = silent_fleet();
  for (int i = 0; i < 100; ++i) {
    world.show("s1", "working " + std::to_string(i));
    world.tell(written(world, "s1"));
    world.pass(milliseconds{10});
  }
  CHECK(world.looks >= 8);
  CHECK(world.looks <= 9);
  world.show("s1", "idle again");
  world.tell(written(world, "s1"));
  world.pass(milliseconds{300});
  CHECK(world.phase("s1") == Phase::idle);
}

TEST_CASE("where many programs draw at once the look is at those that were not seen for the longest time",
          "[core][looking]") {
  auto config = EngineWorld::fleet();
  config.sessions.pool.size = 20;
  EngineWorld world{config};
  world.pass(minutes{2} + seconds{1});
  for (auto& [name, session] : world.state.sessions) {
    session.watching.look_wanted = true;
    session.watching.looked_before = {};
  }
  world.state.sessions.at(SessionName("s9")).watching.looked_at.mono -= seconds{20};
  Effects asked;
  Step step{world.config, world.reader, false, world.now, world.state, asked};
  look_around(step);
  auto const* const look = std::get_if<effect::CapturePanes>(&asked.front());
  REQUIRE(look != nullptr);
  CHECK(look->panes.size() == 16);
  CHECK(look->panes.front() == *world.session("s9").pane);
  SECTION("and the others are looked at when it has ended") {
    world.looks = 0;
    world.tell(event::ScreensCaptured{std::vector<Screen>{}});
    CHECK(world.looks == 1);
    for (auto const& [name, session] : world.state.sessions) CHECK_FALSE(session.watching.look_wanted);
  }
}

namespace {

/// Both draw ten times a second, each at instants of its own, and give hints where they are wanted.
void draw_on(EngineWorld& world, milliseconds time, std::string const& what = "working ") {
  static int drawn = 0;
  for (milliseconds passed{0}; passed < time; passed += milliseconds{50}) {
    std::string const name = passed.count() % 100 == 0 ? "s1" : "s2";
    world.show(name, what + std::to_string(++drawn));
    auto const& pane = *world.session(name).pane;
    bool const told = std::find(world.drawing.begin(), world.drawing.end(), pane) == world.drawing.end();
    if (told) world.tell(written(world, name));
    world.pass(milliseconds{50});
  }
}

}  // namespace

TEST_CASE("programs that have drawn on for five seconds are looked at together, once a second and without hints",
          "[core][looking]") {
  auto world = silent_fleet();
  draw_on(world, seconds{8});
  CHECK(world.drawing.size() == 2);
  world.looks = 0;
  draw_on(world, seconds{10});
  CHECK(world.looks >= 9);
  CHECK(world.looks <= 11);
  SECTION("what such a one says last is seen a second later, and from then on its hints count again") {
    world.show("s1", "idle again");
    draw_on(world, milliseconds{0});
    world.pass(seconds{1} + milliseconds{50});
    CHECK(world.phase("s1") == Phase::idle);
    world.pass(seconds{3});
    CHECK(world.drawing.empty());
    world.looks = 0;
    world.pass(seconds{5});
    CHECK(world.looks <= 1);
    world.show("s1", "working last");
    world.tell(written(world, "s1"));
    CHECK(world.phase("s1") == Phase::working);
  }
  SECTION("and until then it does not count as at rest: it may have begun another turn unheard") {
    world.show("s1", "idle again");
    world.pass(seconds{1} + milliseconds{50});
    REQUIRE(world.phase("s1") == Phase::idle);
    CHECK_FALSE(rests(world.session("s1"), world.now));
    world.pass(seconds{3});
    CHECK_FALSE(world.session("s1").watching.draws_on);
    CHECK(rests(world.session("s1"), world.now));
  }
  SECTION("so is what it says between two looks when it has just stopped") {
    world.pass(seconds{1});
    REQUIRE(world.drawing.size() == 2);  // the look shows for the first time what was drawn last
    world.show("s1", "idle, and nobody hears of it");
    world.pass(seconds{1} + milliseconds{50});
    CHECK(world.phase("s1") == Phase::idle);
  }
  SECTION("where tmux did not answer meanwhile, hints are wanted before anything is relied on") {
    world.state.sessions.at(SessionName("s1")).watching.looked_at.mono -= seconds{30};
    world.show("s1", "working after a while");
    world.pass(milliseconds{300});
    auto const& pane = *world.session("s1").pane;
    CHECK(std::find(world.drawing.begin(), world.drawing.end(), pane) == world.drawing.end());
  }
}

TEST_CASE("of a program that draws on the last rows are enough, as long as they show that it works",
          "[core][looking]") {
  auto world = silent_fleet();
  draw_on(world, seconds{8}, "working long ");
  REQUIRE(world.tails.size() == 2);
  CHECK(world.tails.begin()->second == 20);
  auto const whole = world.session("s1").reading;
  auto const once = [&](std::string const& screen) {
    world.show("s1", screen);
    world.looks = 0;
    world.pass(seconds{1});
  };

  SECTION("what stands above counts as it was, and the session as looked at") {
    once("working long and more");
    CHECK(world.looks == 1);
    CHECK(world.session("s1").reading == whole);
    CHECK(elapsed(world.session("s1").read_at, world.now) <= seconds{1});
    CHECK(world.phase("s1") == Phase::working);
  }
  SECTION("where they do not show it, all of the screen is read at once") {
    once("idle at last");
    CHECK(world.looks == 2);
    CHECK(world.tails.empty());
    CHECK(world.phase("s1") == Phase::idle);
    CHECK_FALSE(world.session("s1").watching.whole_wanted);
  }
  SECTION("a prompt among them is read with what stands above") {
    once("working long and prompted");
    CHECK(world.looks == 2);
    CHECK(world.session("s1").reading->prompts_seen == 1);
    once("working long on");
    CHECK(world.session("s1").reading->prompts_seen == 1);  // the tail says nothing of it
  }
  SECTION("one that was under way when its agent was restarted is over, and the next look is at the new one") {
    auto& session = world.state.sessions.at(SessionName("s1"));
    session.stale_looks = 1;
    session.reading.reset();
    world.show("s1", "working long, the new one");
    world.tell(event::ScreensCaptured{std::vector{Screen{*session.pane, "working", {}, false, 20}}});
    world.pass(milliseconds{1});
    REQUIRE(world.session("s1").reading);
    CHECK(world.session("s1").reading->works_from == 20);
    CHECK(world.session("s1").stale_looks == 0);
  }
  SECTION("the look at all screens reads them whole") {
    for (int i = 0; i < 40 && world.session("s1").reading == whole; ++i) once("working long " + std::to_string(i));
    CHECK(world.session("s1").reading->turn_hash != whole->turn_hash);
    CHECK(elapsed(*world.state.live.captured_at, world.now) <= seconds{1});
  }
  SECTION("one of whose screen something must be seen soon is read whole") {
    world.state.sessions.at(SessionName("s1")).suspicion = Suspicion{};
    once("working long and more");
    CHECK_FALSE(world.tails.contains(*world.session("s1").pane));
  }
}

TEST_CASE("what has drawn once does not draw on, however long ago that was", "[core][looking]") {
  auto world = silent_fleet();
  world.show("s1", "idle once more");
  world.tell(written(world, "s1"));
  world.looks = 0;
  world.pass(seconds{25});
  CHECK(world.looks <= 1);
  CHECK(world.drawing.empty());
  world.show("s1", "idle and again");
  world.tell(written(world, "s1"));
  world.pass(seconds{1});
  CHECK(world.drawing.empty());
}

TEST_CASE("without hints all screens are looked at every quota.poll_interval", "[core][looking]") {
  auto world = silent_fleet();
  world.show("s1", "working 1");
  world.pass(world.config.quota.poll_interval);
  CHECK(world.phase("s1") == Phase::working);
}

TEST_CASE("at a look at all screens those are not read to which nothing was written, as tmux tells",
          "[core][looking]") {
  auto world = silent_fleet();
  auto const polls = [&](int count) {
    world.looks = 0;
    world.whole_looks = 0;
    world.pass(count * world.config.quota.poll_interval);
  };
  SECTION("they count as looked at") {
    polls(3);
    CHECK(world.looks >= 3);
    CHECK(world.whole_looks == 0);
    CHECK(elapsed(world.session("s1").read_at, world.now) <= world.config.quota.poll_interval);
    CHECK(world.session("s1").reading->seen.state == ScreenState::idle);
  }
  SECTION("what was written unheard is read") {
    polls(2);
    world.show("s1", "working 1");
    polls(1);
    CHECK(world.phase("s1") == Phase::working);
    CHECK(world.whole_looks == 1);
  }
  SECTION("now and then all are read") {
    polls(22);
    CHECK(world.whole_looks == 4);
  }
  SECTION("where screens are asked for more often than panes, all are read") {
    world.config.tmux.sweep = world.config.quota.poll_interval + seconds{1};
    polls(2);
    CHECK(world.whole_looks >= 4);
  }
  SECTION("one whose meaning depends on the time is read") {
    world.state.sessions.at(SessionName("s1")).reading->seen.resets_at = world.now.wall + minutes{30};
    polls(1);
    CHECK(world.whole_looks == 1);
  }
}

TEST_CASE("since when something must have been written is told by the earlier of two clocks", "[core][looking]") {
  auto world = silent_fleet();
  auto const read = *world.session("s1").watching.read_whole;
  auto const since = [&](Duration set) {
    world.state.live.captured_at.reset();
    Effects asked;
    auto const later = world.now.mono - read.mono;
    Step step{world.config, world.reader, false, {read.wall + later + set, world.now.mono}, world.state, asked};
    look_around(step);
    world.state.live.capturing = false;
    auto const* const look = std::get_if<effect::CapturePanes>(&asked.front());
    REQUIRE(look != nullptr);
    return look->if_written.at(*world.session("s1").pane) - read.wall;
  };
  CHECK(since({}) == Duration{});
  CHECK(since(minutes{90}) == Duration{});
  CHECK(since(-minutes{90}) == -minutes{90});
}

TEST_CASE("a hint that comes during a look leads to another one", "[core][looking]") {
  auto world = silent_fleet();
  world.state.live.capturing = true;
  world.show("s1", "working 1");
  world.tell(written(world, "s1"));
  CHECK(world.looks == 0);
  world.tell(event::ScreensCaptured{std::vector<Screen>{}});
  world.pass(milliseconds{250});
  CHECK(world.phase("s1") == Phase::working);
}

TEST_CASE("what a failed look was to see is looked at as soon as tmux answers", "[core][looking]") {
  auto world = silent_fleet();
  world.show("s1", "working 1");
  world.state.live.capturing = true;
  world.tell(event::ScreensCaptured{Error{ErrorKind::timed_out, "no answer"}});
  CHECK(world.state.live.tmux_up == false);
  world.pass(down_look + milliseconds{300});
  CHECK(world.state.live.tmux_up == true);
  CHECK(world.phase("s1") == Phase::working);
}

TEST_CASE("a closed terminal leads to a listing at once, which tells the new one", "[core][looking]") {
  auto world = silent_fleet();
  world.pass(seconds{1});
  auto const pane = *world.session("s1").pane;
  world.ttys["s1"] = "/dev/pts/9";
  world.tell(event::TerminalsTouched{{}, {pane}});
  world.pass(milliseconds{300});
  CHECK(world.terminals == std::vector<Terminal>{{pane, "/dev/pts/9"}, {*world.session("s2").pane, "/dev/pts/2"}});
}

TEST_CASE("a terminal of the same name is watched anew after it was closed", "[core][looking]") {
  auto world = silent_fleet();
  auto const pane = *world.session("s1").pane;
  world.state.live.listing_panes = true;  // the next one is not there yet
  world.tell(event::TerminalsTouched{{}, {pane}});
  CHECK(world.terminals.size() == 1);
  world.state.live.listing_panes = false;
  world.pass(seconds{1});
  CHECK(world.terminals.size() == 2);
}

TEST_CASE("an agent that ends is started anew at once, not at the next sweep", "[core][looking]") {
  auto world = silent_fleet();
  world.pass(seconds{1});
  world.show("s1", "dead");
  world.tell(event::TerminalsTouched{{}, {*world.session("s1").pane}});
  world.pass(milliseconds{600});
  CHECK(world.count("restart s1") == 1);
}

TEST_CASE("a wall that a transcript denies does not hurry the looks", "[core][looking]") {
  auto world = silent_fleet();
  auto& session = world.state.sessions.at(SessionName("s1"));
  session.suspicion = Suspicion{1, world.now, 1, true};
  world.looks = 0;
  world.pass(seconds{10});
  CHECK(world.looks <= 1);
}

TEST_CASE("a pane is gone when its process is, too; before, nothing is started and nothing given up",
          "[core][looking][gone]") {
  auto world = silent_fleet();
  auto const process = world.session("s1").process;
  world.orphans = {process};
  world.panes.erase("s1");
  world.pass(minutes{1});
  CHECK(world.count("start s1") == 1);
  CHECK(world.phase("s1") == Phase::idle);
  CHECK(world.logged("a session's pane is gone and its agent still runs; nothing is started before it ends",
                     std::to_string(process)));
  world.orphans.clear();
  world.pass(minutes{1});
  CHECK(world.count("start s1") == 2);
}

TEST_CASE("of a process that is not known a second listing says that the pane is gone", "[core][looking][gone]") {
  auto world = silent_fleet();
  world.restart();
  world.panes.erase("s1");
  world.tell(event::Tick{});
  CHECK(world.count("start s1") == 1);
  world.pass(seconds{1});
  CHECK(world.count("start s1") == 2);
}

TEST_CASE("a session that somebody renamed is the same one", "[core][looking][gone]") {
  auto world = silent_fleet();
  world.renamed["s1"] = "my-own-name";
  world.config.sessions.adopt = {"my-*"};
  world.pass(minutes{1});
  CHECK(world.count("start s1") == 1);
  CHECK(world.phase("s1") == Phase::idle);
  CHECK_FALSE(world.state.sessions.contains(SessionName("my-own-name")));
}

TEST_CASE("while tmux does not answer it is asked every two seconds", "[core][looking]") {
  auto world = silent_fleet();
  world.tmux_up = false;
  world.tell(event::TerminalsTouched{{}, {*world.session("s1").pane, *world.session("s2").pane}});
  world.pass(milliseconds{300});
  CHECK(world.state.live.tmux_up == false);
  world.tmux_up = true;
  world.pass(down_look + milliseconds{100});
  CHECK(world.state.live.tmux_up == true);
}

TEST_CASE("the accounts are looked at every sweep, however often panes come and go", "[core][looking]") {
  auto world = silent_fleet();
  auto const before = world.state.live.accounts_asked;
  REQUIRE(before);
  for (int i = 0; i < 60; ++i) {
    world.tell(event::TerminalsTouched{{}, {*world.session("s1").pane}});
    world.pass(seconds{1});
  }
  REQUIRE(world.state.live.accounts_asked);
  auto const asked = *world.state.live.accounts_asked;
  CHECK(elapsed(asked, world.now) <= world.config.tmux.sweep);
}

TEST_CASE("looks at everything that are due shortly one after another are made together", "[core][looking]") {
  auto world = silent_fleet();
  world.pass(seconds{45});
  auto& live = world.state.live;
  live.captured_at = live.listed_at = live.accounts_asked = world.now;
  live.scanned_at = world.now;
  live.captured_at->mono -= world.config.quota.poll_interval - milliseconds{900};
  live.scanned_at->mono -= world.config.dispatcher.rescan - milliseconds{1100};
  live.listed_at->mono -= world.config.tmux.sweep;
  live.accounts_asked->mono -= world.config.tmux.sweep - milliseconds{500};
  world.looks = 0;
  auto const scanned = live.scanned_at;
  world.tell(event::Tick{});
  CHECK(world.looks == 1);
  CHECK(world.state.live.accounts_asked->mono == world.now.mono);
  CHECK(world.state.live.scanned_at == scanned);
}
