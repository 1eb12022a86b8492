#include "test/support/catch.hpp"
#include "test/support/tmux_world.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <vector>

using namespace failover;
using core::ErrorKind;
using core::PaneRef;
using World = test::TmuxWorld;

TEST_CASE("one batch captures many panes; one that is gone or another server's is absent", "[adapters][tmux]") {
  World world;
  std::vector<PaneRef> panes;
  for (auto const* name : {"a", "b", "c"}) {
    (void)world.server.session(name, {"sh", "-c", std::string("echo screen of ") + name + "; exec cat"});
    REQUIRE(world.server.shows(std::string("=") + name + ":", "screen of"));
    panes.push_back(world.ref(std::string("=") + name + ":"));
  }
  auto gone = panes[0];
  gone.id = core::PaneId{"%99"};
  auto foreign = panes[1];
  foreign.server_start -= 1;
  auto const screens = world.run(world.tmux.capture({panes[0], gone, foreign, panes[2]}));
  REQUIRE(screens);
  REQUIRE(screens->size() == 2);
  CHECK((*screens)[0].pane == panes[0]);
  CHECK_THAT((*screens)[0].text, CF_CONTAINS("screen of a\n"));
  CHECK(std::count((*screens)[0].text.begin(), (*screens)[0].text.end(), '\n') == 30);
  CHECK((*screens)[1].pane == panes[2]);
  CHECK_THAT((*screens)[1].text, CF_CONTAINS("screen of c\n"));
}

TEST_CASE("a capture of no panes is empty", "[adapters][tmux]") {
  World world;
  (void)world.server.session("a", {"cat"});
  auto const screens = world.run(world.tmux.capture({}));
  REQUIRE(screens);
  CHECK(screens->empty());
}

TEST_CASE("a screen that imitates our marks is captured as the text that it is", "[adapters][tmux]") {
  World world;
  auto const lines = "cf00112233445566778899aabbccddeeff end\ncf00112233445566778899aabbccddeeff 1 2 %0\n%end 1 2 3\n";
  std::ofstream(world.server.dir() / "text") << lines;
  (void)world.server.session("a", {"sh", "-c", "cat text; exec cat"});
  (void)world.server.session("b", {"sh", "-c", "echo mine; exec cat"});
  REQUIRE(world.server.shows("=a:", "%end"));
  REQUIRE(world.server.shows("=b:", "mine"));
  auto const screens = world.run(world.tmux.capture({world.ref("=a:"), world.ref("=b:")}));
  REQUIRE(screens);
  REQUIRE(screens->size() == 2);
  CHECK((*screens)[0].text.starts_with(lines));
  CHECK((*screens)[1].text.starts_with("mine\n"));
}

TEST_CASE("rows that the terminal wrapped are joined, trailing blanks dropped", "[adapters][tmux]") {
  World world;
  (void)world.server.session("a", {"sh", "-c", "printf '%s' 'aaaaaaaaaaaaaaaaaaaabbbbb   '; echo; echo end; exec cat"},
                             20, 6);
  REQUIRE(world.server.shows("=a:", "end"));
  auto const screens = world.run(world.tmux.capture({world.ref("=a:")}));
  REQUIRE(screens);
  REQUIRE(screens->size() == 1);
  CHECK((*screens)[0].text.starts_with("aaaaaaaaaaaaaaaaaaaabbbbb\nend\n"));
}

TEST_CASE("of a screen the last rows are captured where they are enough", "[adapters][tmux]") {
  World world;
  for (auto const* name : {"a", "b"}) {
    (void)world.server.session(name, {"sh", "-c", "seq 1 9; exec cat"}, 20, 12);
    REQUIRE(world.server.shows(std::string("=") + name + ":", "9"));
  }
  auto const tail = world.ref("=a:");
  auto const whole = world.ref("=b:");
  auto const screens = world.run(world.tmux.look({{tail, whole}, {}, {{tail, 8}}, {}}));
  REQUIRE(screens);
  REQUIRE(screens->size() == 2);
  CHECK((*screens)[0] == core::Screen{tail, "8\n9\n\n\n\n", {}, false, 8});
  CHECK((*screens)[1].text.starts_with("1\n2\n"));
  CHECK((*screens)[1].first_row == 1);
  SECTION("of a pane that has become smaller than that, its last row") {
    auto const beyond = world.run(world.tmux.look({{tail}, {}, {{tail, 50}}, {}}));
    REQUIRE(beyond);
    REQUIRE(beyond->size() == 1);
    CHECK(beyond->front().text == "\n");
  }
}

TEST_CASE("a screen is not read where nothing was written since, as tmux tells", "[adapters][tmux]") {
  World world;
  (void)world.server.session("a", {"sh", "-c", "echo words; exec cat"});
  REQUIRE(world.server.shows("=a:", "words"));
  auto const pane = world.ref("=a:");
  auto const written = std::chrono::seconds{std::stoll(world.server.format("=a:", "#{window_activity}"))};
  auto const look = [&](std::chrono::seconds since) {
    auto screens = world.run(world.tmux.look({{pane}, {}, {}, {{pane, core::WallTime{since}}}}));
    REQUIRE(screens);
    REQUIRE(screens->size() == 1);
    return std::move(screens->front());
  };
  CHECK(look(written + std::chrono::seconds{1}) == core::Screen{pane, {}, {}, false, 1, true});
  CHECK_THAT(look(written).text, CF_CONTAINS("words\n"));  // within the same second nobody can tell
  CHECK_FALSE(look(written).as_before);
  SECTION("what is written then is read") {
    auto const later = written + std::chrono::hours{1};
    REQUIRE(look(later).as_before);
    world.server.command({"send-keys", "-t", "=a:", "more", "Enter"});
    REQUIRE(world.server.shows("=a:", "more"));
    auto const again = std::chrono::seconds{std::stoll(world.server.format("=a:", "#{window_activity}"))};
    CHECK_THAT(look(again).text, CF_CONTAINS("more"));
  }
  SECTION("the row that tmux itself writes when the program has ended is read") {
    world.server.command({"set-option", "-w", "-t", "=a:", "remain-on-exit", "on"});
    world.server.command({"send-keys", "-t", "=a:", "C-d"});
    REQUIRE(test::eventually([&] {
      world.server.reap();
      return world.server.screen("=a:").find("Pane is dead") != std::string::npos;
    }));
    CHECK_THAT(look(written + std::chrono::hours{1}).text, CF_CONTAINS("Pane is dead"));
  }
}

TEST_CASE("colours are captured on demand", "[adapters][tmux]") {
  World world;
  (void)world.server.session("a", {"sh", "-c", "printf 'plain \\033[2mdim\\033[0m\\n'; exec cat"});
  REQUIRE(world.server.shows("=a:", "dim"));
  auto pane = world.ref("=a:");
  auto const screen = world.run(world.tmux.capture_colours(pane));
  REQUIRE(screen);
  CHECK_THAT(screen->text, CF_CONTAINS("plain \x1b[2mdim"));
  pane.id = core::PaneId{"%99"};
  CHECK(world.run(world.tmux.capture_colours(pane)).error().kind == ErrorKind::not_found);
}
