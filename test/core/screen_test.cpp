#include "core/screen.hpp"

#include "core/fold.hpp"
#include "test/support/catch.hpp"

#include <random>
#include <string>

using namespace failover::core;

namespace {

Layout claude() {
  Layout layout;
  layout.prompts = U"❯>";
  layout.bullets = U"●⏺";
  layout.gutters = U"⎿└";
  layout.spinners = U"✻✽✶✢✳·*";
  layout.marks = U"⚠";
  layout.selectors = U"❯>";
  layout.version_after = "claudecodev";
  layout.own_prompts = {"/rate-limit-options"};
  return layout;
}

constexpr char const* rule = "────────────────────────────────────────\n";

std::string with_box(std::string const& above, std::string const& input = "", std::string const& below = "") {
  return above + rule + "❯\u00a0" + input + "\n" + rule + below;
}

}  // namespace

TEST_CASE("the newest turn begins after the last prompt", "[core][screen]") {
  auto const parts =
      parse_screen(claude(), with_box("❯ one\n\n● first answer\n\n❯ two\n\n● second answer\n  goes on\n\n"));
  REQUIRE(parts.turn.size() == 1);
  CHECK(parts.turn[0].kind == BlockKind::bullet);
  CHECK(parts.turn[0].rows.text == "second answer\ngoes on");
  CHECK(parts.turn[0].rows.numbers == std::vector<int>{7, 8});
  CHECK(parts.prompts_seen == 2);
}

TEST_CASE("the input box is found between two rules, in a drawn box, or bare", "[core][screen]") {
  auto const framed = parse_screen(claude(), with_box("● x\n", "half a thought", "  ? for shortcuts\n"));
  CHECK(framed.has_input_box);
  CHECK(framed.input_text == "half a thought");
  CHECK(framed.input_row == 3);
  REQUIRE(framed.notices.size() == 1);
  CHECK(framed.notices[0].text == "? for shortcuts");

  auto const drawn = parse_screen(claude(), "╭──────────────────╮\n│ > words          │\n╰──────────────────╯\n");
  CHECK(drawn.has_input_box);
  CHECK(drawn.input_text == "words");

  auto const titled = parse_screen(
      claude(),
      "● x\n\n──────────────────── bronze ─\n❯ keep going\n──────────────────────────────\n  ? for shortcuts\n");
  CHECK(titled.has_input_box);
  CHECK(titled.input_text == "keep going");

  CHECK(parse_screen(claude(), "● x\n\n❯ \n  Opus 5 ctx:5%\n").has_input_box);
  CHECK_FALSE(parse_screen(claude(), "● x\n\n❯ said\n\n● y\n").has_input_box);
}

TEST_CASE("where no box is drawn, a prompt that the agent answered with a message is none", "[core][screen]") {
  auto codex = claude();
  codex.last_prompt_is_input = true;
  auto const draft = parse_screen(codex, "● x\n\n> half a thought\n\n  ⚠ 12% context left\n");
  CHECK(draft.input_text == "half a thought");

  auto const answered = parse_screen(codex, "● x\n\n> go on\n  and on\n\n⚠ out of credits\n");
  CHECK_FALSE(answered.has_input_box);
  CHECK_FALSE(answered.unanswered);
  CHECK(answered.newest_prompt == "goonandon");
  REQUIRE(answered.turn.size() == 1);
  CHECK(answered.turn[0].rows.text == "out of credits");
}

TEST_CASE("a text of several rows stands in the box as it was typed", "[core][screen]") {
  auto const parts = parse_screen(claude(), with_box("● x\n", "first\n  second\n\n  third", ""));
  CHECK(parts.input_text == "first\nsecond\n\nthird");
}

TEST_CASE("a list that a person typed is no menu", "[core][screen]") {
  auto const parts = parse_screen(claude(), with_box("❯ 1. do this\n  2. do that\n\n● Yes.\n\n"));
  CHECK(parts.dialog.empty());
  CHECK(parts.prompts_seen == 1);
}

TEST_CASE("an open menu is a dialog with its options", "[core][screen]") {
  auto const parts =
      parse_screen(claude(), std::string("● I will run it.\n\n") + rule +
                                 " Bash command\n\n Do you want to proceed?\n ❯ 1. Yes\n   2. No\n\n Esc to cancel\n");
  REQUIRE(parts.dialog.size() == 5);
  CHECK(parts.dialog[0].text == "Bash command");
  CHECK(parts.dialog[2].text == "Yes");
  CHECK(parts.dialog[2].option);
  CHECK(parts.dialog[3].option);
  CHECK_FALSE(parts.dialog[4].option);
  REQUIRE(parts.turn.size() == 1);
}

TEST_CASE("options without numbers are told by their column", "[core][screen]") {
  auto const parts =
      parse_screen(claude(), " Trust this?\n\n ❯ No, exit\n   Yes, I trust this folder\n     (carefully)\n");
  REQUIRE(parts.dialog.size() == 4);
  CHECK(parts.dialog[1].option);
  CHECK(parts.dialog[2].option);
  CHECK_FALSE(parts.dialog[3].option);
}

TEST_CASE("what an agent quotes belongs to its own block", "[core][screen]") {
  auto const parts = parse_screen(
      claude(),
      with_box(
          "❯ what does the log say\n\n● The log:\n\n    ⎿  You've hit your limit\n\n    ❯ 1. Yes\n      2. No\n\n"));
  REQUIRE(parts.turn.size() == 1);
  CHECK(parts.turn[0].kind == BlockKind::bullet);
  CHECK(parts.dialog.empty());
}

TEST_CASE("a gutter knows whether a tool stands above it", "[core][screen]") {
  auto const parts = parse_screen(claude(), "● Bash(ls)\n  ⎿  a\n     b\n\n● Reading\n  ⎿  c\n\n  ⎿  d\n");
  REQUIRE(parts.turn.size() == 5);
  CHECK(parts.turn[1].tool);
  CHECK(parts.turn[1].rows.text == "a\nb");
  CHECK(parts.turn[3].under_bullet);
  CHECK_FALSE(parts.turn[3].tool);
}

TEST_CASE("a second gutter of a bullet is told from a tool's result and from what it quotes", "[core][screen]") {
  auto const parts = parse_screen(claude(), with_box("● Bash(cat x)\n  ⎿  one\n     ⎿  quoted\n  ⎿  two\n"));
  REQUIRE(parts.turn.size() == 3);
  CHECK(parts.turn[1].rows.text == "one\nquoted");
  CHECK_FALSE(parts.turn[1].again);
  CHECK(parts.turn[2].again);

  auto const prompt = parse_screen(claude(), with_box("❯ x\n  ⎿  one\n  ⎿  two\n"));
  REQUIRE(prompt.turn.size() == 2);
  CHECK_FALSE(prompt.turn[1].again);
}

TEST_CASE("the last row of a dialog above a bare prompt belongs to the dialog", "[core][screen]") {
  auto const parts = parse_screen(claude(), "  Teach it?\n\n  ❯ 1. Yes\n    2. No\n\n  Enter to confirm\n❯\n" +
                                                std::string{rule} + "  ? for shortcuts\n");
  CHECK(parts.has_input_box);
  REQUIRE(parts.dialog.size() == 4);
  CHECK(parts.dialog[3].text == "Enter to confirm");
}

TEST_CASE("columns below the box go on by themselves", "[core][screen]") {
  auto const parts = parse_screen(claude(), with_box("", "",
                                                     " ⏸ plan mode on            You've used 99% · resets 8pm\n"
                                                     " (shift+tab to cycle)      (America/Sao_Paulo) · /upgrade\n"));
  REQUIRE(parts.notices.size() == 2);
  CHECK(parts.notices[1].text == "You've used 99% · resets 8pm\n(America/Sao_Paulo) · /upgrade");
}

TEST_CASE("prompts that the agent gives itself begin no turn", "[core][screen]") {
  auto const parts = parse_screen(claude(), with_box("❯ go\n  ⎿  You've hit your limit\n\n❯ /rate-limit-options\n"));
  REQUIRE(parts.turn.size() == 1);
  CHECK(parts.turn[0].kind == BlockKind::gutter);
  CHECK(parts.prompts_seen == 1);
}

TEST_CASE("the version is read from the banner only", "[core][screen]") {
  CHECK(parse_screen(claude(), " ▐▛███▛█   Claude Code v2.1.330\n\n❯ hi\n").agent_version == "2.1.330");
  CHECK(parse_screen(claude(), "● it is Claude Code v9.9\n").agent_version.empty());
}

TEST_CASE("escape sequences, carriage returns and odd bytes are left out", "[core][screen]") {
  auto const parts = parse_screen(claude(), "\x1b[38;5;211m  \xE2\x8E\xBF\x1b[0m  You've\x1b[1m hit\r\n");
  REQUIRE(parts.turn.size() == 1);
  CHECK(parts.turn[0].kind == BlockKind::gutter);
  CHECK(parts.turn[0].rows.text == "You've hit");
}

TEST_CASE("any bytes are taken apart without harm", "[core][screen]") {
  std::mt19937 engine{20261122};
  std::string const pieces[] = {"❯ ",       "● ",    "  ⎿  ",   "│",     "╭────────╮", "────────────",       "1. ",
                                "✻ x…",     "\n",    "\n",      "\n",    " ",          std::string(1, '\0'), "\xff",
                                "\xe2\x8e", "\x1b[", "\x1b]0;", "words", "\t",         "▔▔▔▔▔▔▔▔▔",          "     "};
  for (int round = 0; round < 3000; ++round) {
    std::string screen;
    std::size_t const length = engine() % 60;
    for (std::size_t i = 0; i < length; ++i) screen += pieces[engine() % std::size(pieces)];
    auto const parts = parse_screen(claude(), screen);
    std::size_t rows = 0;
    for (auto const& block : parts.turn) rows += block.rows.numbers.size();
    REQUIRE(rows <= 1 + static_cast<std::size_t>(std::count(screen.begin(), screen.end(), '\n')));
  }
}

TEST_CASE("clipping keeps whole characters", "[core][screen]") {
  CHECK(clipped("äöü", 3) == "äöü");
  CHECK(clipped("äöüß", 3) == "äö…");
  CHECK(clipped("a\xff\xfe", 5) == "a\xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(clipped("", 3).empty());
}

TEST_CASE("a panel on its foot is the input box; its last text names the model", "[core][screen]") {
  Layout layout;
  layout.prompts = U">";
  layout.input_panel = true;
  std::string const foot = "┃\n┃  Build  GLM-5.2\n╹▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀\n  48.1K  24%   ctrl+p commands\n";
  auto const empty = parse_screen(layout, "┃\n┃  asked\n┃\n\n   Done.\n\n┃\n" + foot);
  CHECK(empty.has_input_panel);
  CHECK(empty.input_text.empty());
  auto const typed = parse_screen(layout, "   Done.\n\n┃\n┃  go on\n┃\n┃  > and quote\n" + foot);
  CHECK(typed.has_input_panel);
  CHECK(typed.input_text == "go on\n\nand quote");
  CHECK(typed.input_row == 4);
  for (auto const& block : typed.turn) CHECK(block.rows.text.find("go on") == std::string::npos);
  for (auto const* none : {"┃  asked\n┃\n\n   Done.\n", "╹▀▀▀▀▀▀▀▀▀▀\n", ""})
    CHECK_FALSE(parse_screen(layout, none).has_input_panel);
}

TEST_CASE("what an empty box shows is no typed text", "[core][screen]") {
  auto layout = claude();
  layout.placeholders = {"Ask it to do anything"};
  CHECK(parse_screen(layout, with_box("● x\n", "Ask it to do anything")).input_text.empty());
  CHECK(parse_screen(layout, with_box("● x\n", "Ask it to do anything else")).input_text ==
        "Ask it to do anything else");
}
