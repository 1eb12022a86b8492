#include "core/classify.hpp"

#include "core/fold.hpp"
#include "core/rfc3339.hpp"
#include "test/support/catch.hpp"
#include "test/support/fixed_zones.hpp"

#include <random>
#include <string>
#include <vector>

using namespace failover::core;

namespace {

constexpr unsigned block = 1 | 2 | 4;  // bullet, gutter, plain

Rule rule(std::string id, ScreenState state, unsigned places, std::string_view text) {
  Rule rule;
  rule.id = std::move(id);
  rule.state = state;
  rule.places = static_cast<std::uint16_t>(places);
  rule.text = TextTemplate::compile(text).value();
  return rule;
}

/// A small table: one rule of each kind that the judgement treats differently.
PatternTable table() {
  Layout layout;
  layout.prompts = U"❯>";
  layout.bullets = U"●";
  layout.gutters = U"⎿";
  layout.spinners = U"✻";
  layout.marks = U"⚠";
  layout.selectors = U"❯";
  layout.reset_after = {"resets", "automaticallyat"};
  layout.footers = {"?forshortcuts"};
  auto recovered = rule("recovered", ScreenState::idle, block, "usage limit has reset");
  recovered.meaning = Meaning::recovered;
  auto companion = rule("companion", ScreenState::unknown, block, "/upgrade");
  companion.meaning = Meaning::companion;
  auto wall = rule("wall", ScreenState::quota_exhausted, block | 16, "you've hit your session limit( · |{end})");
  wall.scope = Scope::account;
  wall.window = Window::five_hour;
  wall.closed = true;
  auto armed = rule("armed", ScreenState::quota_exhausted, 16, "usage limit reached · continuing automatically at");
  armed.scope = Scope::account;
  armed.window = Window::unknown;
  armed.armed = true;
  auto menu = rule("menu", ScreenState::quota_exhausted, 128, "stop and wait for limit to reset");
  menu.scope = Scope::account;
  menu.window = Window::unknown;
  menu.menu = true;
  auto warning = rule("warning", ScreenState::quota_warning, block | 16 | 32, "you've used {n}% of your");
  warning.scope = Scope::account;
  return PatternTable{"test",
                      layout,
                      {recovered, warning, wall, armed, menu, companion,
                       rule("auth", ScreenState::auth_error, block, "please run /login"),
                       rule("server", ScreenState::server_error, block, "api error: 5{n}"),
                       rule("spinner", ScreenState::working, 8, "{*}..."),
                       rule("interrupt", ScreenState::working, 16, "{*}esc to interrupt"),
                       rule("permission", ScreenState::permission_prompt, 64, "do you want to proceed\\?")}};
}

Reading read(std::string const& screen, std::string_view now = "2026-11-22T10:00:00Z") {
  static PatternTable const rules = table();
  return read_screen(rules, screen, from_rfc3339(now).value(), fixed_zones(), "UTC");
}

ScreenState state(std::string const& screen) {
  return read(screen).seen.state;
}

std::string const line = "────────────────────────────────────────\n";
std::string box(std::string const& below = "") {
  return "\n" + line + "❯\u00a0\n" + line + below;
}
std::string const wall = "  ⎿  You've hit your session limit · resets 3pm (UTC)\n";

}  // namespace

TEST_CASE("a limit in the newest turn is seen with its row, window and reset", "[core][classify]") {
  auto const reading = read("❯ go\n" + wall + box());
  CHECK(reading.seen.state == ScreenState::quota_exhausted);
  CHECK(reading.seen.scope == Scope::account);
  CHECK(reading.seen.window == Window::five_hour);
  CHECK(reading.seen.resets_at == from_rfc3339("2026-11-22T15:00:00Z"));
  CHECK(reading.seen.rule == "wall");
  CHECK(reading.seen.evidence == Evidence{2, "You've hit your session limit · resets 3pm (UTC)"});
  CHECK(reading.has_input_box);
  CHECK(reading.prompts_seen == 1);
}

TEST_CASE("a long screen at work tells from which row on it shows that", "[core][classify]") {
  std::string const words = "● first\n" + std::string("  more of it\n  and more\n");
  std::string said;
  for (int i = 0; i < 10; ++i) said += words;
  std::string const spinner = "\n✻ Thinking… (3s)\n";
  auto const screen = "❯ go\n\n" + said + spinner + box();
  auto const reading = read(screen);
  REQUIRE(reading.seen.state == ScreenState::working);
  CHECK(reading.seen.evidence.row == 34);
  CHECK(reading.works_from == 33);
  SECTION("the rest reads as at work, and at rest when it has come to rest") {
    std::string tail = "  more of it\n  and more\n● first\n  more of it\n  and more\n";
    CHECK(state(tail + spinner + box()) == ScreenState::working);
    CHECK(state(tail + "\n✻ Worked for 3s\n" + box()) == ScreenState::idle);
  }
  SECTION("a prompt that stands there is needed") {
    CHECK(read("● one\n" + said + "❯ go" + spinner + box()).works_from == 0);
  }
  SECTION("of a short one all is needed") {
    CHECK(read("❯ go\n\n● first\n" + spinner + box()).works_from == 0);
  }
  SECTION("one that does not work tells none") {
    CHECK(read("❯ go\n\n" + said + box()).works_from == 0);
  }
  SECTION("a limit above outranks it") {
    CHECK(read(said + wall + spinner + box()).works_from == 0);
  }
}

TEST_CASE("a limit above a new prompt or a new answer does not count", "[core][classify]") {
  CHECK(state("❯ go\n" + wall + "\n❯ again\n\n● Done.\n" + box()) == ScreenState::idle);
  CHECK(state("❯ go\n" + wall + "\n● Now it works.\n" + box()) == ScreenState::idle);
  CHECK(state("❯ go\n" + wall + "\n● Usage limit has reset · press enter\n" + box()) == ScreenState::idle);
}

TEST_CASE("to-do lists, spent spinners and companions below a limit do not hide it", "[core][classify]") {
  CHECK(state("❯ go\n" + wall + "     /upgrade to go on\n\n✻ Cooked for 0s\n\n  3 tasks (1 done)\n  ✔ one\n  ◼ two\n" +
              box()) == ScreenState::quota_exhausted);
}

TEST_CASE("quoted limits are not limits", "[core][classify]") {
  CHECK(state("❯ q\n\n● The log says:\n\n    You've hit your session limit · resets 3pm (UTC)\n" + box()) ==
        ScreenState::idle);
  CHECK(state("❯ q\n\n● You've hit your session limit · resets 3pm (UTC) is what it prints.\n" + box()) ==
        ScreenState::idle);
  CHECK(state("❯ q\n\n● Bash(cat log)\n" + wall + "     and more output\n" + box()) == ScreenState::idle);
  CHECK(state("❯ You've hit your session limit · resets 3pm (UTC)\n" + box()) == ScreenState::idle);
  CHECK(state("❯ q\n\n● Bash(cat log)\n" + wall + box("  ⏵⏵ auto · esc to interrupt\n")) == ScreenState::working);
}

TEST_CASE("rows at the top whose head has scrolled away are nobody's limit", "[core][classify]") {
  CHECK(state("     You've hit your session limit · resets 3pm (UTC)\n" + box()) == ScreenState::idle);
  CHECK(state("     more output\n\n     You've hit your session limit · resets 3pm (UTC)\n" + box()) ==
        ScreenState::idle);
  CHECK(state("     You've hit your session limit · resets 3pm (UTC)\n") == ScreenState::quota_exhausted);
}

TEST_CASE("what a program, a file or the user's own command printed is no limit", "[core][classify]") {
  auto layout = table().layout();
  layout.output_tools = {"Bash", "Read"};
  layout.shells = U"!";
  PatternTable const tools{"test", layout, table().rules()};
  auto const seen = [&](std::string const& screen) {
    return read_screen(tools, screen, from_rfc3339("2026-11-22T10:00:00Z").value(), fixed_zones(), "UTC").seen.state;
  };
  CHECK(seen("❯ q\n\n● Bash(cat log)\n" + wall + box()) == ScreenState::idle);
  CHECK(seen("❯ q\n\n● github - get_issue (MCP)(number: 3)\n" + wall + box()) == ScreenState::idle);
  CHECK(seen("❯ q\n\n● ok\n\n! cat log\n" + wall + box()) == ScreenState::idle);
  CHECK(seen("❯ q\n\n● Bash(ls)\n  ⎿  a\n" + wall + box()) == ScreenState::quota_exhausted);
  CHECK(seen("❯ q\n\n● Agent(x)\n" + wall + box()) == ScreenState::quota_exhausted);
}

TEST_CASE("a limit in a table or a box that stands inside an answer is quoted", "[core][classify]") {
  CHECK(state("❯ q\n\n● Here:\n\n  ┌────────────────────────────────┐\n  │ You've hit your session limit │\n"
              "  └────────────────────────────────┘\n" +
              box()) == ScreenState::idle);
}

TEST_CASE("the agent's own gutter below a tool's result says what ails the agent", "[core][classify]") {
  std::string const tool = "❯ q\n\n● Bash(make)\n  ⎿  ok\n";
  CHECK(state(tool + "  ⎿  Please run /login\n" + box()) == ScreenState::auth_error);
  CHECK(state(tool + "     ⎿  Please run /login\n" + box()) == ScreenState::idle);
  CHECK(state("❯ q\n\n● Bash(make)\n  ⎿  Please run /login\n" + box()) == ScreenState::idle);
}

TEST_CASE("a message below the box may stand two blanks right of the agent's own footer", "[core][classify]") {
  std::string const done = "❯ q\n\n● Done.\n";
  CHECK(state(done + box("  ? for shortcuts  You've used 91% of your limit\n")) == ScreenState::quota_warning);
  CHECK(state(done + box("  ? for shortcuts You've used 91% of your limit\n")) == ScreenState::idle);
  CHECK(state(done + box("  explore  You've used 91% of your limit\n")) == ScreenState::idle);
}

TEST_CASE("the reset that is announced below the box ends the limit above it", "[core][classify]") {
  auto rules = table().rules();
  rules[0].places = static_cast<std::uint16_t>(rules[0].places | 16);
  PatternTable const announced{"test", table().layout(), rules};
  auto const reading = read_screen(announced, "❯ q\n" + wall + box("  ⚠ Usage limit has reset · press enter\n"),
                                   from_rfc3339("2026-11-22T10:00:00Z").value(), fixed_zones(), "UTC");
  CHECK(reading.seen.state == ScreenState::idle);
}

TEST_CASE("a limit may stand alone under a tool or an agent", "[core][classify]") {
  CHECK(state("❯ q\n\n● Agent(x)\n  ⎿  Done\n" + wall + "     /upgrade to go on\n" + box()) ==
        ScreenState::quota_exhausted);
  CHECK(state("● You've hit your session limit · resets 3pm (UTC)\n" + box()) == ScreenState::quota_exhausted);
}

TEST_CASE("a server error vetoes a limit in its own turn only", "[core][classify]") {
  CHECK(state("❯ q\n" + wall + "\n  ⎿  API Error: 500 rate limit\n" + box()) == ScreenState::server_error);
  CHECK(state("❯ q\n\n● API Error: 500\n\n❯ again\n" + wall + box()) == ScreenState::quota_exhausted);
}

TEST_CASE("what asks outranks work, work outranks errors, errors outrank rest", "[core][classify]") {
  std::string const ask = line + " Do you want to proceed?\n ❯ 1. Yes\n   2. No\n";
  CHECK(state("❯ q\n" + wall + "\n" + ask) == ScreenState::permission_prompt);
  CHECK(state(line + " Pick one\n ❯ 1. Red\n   2. Blue\n") == ScreenState::dialog);
  CHECK(state("❯ q\n\n● API Error: 500\n" + box("  esc to interrupt\n")) == ScreenState::working);
  CHECK(state("❯ q\n\n✻ Thinking…\n" + box()) == ScreenState::working);
  CHECK(state("❯ q\n\n● Please run /login\n" + box("  You've used 91% of your limit\n")) == ScreenState::auth_error);
  CHECK(state("❯ q\n\n● ok\n" + box("  You've used 91% of your limit · resets 9pm\n")) == ScreenState::quota_warning);
  CHECK(state("❯ q\n\n● ok\n" + box()) == ScreenState::idle);
  CHECK(state("") == ScreenState::unknown);
  CHECK(state("$ ls\nfile\n$ ") == ScreenState::unknown);
}

TEST_CASE("the limit's menu is a limit and says so", "[core][classify]") {
  auto const reading = read("❯ q\n" + wall + "\n" + line +
                            "  What do you want?\n\n  ❯ 1. Upgrade\n    2. Stop and wait for limit to reset\n");
  CHECK(reading.seen.state == ScreenState::quota_exhausted);
  CHECK(reading.limit_menu);
  CHECK(reading.seen.rule == "wall");
  CHECK(reading.seen.resets_at.has_value());
  auto const quoted = read(line + " Ask\n ❯ 1. Wait\n      Stop and wait for limit to reset\n   2. Go\n");
  CHECK(quoted.seen.state == ScreenState::dialog);
}

TEST_CASE("an armed continuation is a limit, and its clock takes the zone of the message", "[core][classify]") {
  auto const reading = read("❯ q\n  ⎿  You've hit your session limit · resets 3pm (Test/East)\n" +
                            box("  ⚠ Usage limit reached · continuing automatically at 3pm\n"));
  CHECK(reading.auto_continue_armed);
  CHECK(reading.seen.resets_at == from_rfc3339("2026-11-22T13:00:00Z"));
}

TEST_CASE("a message whose date has passed is over", "[core][classify]") {
  std::string const old = "  ⎿  You've hit your session limit · resets Nov 20, 3pm (UTC)\n";
  CHECK(read("❯ q\n" + old + box(), "2026-11-19T10:00:00Z").seen.state == ScreenState::quota_exhausted);
  CHECK(read("❯ q\n" + old + box(), "2026-11-22T10:00:00Z").seen.state == ScreenState::idle);
}

TEST_CASE("text without any frame counts as the newest turn", "[core][classify]") {
  CHECK(state("You've hit your session limit · resets 3pm") == ScreenState::quota_exhausted);
  CHECK(state("You've hit your session\nlimit · resets 3pm\n(UTC)") == ScreenState::quota_exhausted);
  CHECK(state("We once hit the session limit · resets 3pm") == ScreenState::unknown);
}

TEST_CASE("the same turn has the same hash whatever runs around it", "[core][classify]") {
  auto const plain = read("❯ q\n" + wall + box()).turn_hash;
  CHECK(read("❯ q\n" + wall + box("  SL 19:38:32\n")).turn_hash == plain);
  CHECK(read("❯ q\n" + wall + "\n✻ Cooked for 0s\n" + box()).turn_hash == plain);
  CHECK(read("❯ q\n" + wall + "\n" + line + "❯ typed\n" + line).turn_hash == plain);
  CHECK(read("❯ q\n  ⎿  You've hit your session limit · resets 4pm (UTC)\n" + box()).turn_hash != plain);
}

TEST_CASE("evidence is at most 120 characters of valid text", "[core][classify]") {
  auto const reading = read("You've hit your session limit · " + std::string(500, 'x') + "\xff");
  REQUIRE(reading.seen.state == ScreenState::quota_exhausted);
  CHECK(reading.seen.evidence.text.size() == 123);  // "·" has two bytes and "…" three
}

TEST_CASE("hostile screens end in time", "[core][classify]") {
  for (auto const* piece : {"❯ 1. a\n", "⎿ You've hit your session limit · ", "│", "resets ", "\n", "● API Error: 5\n",
                            "✻ a…\n", "────────────\n❯ \n"}) {
    std::string screen;
    while (screen.size() < (2U << 20U)) screen += piece;
    CAPTURE(piece);
    CHECK(read(screen).seen.evidence.text.size() <= 480);
  }
}

TEST_CASE("screens of any bytes are read, and what is told of them is valid text", "[core][classify]") {
  std::mt19937 random{20261122};
  std::string const screens[] = {"❯ go\n" + wall + box("  ⚠ Usage limit reached · continuing automatically at 3pm\n"),
                                 line + " Do you want to proceed?\n ❯ 1. Yes\n   2. No\n",
                                 "❯ go\n\n● Bash(cat x)\n" + wall + "\n✻ Thinking…\n" + box()};
  for (int round = 0; round < 3000; ++round) {
    std::string screen = screens[random() % 3];
    for (std::size_t changes = random() % 12; changes > 0; --changes) {
      std::size_t const at = random() % screen.size();
      switch (random() % 4) {
        case 0:
          screen[at] = static_cast<char>(random() % 256);
          break;
        case 1:
          screen.erase(at, 1 + random() % 9);
          break;
        case 2:
          screen.insert(at, random() % 9, static_cast<char>(random() % 256));
          break;
        default:
          screen.insert(at, 1, '\0');
      }
      if (screen.empty()) screen = "x";
    }
    auto const reading = read(screen);
    CHECK(reading == read(screen));
    CHECK(clipped(reading.seen.evidence.text, 500) == reading.seen.evidence.text);
    CHECK(clipped(reading.newest_prompt, 500) == reading.newest_prompt);
    CHECK(reading.newest_prompt.size() <= 200);
  }
}

TEST_CASE("a pane of no size, of blanks or of a hundred megabytes is read", "[core][classify]") {
  CHECK(state("") == ScreenState::unknown);
  CHECK(state("\n") == ScreenState::unknown);
  CHECK(state(std::string(100U << 20U, '\n')) == ScreenState::unknown);
  CHECK(state(std::string(100U << 20U, 'x')) == ScreenState::unknown);
  CHECK(state(std::string(100U << 20U, '\0') + "\n❯ go\n" + wall + box()) == ScreenState::quota_exhausted);
}

TEST_CASE("a continuation is armed only while the notice below the box says so", "[core][classify]") {
  auto rules = table().rules();
  rules[3].places = static_cast<std::uint16_t>(rules[3].places | block);
  PatternTable const everywhere{"test", table().layout(), rules};
  std::string const screen = "❯ q\n\n● Usage limit reached · continuing automatically at 3pm\n";
  auto const now = from_rfc3339("2026-11-22T10:00:00Z").value();
  CHECK_FALSE(read_screen(everywhere, screen + box(), now, fixed_zones(), "").auto_continue_armed);
  CHECK(read_screen(everywhere, screen, now, fixed_zones(), "").auto_continue_armed);
}

namespace {

Classification said(std::string const& text) {
  return read_message(table(), text, from_rfc3339("2026-11-22T10:00:00Z").value(), fixed_zones(), "UTC");
}

}  // namespace

TEST_CASE("a message of the agent is a limit when it begins as one", "[core][classify]") {
  auto const seen = said("You’ve hit your session limit · resets 3pm (UTC)\n/upgrade to go on");
  CHECK(seen.state == ScreenState::quota_exhausted);
  CHECK(seen.window == Window::five_hour);
  CHECK(seen.rule == "wall");
  CHECK(seen.resets_at == from_rfc3339("2026-11-22T15:00:00Z"));
  CHECK(seen.evidence.row == 1);
  CHECK(said("\n  You've hit your session limit").evidence.row == 2);
  CHECK(said("It said: You've hit your session limit · resets 3pm").state == ScreenState::unknown);
  CHECK(said("I read the log.\nYou've hit your session limit · resets 3pm").state == ScreenState::unknown);
  CHECK(said("API Error: 500 You've hit your session limit").state == ScreenState::server_error);
}

TEST_CASE("a message is judged without a screen", "[core][classify]") {
  CHECK(said("/upgrade to go on").state == ScreenState::unknown);
  CHECK(said("").state == ScreenState::unknown);
  CHECK(said(std::string("\xff\0\xc3", 3)).state == ScreenState::unknown);
  CHECK(said("Please run /login · API Error: 401").state == ScreenState::auth_error);
  CHECK(said("You've hit your session limit · resets Nov 20, 3pm (UTC)").state == ScreenState::quota_exhausted);
  CHECK(said(std::string(100'000, 'x')).state == ScreenState::unknown);
}

TEST_CASE("the newest prompt on the screen is given as it can be compared", "[core][classify]") {
  CHECK(read("❯ First one\n\n● ok\n\n❯ Fix the\n  Build now\n\n● ok\n" + box()).newest_prompt == "fixthebuildnow");
  CHECK(read("❯ not answered yet\n").newest_prompt == "notansweredyet");
  CHECK(read("● ok\n\n" + line + "❯ a draft\n" + line).newest_prompt.empty());
  CHECK(read("").newest_prompt.empty());
  auto const cut = read("❯ a" + std::string(60, ' ') +
                        [] {
                          std::string wide;
                          for (int i = 0; i < 100; ++i) wide += "ü€";
                          return wide;
                        }() +
                        "\n\n● ok\n")
                       .newest_prompt;
  CHECK(cut.size() <= 200);
  CHECK(cut.size() > 196);
  CHECK(cut.substr(0, 3) == "aü");
  CHECK(clipped(cut, 300) == cut);
}

TEST_CASE("a turn that came to its end below a limit outdates it", "[core][classify]") {
  std::string const done = "\n✻ Churned for 2h 0m 54s\n";
  CHECK(state("❯ go\n" + wall + done + box()) == ScreenState::quota_exhausted);
  CHECK(state("❯ go\n" + wall + done + done + box()) == ScreenState::idle);
  CHECK(state("❯ go\n" + wall + done + "\n  All is merged now.\n" + done + box()) == ScreenState::idle);
  CHECK(state("❯ go\n" + wall + "\n  All is merged now.\n" + done + box()) == ScreenState::idle);
  CHECK(state("❯ go\n\n● ok\n" + done + "\n" + wall + done + box()) == ScreenState::quota_exhausted);
  CHECK(state("❯ go\n" + wall + done + "\n  2 tasks (1 done)\n  ✔ one\n  ◻ two\n" + box()) ==
        ScreenState::quota_exhausted);
  CHECK(state("❯ go\n" + wall + "\n✻ Waiting for 2 agents\n" + done + box()) == ScreenState::quota_exhausted);
}

TEST_CASE("an open menu has its reset from the nearest limit above it", "[core][classify]") {
  std::string const menu =
      "\n  What do you want to do?\n\n  ❯ 1. Stop and wait for limit to reset\n    2. Upgrade\n\n  Enter to confirm\n";
  auto const at = from_rfc3339("2026-11-22T15:00:00Z");
  for (std::string const between :
       {"", "\n✻ Cooked for 4s\n", "\n✻ Cooked for 4s\n\n✻ Cooked for 5s\n", "\n❯ and now?\n"})
    CHECK(read("❯ go\n" + wall + between + menu).seen.resets_at == at);
}

TEST_CASE("numbers without a mark or a hint are no menu", "[core][classify]") {
  CHECK(state("The plan:\n1. Stop and wait for limit to reset\n2. Go on\n") == ScreenState::unknown);
  CHECK(state("● The plan:\n\n  1. Stop and wait for limit to reset\n  2. Go on\n") == ScreenState::idle);
  CHECK(state("❯ 1. Stop and wait for limit to reset\n  2. Upgrade\n") == ScreenState::quota_exhausted);
}

TEST_CASE("a draft that begins with a number is no dialog while a turn runs", "[core][classify]") {
  CHECK(state("✻ Baking… (6s)\n❯ 1. one thing\n  2. another\n") == ScreenState::working);
  CHECK(state("● Which?\n\n❯ 1. one thing\n  2. another\n") == ScreenState::dialog);
}

TEST_CASE("a panel of agents may stand below the input box", "[core][classify]") {
  std::string const panel = "  auto · esc to interrupt\n\n  ● main          Enter to view\n  ◯ general  Build it\n";
  CHECK(state("✻ Baking… (6s)\n  ⎿  ✔ one\n     ◼ two\n" + box(panel)) == ScreenState::working);
  CHECK(read("● Done.\n" + box("  auto\n\n  ● main          Enter to view\n")).has_input_box);
}

TEST_CASE("an agent's screen without a box is at rest after an answer or a prompt", "[core][classify]") {
  CHECK(state("● Done.\n") == ScreenState::idle);
  CHECK(state("❯ go\n\n● Done.\n\n❯ /model\n  ⎿  Set to another\n") == ScreenState::idle);
  CHECK(state("❯ go\n" + wall + "\n❯ again\n") == ScreenState::idle);
  CHECK(state("Just some text.\n") == ScreenState::unknown);
}

TEST_CASE("a message about a limit in words that no rule knows is told", "[core][classify]") {
  auto const told = [](std::string const& screen) { return read(screen).unrecognised; };
  CHECK(told("❯ go\n  ⎿  Ration limit reached until tomorrow\n" + box()) == "Ration limit reached until tomorrow");
  CHECK(told("❯ go\n  ⎿  Your monthly quota was\n     exhausted early\n" + box()) ==
        "Your monthly quota was exhausted early");
  CHECK(told("❯ go\n\n● Done.\n" + box("  Usage cap hit for this seat\n")) == "Usage cap hit for this seat");
  CHECK(told("❯ go\n  ⎿  Out of quota for now\n\n✻ Cooked for 2s\n" + box()) == "Out of quota for now");
  CHECK(told("❯ go\n  ⎿  The seat's rate is used up\n") == "The seat's rate is used up");
}

TEST_CASE("what only sounds like an unknown limit is not told", "[core][classify]") {
  for (auto const& screen : std::vector<std::string>{
           "❯ go\n\n● Ration limit reached until tomorrow\n" + box(),
           "❯ go\n\n● Bash(cat log)\n  ⎿  Ration limit reached until tomorrow\n" + box(),
           "❯ go\n\n● I say:\n\n  Ration limit reached until tomorrow\n" + box(),
           "❯ Ration limit reached until tomorrow\n" + box(),
           "❯ go\n\n● ok\n" + box("  5h limit 40% · resets 3pm\n"),
           "❯ go\n\n● ok\n" + box("  Opus | limit 100 | reset 4h51m\n"),
           "❯ go\n\n● ok\n" + box("  rate limit reached for fun\n"),
           "❯ go\n  ⎿  Read limit reset.md until line 80\n" + box(),
           "❯ go\n  ⎿  Stop hook said: the limit was hit\n" + box(),
           "❯ go\n  ⎿  \"Ration limit reached\" was the text\n" + box(),
           "❯ go\n  ⎿  The limits of the parser are separate\n" + box(),
           "❯ go\n  ⎿  The reset button was hit twice\n" + box(),
           "❯ go\n  ⎿  Unlimited rates-reset is exceeded\n" + box(),
           "❯ go\n  ⎿  Ration limit reached until tomorrow\n\n● It works again.\n" + box(),
           "❯ go\n  ⎿  Ration limit reached\n     a\n     b\n     c\n     d\n" + box(),
           "❯ go\n  ⎿  Ration limit reached until tomorrow\n\n❯ again\n\n● ok\n" + box(),
           "❯ go\n" + wall + box(),
           "Ration limit reached until tomorrow\n",
       }) {
    CAPTURE(screen);
    CHECK(read(screen).unrecognised.empty());
  }
}
