#include "adapters/pattern_file.hpp"

#include "adapters/embedded.hpp"
#include "test/support/catch.hpp"

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
