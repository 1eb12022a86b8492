// The screens of the fake against those of the real 2.1.330 in test/data/fake_agent, row for row.
#include "fake_agent_bench.hpp"
#include "test/support/catch.hpp"

#include <algorithm>
#include <fstream>
#include <regex>
#include <string>

#include <fmt/format.h>

using failover::test::FakeAgentBench;

namespace {

using Rows = FakeAgentBench::Rows;

struct PaneSize {
  int columns = 80;
  int rows = 24;
  [[nodiscard]] std::string name() const { return fmt::format("{}x{}", columns, rows); }
};

enum class Hints { compared, left_out };

/// Clock times, durations, verbs and the spinner's frame differ between two runs of the real one, too.
/// The hint about tmux's focus events comes and goes by itself; the fake never shows it.
Rows comparable(Rows rows, Hints hints) {
  for (auto& row : rows) {
    row = std::regex_replace(row, std::regex{"[0-9]+(:[0-9]+)?(am|pm)"}, "TIME");
    row = std::regex_replace(row, std::regex{"[A-Z][a-z][a-z] [0-9]+, TIME"}, "DATE");
    row = std::regex_replace(row, std::regex{"^✻ [^ ]+ for [0-9]+s · done [0-9:]+ [AP]M$"}, "✻ FINISHED");
    row = std::regex_replace(row, std::regex{"^[^ ]+ [A-Z][a-z]+…( \\([0-9]+s · ↓ [0-9]+ tokens\\))?$"}, "SPINNER");
    row = std::regex_replace(row, std::regex{"retrying( in [0-9]+s|…) · attempt [0-9]+"}, "RETRYING");
    if (row.find("tmux focus-events off") != std::string::npos) row.clear();
    if (hints == Hints::compared) continue;
    if (row.find("◐ medium") != std::string::npos) row.clear();
    row = std::regex_replace(row, std::regex{" · ← for agents"}, "");
  }
  while (!rows.empty() && rows.back().empty()) rows.pop_back();
  return rows;
}

Rows real_screen(std::string const& name, FakeAgentBench const& bench) {
  std::ifstream in{fmt::format("{}/fake_agent/{}.txt", CF_TEST_DATA, name)};
  REQUIRE(in);
  Rows rows;
  for (std::string row; std::getline(in, row);) {
    auto const home = std::string{"/home/dev/work/project"};
    if (auto const at = row.find(home); at != std::string::npos) row.replace(at, home.size(), bench.work().string());
    row.erase(row.find_last_not_of(' ') + 1);
    rows.push_back(row);
  }
  while (!rows.empty() && rows.back().empty()) rows.pop_back();
  return rows;
}

/// Whether a choice that names the directory takes one row or two depends on how long this machine's temporary path is.
void join_choice_with_its_directory(Rows& rows, std::string const& directory) {
  for (std::size_t i = 0; i + 1 < rows.size(); ++i) {
    auto const next = rows[i + 1].find_first_not_of(' ');
    if (next == std::string::npos || rows[i + 1].compare(next, std::string::npos, directory) != 0) continue;
    rows[i] += " " + directory;
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
}

void same_as_real(FakeAgentBench const& bench, std::string const& name, Hints hints = Hints::left_out) {
  INFO(name);
  CHECK(comparable(bench.screen(), hints) == comparable(real_screen(name, bench), hints));
}

Rows tail(Rows rows, std::size_t count) {
  if (rows.size() > count) rows.erase(rows.begin(), rows.end() - static_cast<std::ptrdiff_t>(count));
  return rows;
}

constexpr auto slow_answer =
    "word0 word1 word2 word3 word4 word5 word6 word7\\nword8 word9 word10 word11 word12 word13 word14 word15\\n"
    "word16 word17 word18 word19 word20 word21 word22 word23\\nDone. The mock answered OK.";

}  // namespace

TEST_CASE("the fake agent at rest looks like the real one", "[fake_agent]") {
  auto const size = GENERATE(PaneSize{80, 24}, PaneSize{120, 40});
  FakeAgentBench const bench;
  bench.start_to_box("", size.columns, size.rows);
  same_as_real(bench, "b-idle-" + size.name(), Hints::compared);
  CHECK(bench.pane("#{pane_current_command} #{pane_title} #{alternate_on}") == "claude ✳ Claude Code 1");
}

TEST_CASE("the fake agent works, finishes and is interrupted like the real one", "[fake_agent]") {
  auto const size = GENERATE(PaneSize{80, 24}, PaneSize{120, 40});
  FakeAgentBench const bench;
  bench.script(fmt::format(R"({{"turns":[{{"match":"slow","seconds":2,"text":"{}"}},{{"match":"hang","do":"hang"}}]}})",
                           slow_answer));
  bench.start_to_box("", size.columns, size.rows);
  bench.prompt("do the slow thing");
  REQUIRE(bench.comes("esc to interrupt"));
  same_as_real(bench, "c-working-t1s-" + size.name(), Hints::compared);
  REQUIRE(bench.comes("· done "));
  same_as_real(bench, "d-finished-" + size.name());
  bench.prompt("now hang");
  REQUIRE(bench.comes("esc to interrupt"));
  bench.press("Escape");
  REQUIRE(bench.comes("❯\u00a0now hang"));
  same_as_real(bench, "c-interrupted-" + size.name());
}

TEST_CASE("the fake agent meets its 5-hour limit like the real one", "[fake_agent]") {
  auto const size = GENERATE(PaneSize{80, 24}, PaneSize{120, 40});
  FakeAgentBench const bench;
  bench.script(R"({"turn_seconds":0.1,"turns":[{"match":"files","do":"wall_five_hour","times":1},
                   {"match":"continue","text":"Recovered: all good now."}]})");
  bench.start_to_box("", size.columns, size.rows);
  bench.prompt("please list the files");
  REQUIRE(bench.comes("Esc to cancel"));
  same_as_real(bench, "f-five_hour-final-" + size.name());
  bench.prompt("continue");
  REQUIRE(bench.comes("· done "));
  same_as_real(bench, "f-five_hour-recovered-" + size.name());
}

TEST_CASE("the fake agent's weekly limit opens the real one's menu", "[fake_agent]") {
  auto const size = GENERATE(PaneSize{80, 24}, PaneSize{120, 40});
  FakeAgentBench const bench;
  bench.script(R"({"turns":[{"do":"wall_weekly","seconds":0.1}]})");
  bench.start_to_box("", size.columns, size.rows);
  bench.prompt("please list the files");
  REQUIRE(bench.comes("What do you want to do?"));
  same_as_real(bench, "f-seven_day-final-" + size.name());
  bench.press("Escape");
  REQUIRE(bench.comes("❯\u00a0"));
  same_as_real(bench, "f-seven_day-menu-escaped-" + size.name());
}

TEST_CASE("the fake agent retries and gives up on errors like the real one", "[fake_agent]") {
  FakeAgentBench const bench;
  auto const fails = [&](std::string const& act, double seconds, PaneSize size) {
    bench.script(fmt::format(R"({{"turns":[{{"do":"{}","seconds":{}}}]}})", act, seconds));
    bench.start_to_box("", size.columns, size.rows);
    bench.prompt("please list the files");
  };
  SECTION("500 while retrying") {
    auto const size = GENERATE(PaneSize{80, 24}, PaneSize{120, 40});
    fails("error_500", 60, size);
    REQUIRE(bench.comes("attempt 1/10"));
    same_as_real(bench, "h-500-t4s-" + size.name(), Hints::compared);
  }
  SECTION("500 at the end") {
    fails("error_500", 0.1, {120, 40});
    REQUIRE(bench.comes("Resend your message"));
    same_as_real(bench, "h-500-defaulthost-final-120x40");
  }
  SECTION("529 at the end") {
    fails("error_529", 0.1, {120, 40});
    REQUIRE(bench.comes("Resend your message"));
    same_as_real(bench, "h-529-defaulthost-final-120x40");
  }
  SECTION("a throttle that is no quota") {
    auto const size = GENERATE(PaneSize{80, 24}, PaneSize{120, 40});
    fails("throttle", 0.1, size);
    REQUIRE(bench.comes("Resend your message"));
    same_as_real(bench, "e-429-plain-final-" + size.name());
  }
  SECTION("an expired login") {
    bench.script(R"({"start":"login_expired","turn_seconds":0.1})");
    bench.start_to_box("", 120, 40);
    bench.prompt("hello");
    REQUIRE(bench.comes("Once fixed"));
    same_as_real(bench, "i-expired-refresh-refused-120x40");
  }
}

TEST_CASE("the fake agent asks for permission like the real one", "[fake_agent]") {
  auto const size = GENERATE(PaneSize{80, 24}, PaneSize{120, 40});
  FakeAgentBench const bench;
  bench.script(R"({"turns":[{"do":"permission","seconds":0.1}]})");
  bench.start_to_box("--permission-mode default", size.columns, size.rows);
  bench.prompt("rebuild it");
  REQUIRE(bench.comes("Tab to amend"));
  auto shown = comparable(bench.screen(), Hints::left_out);
  auto real = comparable(real_screen("k-permission-" + size.name(), bench), Hints::left_out);
  for (auto* rows : {&shown, &real}) {  // the mark of a running tool blinks
    for (auto& row : *rows) row = std::regex_replace(row, std::regex{"^(●| ) Rebuilding$"}, "Rebuilding");
    join_choice_with_its_directory(*rows, bench.work().string());
  }
  CHECK(shown == real);
  bench.press("Escape");
  REQUIRE(bench.comes("Did not run"));
  same_as_real(bench, "k-permission-refused-" + size.name());
}

TEST_CASE("the fake agent asks for trust like the real one", "[fake_agent]") {
  auto const size = GENERATE(PaneSize{80, 24}, PaneSize{120, 40});
  FakeAgentBench const bench;
  bench.script(R"({"start":"trust_dialog"})");
  bench.start("", size.columns, size.rows);
  REQUIRE(bench.comes("Enter to confirm"));
  same_as_real(bench, "a-trust-dialog-" + size.name());
}

TEST_CASE("a resumed conversation shows its history and its old wall like the real one", "[fake_agent]") {
  FakeAgentBench const bench;
  bench.script(R"({"turn_seconds":0.1,"turns":[{"match":"first","text":"ANSWER-ONE kept in history."},
                   {"match":"limit","do":"wall_five_hour"}]})");
  bench.start_to_box("'my first question'", 120, 40);
  REQUIRE(bench.comes("· done "));
  bench.prompt("/exit");
  REQUIRE(bench.comes_event("exit"));
  bench.start_to_box("--continue", 120, 40);
  same_as_real(bench, "n-continue-120x40", Hints::compared);

  bench.prompt("this one hits the limit");
  REQUIRE(bench.comes("Esc to cancel"));
  bench.prompt("/exit");
  REQUIRE(bench.comes_event("exit", 2));
  bench.start_to_box("--resume " + bench.session_id(), 120, 40);
  auto const shown = comparable(bench.screen(), Hints::compared);
  auto const real = comparable(real_screen("n-continue-after-429-120x40", bench), Hints::compared);
  CHECK(tail(shown, 4) == tail(real, 4));
  auto const wall_of = [](Rows const& screen) {
    auto const prompt = std::find(screen.begin(), screen.end(), "❯ this one hits the limit");
    REQUIRE(screen.end() - prompt > 5);
    return Rows{prompt, prompt + 5};
  };
  CHECK(wall_of(shown) == wall_of(real));
}

TEST_CASE("the output of the user's status line stands above the mode", "[fake_agent]") {
  FakeAgentBench const bench;
  bench.write("a/settings.json", R"({"statusLine":{"type":"command","command":"cat >/dev/null; echo SL 19:35:54"}})");
  bench.start_to_box("", 120, 40);
  bench.prompt("case success");
  REQUIRE(bench.comes("· done "));
  CHECK(tail(bench.screen(), 5) == tail(real_screen("q-success-120x40", bench), 5));
}

TEST_CASE("a long paste is shown collapsed like the real one's and delivered in full", "[fake_agent]") {
  FakeAgentBench const bench;
  bench.start_to_box("", 120, 40);
  std::string text = "line 000 xxxxxxxxxx";
  for (int i = 1; i < 20; ++i) text += fmt::format("\nline {:03} xxxxxxxxxx", i);
  bench.paste(text);
  REQUIRE(bench.comes("[Pasted text"));
  auto real = tail(real_screen("u-paste-p-20-lines-1k-before-enter-120x40", bench), 4);
  real[1] = std::regex_replace(real[1], std::regex{"#[0-9]+"}, "#1");
  CHECK(tail(bench.screen(), 4) == real);
  bench.press("Enter");
  REQUIRE(bench.comes_event("prompt"));
  CHECK(bench.event_texts("prompt") == Rows{text});
}
