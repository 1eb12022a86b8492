#include "adapters/draft.hpp"

#include "test/support/catch.hpp"

#include <string>

using failover::adapters::holds_only_a_suggestion;

namespace {

/// As tmux 3.3a prints the box of Claude Code 2.1.100 with `capture-pane -p -e`.
std::string box(std::string const& content) {
  return "\x1b[38;5;174m│\x1b[39m Tips\n"
         "\x1b[38;5;244m──────────────────────\n"
         "\x1b[39m❯\u00a0" +
         content +
         "\n"
         "\x1b[0m\x1b[38;5;244m\x1b[49m──────────────────────\n"
         "\x1b[39m  \x1b[38;5;246m?\x1b[39m \x1b[38;5;246mfor\x1b[39m \x1b[38;5;246mshortcuts\n";
}

}  // namespace

TEST_CASE("faint text under the cursor is a suggestion", "[adapters][draft]") {
  CHECK(holds_only_a_suggestion(box("\x1b[7mT\x1b[0m\x1b[2mry \"refactor <filepath>\"")));
  CHECK(holds_only_a_suggestion(box("\x1b[2mTry it\x1b[0m")));
  CHECK(holds_only_a_suggestion(box("\x1b[7mT\x1b[0m\x1b[38;5;246mry \x1b[39m \x1b[38;5;246mit")));
  CHECK(holds_only_a_suggestion(box("\x1b[7mT\x1b[27m\x1b[38;2;153;153;153mry it\x1b[39m")));
  CHECK(holds_only_a_suggestion(box("\x1b[7mT\x1b[0m\x1b[90mry it\x1b[39m")));
  CHECK(holds_only_a_suggestion(box("\x1b[7mT\x1b[0m\x1b[2mry a long\n  one that goes on")));
}

TEST_CASE("text in the ordinary colour is a draft, wherever the cursor stands", "[adapters][draft]") {
  CHECK_FALSE(holds_only_a_suggestion(box("hello my draft\x1b[7m ")));
  CHECK_FALSE(holds_only_a_suggestion(box("\x1b[7mh\x1b[0mello")));
  CHECK_FALSE(holds_only_a_suggestion(box("\x1b[7mh\x1b[0m")));
  CHECK_FALSE(holds_only_a_suggestion(box("a \x1b[2mgrey completion\x1b[0m")));
  CHECK_FALSE(holds_only_a_suggestion(box("\x1b[38;2;255;255;255mwhite")));
  CHECK_FALSE(holds_only_a_suggestion(box("\x1b[38;2;0;0;0mblack")));
  CHECK_FALSE(holds_only_a_suggestion(box("\x1b[38;5;255mnearly white")));
  CHECK_FALSE(holds_only_a_suggestion(box("\x1b[38;2;80;160;80mgreen")));
  CHECK_FALSE(holds_only_a_suggestion(box("\x1b[2mfaint first row\x1b[0m\n  ordinary second row")));
  CHECK_FALSE(holds_only_a_suggestion(box("\x1b[2m\x1b[22mno longer faint")));
  CHECK_FALSE(holds_only_a_suggestion(box("\x1b[48;5;244mgrey ground")));
}

TEST_CASE("an empty box and a screen without a box hold no suggestion", "[adapters][draft]") {
  CHECK_FALSE(holds_only_a_suggestion(box("\x1b[7m ")));
  CHECK_FALSE(holds_only_a_suggestion(""));
  CHECK_FALSE(holds_only_a_suggestion("$ ls\nfile\n"));
  CHECK_FALSE(holds_only_a_suggestion("❯ \x1b[2mno rule below\n"));
  CHECK_FALSE(holds_only_a_suggestion("\x1b["));
  CHECK_FALSE(holds_only_a_suggestion("\x1b[38;5mx\x1b[38;2;1m\x1b[99999999999999999999m❯ y\n─"));
}

TEST_CASE("of several prompt lines the lowest is the box", "[adapters][draft]") {
  CHECK(holds_only_a_suggestion("> an earlier prompt\n" + box("\x1b[7mT\x1b[0m\x1b[2mry it")));
  CHECK_FALSE(holds_only_a_suggestion("> \x1b[2mfaint history\x1b[0m\n" + box("a draft")));
}

TEST_CASE("a box without a frame is judged where it reads as expected", "[adapters][draft]") {
  using failover::adapters::holds_only_an_unframed_suggestion;
  std::string const foot = "\n\n\x1b[2m  model · ~/work\x1b[0m\n";
  CHECK(holds_only_an_unframed_suggestion("› asked\n\n› \x1b[2mAsk it to do" + foot, "Askittodo"));
  CHECK(holds_only_an_unframed_suggestion("› \x1b[7mA\x1b[0m\x1b[2msk it\n  to do" + foot, "Askittodo"));
  CHECK_FALSE(holds_only_an_unframed_suggestion("› Ask it to do" + foot, "Askittodo"));
  CHECK_FALSE(holds_only_an_unframed_suggestion("› \x1b[2mAsk it to do" + foot, "Ask"));
  CHECK_FALSE(holds_only_an_unframed_suggestion("› " + foot, ""));
  CHECK_FALSE(holds_only_an_unframed_suggestion("", ""));
  std::string const below = "\n┃\n┃  Build  model\n╹▀▀▀▀▀▀▀▀\n  ctrl+p commands\n";
  CHECK(holds_only_an_unframed_suggestion("┃\n┃  \x1b[2mAsk anything\x1b[0m" + below, "Askanything"));
  CHECK_FALSE(holds_only_an_unframed_suggestion("┃\n┃  Ask anything" + below, "Askanything"));
  CHECK_FALSE(holds_only_an_unframed_suggestion("╹▀▀▀▀▀▀▀▀", "x"));
  CHECK_FALSE(holds_only_an_unframed_suggestion("┃\n╹▀▀▀▀▀▀▀▀", "x"));
}
