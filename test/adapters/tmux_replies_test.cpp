#include "adapters/tmux_replies.hpp"

#include "test/support/catch.hpp"

using namespace failover;
using core::PaneId;
using core::PaneRef;
using core::Screen;
namespace replies = failover::adapters::tmux;

namespace {

std::string const mark = "cf0123";
PaneRef const first{10, 20, PaneId{"%1"}};
PaneRef const second{10, 20, PaneId{"%2"}};

std::string row(std::vector<std::string> const& fields) {
  std::string text;
  for (auto const& field : fields) text += mark + (text.empty() ? "[" : "|") + field;
  return text + mark + "]\n";
}

std::vector<std::string> fields_of(std::string id, std::string path) {
  return {"10", "20", std::move(id), "name", "30", "cat", std::move(path), "80", "24",
          "0",  "",   "0",           "1",    "1",  "0",   "/dev/pts/5",    ""};
}

}  // namespace

TEST_CASE("rows of a listing that do not fit are left out, the others kept", "[adapters][tmux]") {
  auto no_number = fields_of("%3", "/");
  no_number[0] = "10x";
  auto too_short = fields_of("%4", "/");
  too_short.pop_back();
  auto const text = "noise\n" + row(fields_of("%1", "/a")) + row(no_number) + row(too_short) +
                    row(fields_of("7", "/")) + row(fields_of("%2", "/b\nc [|]")) + mark + "[10" + mark + "|20";
  auto const panes = replies::parse_panes(text, mark);
  REQUIRE(panes.size() == 2);
  CHECK(panes[0].pane == first);
  CHECK(panes[0].cwd == "/a");
  CHECK(panes[0].tty == "/dev/pts/5");
  CHECK(panes[1].pane == second);
  CHECK(panes[1].cwd == "/b\nc [|]");
}

TEST_CASE("the status with which a pane's program ended is told where tmux knows it", "[adapters][tmux]") {
  auto dead = fields_of("%1", "/");
  dead[9] = "1";
  dead[10] = "137";
  auto signalled = dead;
  signalled[2] = "%2";
  signalled[10] = "";
  auto const panes = replies::parse_panes(row(dead) + row(signalled), mark);
  REQUIRE(panes.size() == 2);
  CHECK(panes[0].exit_status == 137);
  CHECK_FALSE(panes[1].exit_status);
}

TEST_CASE("a screen whose end did not arrive is not taken for a whole one", "[adapters][tmux]") {
  auto const text = mark + " 10 20 %1\nrow  \n\n" + mark + " 10 20 %2\ncut o";
  CHECK(replies::parse_screens(text, mark, {first, second}) == std::vector<Screen>{{first, "row\n\n"}});
}

TEST_CASE("only screens that were asked for are taken, each once", "[adapters][tmux]") {
  auto const text = mark + " 10 20 %1\na\n" + mark + " 10 20 %3\nb\n" + mark + " 11 20 %2\nc\n" + mark +
                    " 10 20 %1\nd\n" + mark + " end\n";
  CHECK(replies::parse_screens(text, mark, {first, second}) == std::vector<Screen>{{first, "a\n"}});
}

TEST_CASE("a key counts only of a client that is attached", "[adapters][tmux]") {
  auto const text = mark + " 10 20 %1 | @5\na\n" + mark + " 10 20 %2 | @6\nb\n" + mark +
                    " client 0 1795664092 $1 @4 @5 \n" + mark + " end\n";
  auto const key = core::WallTime{std::chrono::seconds{1795664092}};
  CHECK(replies::parse_screens(text, mark, {first, second}) ==
        std::vector<Screen>{{first, "a\n", key}, {second, "b\n", {}}});
}

TEST_CASE("of several terminals that show a window the last key counts, of a control client none", "[adapters][tmux]") {
  auto const text = mark + " 10 20 %1 | @5\na\n" + mark + " client 0 1795664092 $1 @5 \n" + mark +
                    " client 1 1795664099 $1 \n" + mark + " client 0 1795664095 $2 @5 @7 \n" + mark +
                    " client 0 1795664090 $3 @5 \n" + mark + " client 0 x $3 @5 \n" + mark + " end\n";
  auto const key = core::WallTime{std::chrono::seconds{1795664095}};
  CHECK(replies::parse_screens(text, mark, {first}) == std::vector<Screen>{{first, "a\n", key}});
}

TEST_CASE("a session counts as attached by a terminal, not by a control client", "[adapters][tmux]") {
  auto seen = fields_of("%1", "/a");
  auto unseen = fields_of("%2", "/b");
  seen[14] = "$1";
  unseen[14] = "$2";
  auto const text = row(seen) + row(unseen) + mark + " client 0 1795664092 $1 @1 \n" + mark +
                    " client 1 1795664092 $2 \n" + mark + " end\n";
  auto const panes = replies::parse_panes(text, mark);
  REQUIRE(panes.size() == 2);
  CHECK(panes[0].attached);
  CHECK_FALSE(panes[1].attached);
}

TEST_CASE("a control client goes to a session of ours, best to one that no terminal shows", "[adapters][tmux]") {
  auto const in = [](std::string session, std::string owner) {
    auto fields = fields_of("%1", "/");
    fields[14] = std::move(session);
    fields[16] = std::move(owner);
    return row(fields);
  };
  auto const shown = mark + " client 0 1795664092 $1 @1 \n" + mark + " client 0 1795664092 $3 @1 \n";
  auto const theirs = in("$1", "") + in("$2", "") + in("no id", "claude-failover") + in("", "claude-failover");
  CHECK(replies::session_to_attach(theirs + shown, mark) == "$2");
  CHECK(replies::session_to_attach(theirs + in("$3", "claude-failover") + shown, mark) == "$3");
  CHECK(replies::session_to_attach(theirs + in("$3", "x") + in("$4", "claude-failover") + shown, mark) == "$4");
  CHECK(replies::session_to_attach("", mark).empty());
}

TEST_CASE("of a screen beyond the bound the last whole rows are kept", "[adapters][tmux]") {
  std::string rows;
  for (int i = 0; i < 100; ++i) rows += std::to_string(i) + std::string(9998, 'x') + "\n";
  auto const screens = replies::parse_screens(mark + " 10 20 %1\n" + rows + mark + " end\n", mark, {first});
  REQUIRE(screens.size() == 1);
  CHECK(screens[0].text.size() <= replies::max_pane_bytes);
  CHECK(screens[0].text.size() > replies::max_pane_bytes - 10002);
  CHECK(rows.ends_with("\n" + screens[0].text));
}

TEST_CASE("only % and digits are a pane's id", "[adapters][tmux]") {
  CHECK(replies::is_pane_id("%0"));
  CHECK(replies::is_pane_id("%123"));
  for (auto const* text : {"", "%", "0", "%1 ", "%1;", "%-1", "$1", "%12345678901234"}) {
    CHECK_FALSE(replies::is_pane_id(text));
  }
  CHECK(replies::parse_pane_ref(replies::printed(first)) == first);
  CHECK_FALSE(replies::parse_pane_ref("10 20 "));
  CHECK_FALSE(replies::parse_pane_ref("10 20 %1 x"));
}
