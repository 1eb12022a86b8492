#include "adapters/pattern_file.hpp"

#include "adapters/embedded.hpp"
#include "core/classify.hpp"
#include "core/rfc3339.hpp"
#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"

#include <algorithm>
#include <filesystem>

using namespace failover;
using adapters::load_pattern_table;

namespace {

std::string error_of(std::string const& yaml) {
  auto const table = load_pattern_table(yaml, "my.yaml");
  REQUIRE_FALSE(table.has_value());
  CHECK(table.error().kind == core::ErrorKind::invalid);
  return table.error().detail;
}

constexpr char const* head = "agent: a\nrules:\n";

}  // namespace

TEST_CASE("every table that the program brings is sound", "[adapters][pattern_file]") {
  REQUIRE(adapters::embedded_agents().size() >= 4);
  for (auto const& [agent, text] : adapters::embedded_agents()) {
    CAPTURE(agent);
    auto const table = adapters::builtin_pattern_table(agent);
    REQUIRE(table.has_value());
    CHECK(table->agent() == agent);
    CHECK(table->rules().size() > 10);
    CHECK_FALSE(table->layout().prompts.empty());
    for (auto const& rule : table->rules()) {
      CAPTURE(rule.id);
      CHECK((rule.state != core::ScreenState::quota_exhausted || rule.scope != core::Scope::none));
    }
  }
}

TEST_CASE("an agent without a table is named together with those that have one", "[adapters][pattern_file]") {
  auto const table = adapters::builtin_pattern_table("nobody");
  REQUIRE_FALSE(table.has_value());
  CHECK(table.error().kind == core::ErrorKind::not_found);
  CHECK_THAT(table.error().detail, CF_CONTAINS("claude-code"));
}

TEST_CASE("faults are reported all at once with their line and column", "[adapters][pattern_file]") {
  std::string const faults = error_of(std::string(head) +
                                      "  - {id: one, class: nonsense, where: [plain], text: x}\n"
                                      "  - {id: two, class: idle, where: [moon], text: x}\n"
                                      "  - {id: three, class: idle, where: [plain], text: \"(x\"}\n"
                                      "  - {id: one, class: idle, where: [plain], text: x, colour: red}\n");
  CHECK_THAT(faults, CF_CONTAINS("my.yaml:3:22: unknown class 'nonsense'"));
  CHECK_THAT(faults, CF_CONTAINS("my.yaml:4:36: unknown place 'moon'"));
  CHECK_THAT(faults, CF_CONTAINS("my.yaml:5:"));
  CHECK_THAT(faults, CF_CONTAINS("'(' without ')'"));
  CHECK_THAT(faults, CF_CONTAINS("unknown key 'colour'"));
  CHECK_THAT(faults, CF_CONTAINS("a second rule with the id 'one'"));
}

TEST_CASE("what is no table is refused", "[adapters][pattern_file]") {
  CHECK_THAT(error_of(""), CF_CONTAINS("my.yaml:"));
  CHECK_THAT(error_of("- a\n- b\n"), CF_CONTAINS("my.yaml:1:1"));
  CHECK_THAT(error_of("agent: [\n"), CF_CONTAINS("my.yaml:"));
  CHECK_THAT(error_of("agent: a\nruels: []\n"), CF_CONTAINS("my.yaml:2:1: unknown key 'ruels'"));
  CHECK_THAT(error_of("agent: a\nextends: nobody\nrules: []\n"), CF_CONTAINS("my.yaml:2:10: no pattern table"));
  CHECK_THAT(
      error_of("agent: a\nmacros: {m: \"{m}\"}\nrules:\n  - {id: x, class: idle, where: [plain], text: \"{m}\"}\n"),
      CF_CONTAINS("nested too deep"));
}

TEST_CASE("a user's table replaces and adds rules of a built-in one", "[adapters][pattern_file]") {
  auto const base = adapters::builtin_pattern_table("claude-code");
  auto const table = load_pattern_table(
      "agent: mine\nextends: claude-code\nrules:\n"
      "  - {id: quota.weekly.hit, class: quota_exhausted, scope: account, window: weekly, where: [plain], text: \"hier "
      "ist schluss\"}\n"
      "  - {id: mine.extra, class: idle, where: [plain], text: \"alles gut\"}\n",
      "mine.yaml");
  REQUIRE(base.has_value());
  REQUIRE(table.has_value());
  CHECK(table->rules().size() == base->rules().size() + 1);
  CHECK(table->rules().front().id == "quota.weekly.hit");
  CHECK(table->layout().prompts == base->layout().prompts);
}

TEST_CASE("macros stand for their text", "[adapters][pattern_file]") {
  auto const table = load_pattern_table(
      "agent: a\nmacros: {who: \"(you|we)\", hit: \"{who}'ve hit\"}\nrules:\n  - {id: x, class: idle, where: [plain], "
      "text: \"{hit} it\"}\n",
      "a.yaml");
  REQUIRE(table.has_value());
  CHECK(table->rules().front().text.match("we'vehitit", 0).has_value());
}

namespace {

core::Classification seen_by(core::PatternTable const& table, std::string const& screen) {
  auto const zones = [](std::string_view, core::WallTime) { return std::optional<core::ZonePeriod>{}; };
  return core::read_screen(table, screen, core::from_rfc3339("2026-11-22T10:00:00Z").value(), zones, "UTC").seen;
}

std::string const marked_done = "  - {id: mine.done, class: idle, where: [plain], text: \"alles gut\"}\n";

}  // namespace

TEST_CASE("the user's file stands for the built-in table or adds to it", "[adapters][pattern_file]") {
  test::ScratchDirectory const folder;
  CHECK(adapters::pattern_directory("/etc/x/claude-failover.yaml") == "/etc/x/agents");
  CHECK(adapters::pattern_directory("").empty());
  auto const rules = [&] { return adapters::find_pattern_table("codex", folder.str())->rules().size(); };
  auto const built_in = adapters::builtin_pattern_table("codex")->rules().size();
  CHECK(rules() == built_in);
  test::put_file(folder / "codex.yaml", "agent: codex\nextends: codex\nrules:\n" + marked_done);
  CHECK(rules() == built_in + 1);
  test::put_file(folder / "codex.yaml", "agent: codex\nrules:\n" + marked_done);
  CHECK(rules() == 1);
  test::put_file(folder / "mine.yaml", "agent: mine\nextends: claude-code\nrules:\n" + marked_done);
  auto const mine = adapters::find_pattern_table("mine", folder.str());
  REQUIRE(mine.has_value());
  CHECK(seen_by(*mine, "Alles gut\n").rule == "mine.done");
  CHECK(adapters::find_pattern_table("nobody", folder.str()).error().kind == core::ErrorKind::not_found);
}

TEST_CASE("a user's file that is there is never passed over", "[adapters][pattern_file]") {
  test::ScratchDirectory const folder;
  test::put_file(folder / "codex.yaml", "agent: codex\nrules: 3\n");
  auto const broken = adapters::find_pattern_table("codex", folder.str());
  REQUIRE_FALSE(broken.has_value());
  CHECK(broken.error().kind == core::ErrorKind::invalid);
  CHECK_THAT(broken.error().detail, CF_CONTAINS(folder.str() + "/codex.yaml:2:8: rules: expected a list"));
  std::filesystem::create_directory(folder / "gemini.yaml");
  CHECK_FALSE(adapters::find_pattern_table("gemini", folder.str()).has_value());
}

TEST_CASE("every user's file is checked, each fault named", "[adapters][pattern_file]") {
  test::ScratchDirectory const folder;
  CHECK(adapters::check_pattern_files(folder.str()).empty());
  CHECK(adapters::check_pattern_files(folder.str() + "/none").empty());
  test::put_file(folder / "a.yaml", "agent: a\nrules:\n" + marked_done);
  test::put_file(folder / "b.yaml",
                 "agent: b\nruels: []\nrules:\n  - {id: x, class: idle, where: [moon], text: \"(\"}\n");
  test::put_file(folder / "c.yaml", std::string("agent: c\n\0", 10));
  test::put_file(folder / "notes.txt", "no table");
  auto const problems = adapters::check_pattern_files(folder.str());
  REQUIRE(problems.size() == 5);
  CHECK(to_line(problems[0]) == folder.str() + "/b.yaml:2:1: unknown key 'ruels'");
  CHECK_THAT(to_line(problems[1]), CF_CONTAINS("unknown place 'moon'"));
  CHECK_THAT(to_line(problems[2]) + to_line(problems[3]), CF_CONTAINS("'(' without ')'"));
  CHECK(to_line(problems[4]) == folder.str() + "/c.yaml:1:1: a NUL byte: no text file");
}

TEST_CASE("the table's name is its file's", "[adapters][pattern_file]") {
  test::ScratchDirectory const folder;
  test::put_file(folder / "codex.yaml", "agent: claude-code\nrules:\n" + marked_done);
  CHECK_THAT(adapters::find_pattern_table("codex", folder.str()).error().detail,
             CF_CONTAINS("codex.yaml:1:8: agent: 'claude-code' in a file named codex.yaml"));
}

TEST_CASE("a hostile table is refused or read, and reading with it ends", "[adapters][pattern_file]") {
  auto const rule = [](std::string const& text) {
    return "agent: a\nrules:\n  - {id: x, class: idle, where: [plain], text: \"" + text + "\"}\n";
  };
  auto const repeated = [](std::string const& piece, std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i) text += piece;
    return text;
  };
  std::string const screen = repeated("a", 100'000) + "\n" + repeated("aaaaaaaa\n", 2000);
  SECTION("patterns that make others backtrack are linear") {
    for (auto const& text :
         {repeated("({*}a)?", 90) + "b", repeated("(a|aa)", 120) + "b", repeated("({w}){*}", 100) + "b",
          repeated("(", 16) + "a" + repeated(")?", 16) + "b", "{*}" + repeated("(a)?", 200) + "b"}) {
      CAPTURE(text);
      auto const table = load_pattern_table(rule(text), "a.yaml");
      REQUIRE(table.has_value());
      CHECK(seen_by(*table, screen).state == core::ScreenState::unknown);
    }
  }
  SECTION("what is too big is refused") {
    CHECK_THAT(error_of(rule(repeated("(a|b)", 2000))), CF_CONTAINS("too long"));
    CHECK_THAT(error_of(rule(repeated("(", 200) + "a" + repeated(")", 200))), CF_CONTAINS("nested too deep"));
    CHECK_THAT(error_of("agent: a\n#" + repeated("x", 2U << 20U) + "\n"), CF_CONTAINS("larger than 1 MiB"));
    CHECK_THAT(error_of("agent: a\nrules: [" + repeated("{},", 5000) + "]\n"), CF_CONTAINS("more than 1000"));
    std::string macros = "agent: a\nmacros:\n";
    for (int i = 0; i < 200; ++i) macros += "  m" + std::to_string(i) + ": x\n";
    CHECK_THAT(error_of(macros), CF_CONTAINS("macros: more than 100"));
    std::string bomb = "agent: a\nmacros: {m0: \"" + repeated("x", 1000) + "\"";
    for (int i = 1; i < 5; ++i)
      bomb += ", m" + std::to_string(i) + ": \"" + repeated("{m" + std::to_string(i - 1) + "}", 100) + "\"";
    CHECK_THAT(error_of(bomb + "}\nrules:\n  - {id: x, class: idle, where: [plain], text: \"{m4}\"}\n"),
               CF_CONTAINS("nested too deep"));
  }
  SECTION("deep nesting, aliases and bytes that are no text are refused") {
    CHECK_THAT(error_of(repeated("[", 100'000)), CF_CONTAINS("my.yaml:"));
    CHECK_THAT(error_of("agent: a\nrules: " + repeated("- ", 50'000)), CF_CONTAINS("my.yaml:"));
    CHECK_THAT(error_of("agent: &a [*a]\n"), CF_CONTAINS("my.yaml:"));
    CHECK_THAT(error_of(std::string("agent: a\0b\n", 11)), CF_CONTAINS("NUL"));
    CHECK_THAT(error_of("agent: a\nrules:\n  - {id: \xff\xfe, class: \xff, where: [plain], text: x}\n"),
               CF_CONTAINS("my.yaml:"));
  }
  SECTION("a thousand rules of a hundred alternatives stay small") {
    std::string yaml = "agent: a\nmacros: {m: \"(";
    for (int i = 0; i < 120; ++i) yaml += (i ? "|" : "") + std::string("q") + std::to_string(i) + "z";
    yaml += ")\"}\nrules:\n";
    for (int i = 0; i < 900; ++i)
      yaml += "  - {id: r" + std::to_string(i) + ", class: idle, where: [plain], text: \"{m}\"}\n";
    auto const table = load_pattern_table(yaml, "a.yaml");
    REQUIRE(table.has_value());
    CHECK(seen_by(*table, "q7z\n").rule == "r0");
  }
  SECTION("at most a hundred faults are told") {
    std::string yaml = "agent: a\nrules:\n";
    for (int i = 0; i < 900; ++i) yaml += "  - {id: r" + std::to_string(i) + ", class: no, where: [plain], text: x}\n";
    std::string const faults = error_of(yaml);
    CHECK(std::count(faults.begin(), faults.end(), '\n') == 99);
  }
}
