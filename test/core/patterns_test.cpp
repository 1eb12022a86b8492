#include "core/patterns.hpp"

#include "core/fold.hpp"
#include "test/support/catch.hpp"

#include <algorithm>
#include <chrono>

using namespace failover::core;

namespace {

/// Where the template's match from the start of `text` ends, -1 when there is none.
int matched(std::string_view source, std::string_view text) {
  auto const compiled = TextTemplate::compile(source);
  REQUIRE(compiled.has_value());
  std::string folded;
  for (std::size_t at = 0; at <= text.size();) {
    std::size_t const end = std::min(text.find('\n', at), text.size());
    folded += (at == 0 ? "" : "\n") + fold(text.substr(at, end - at));
    at = end + 1;
  }
  auto const end = compiled->match(squeezed(folded).text, 0);
  return end ? static_cast<int>(*end) : -1;
}

Rule rule(std::string id, std::string_view text, Place place) {
  Rule rule;
  rule.id = std::move(id);
  rule.places = static_cast<std::uint16_t>(place);
  rule.text = TextTemplate::compile(text).value();
  return rule;
}

}  // namespace

TEST_CASE("white space, case and typographic variants do not matter", "[core][patterns]") {
  CHECK(matched("You've hit your limit", "You’ve  HIT your\nli\nmit · resets") == 20);
  CHECK(matched("a - b · c...", "A — b ∙ c…") > 0);
  CHECK(matched("you've hit", "We say you've hit") == -1);
}

TEST_CASE("gaps take what their names say", "[core][patterns]") {
  CHECK(matched("used {n}% of", "used 91% of") == 9);
  CHECK(matched("used {n}% of", "used % of") == -1);
  CHECK(matched("your {w} limit", "your Fable 5.1 limit") > 0);
  CHECK(matched("your {w} limit", "your · limit") == -1);
  CHECK(matched("{*}esc to interrupt", "* auto mode · esc to interrupt · x") > 0);
  CHECK(matched("a{*}b", "ab") == 2);
}

TEST_CASE("groups are one of several, or optional", "[core][patterns]") {
  CHECK(matched("(session|weekly) limit", "weekly limit") > 0);
  CHECK(matched("(session|weekly) limit", "daily limit") == -1);
  CHECK(matched("(api error: )?(5{n}|overloaded)", "API Error: 529") > 0);
  CHECK(matched("(api error: )?(5{n}|overloaded)", "Overloaded") > 0);
  CHECK(matched("a(b(c)?)?d", "abd") == 3);
  CHECK(matched("proceed\\?", "proceed?") == 8);
}

TEST_CASE("the end of a row is the end of a physical row or of the text", "[core][patterns]") {
  CHECK(matched("limit reached{end}", "limit reached") > 0);
  CHECK(matched("limit reached{end}", "limit reached\nmore") > 0);
  CHECK(matched("limit reached{end}", "limit reached more") == -1);
}

TEST_CASE("a faulty template names the byte and the fault", "[core][patterns]") {
  for (auto const* source : {"(a", "a)", "{x}", "{n", "", "a}", "a?", "(((((((((((((((((((a)))))))))))))))))))"}) {
    CAPTURE(source);
    auto const compiled = TextTemplate::compile(source);
    REQUIRE_FALSE(compiled.has_value());
    CHECK(compiled.error().kind == ErrorKind::invalid);
    CHECK_THAT(compiled.error().detail, CF_CONTAINS(": "));
  }
  CHECK_FALSE(TextTemplate::compile(std::string(5000, 'a')).has_value());
}

TEST_CASE("matching stays linear on hostile text", "[core][patterns]") {
  auto const compiled = TextTemplate::compile("{*}(a|aa|aaa)?(a)?{*}(a|{w}){*}{w}{*}b").value();
  auto const begin = std::chrono::steady_clock::now();
  CHECK_FALSE(compiled.match(std::string(200'000, 'a'), 0).has_value());
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{10});
}

TEST_CASE("of the rules that fit a place the first decides", "[core][patterns]") {
  PatternTable const table{
      "x",
      {},
      {rule("one", "you've hit your fast limit", Place::plain), rule("two", "you've hit your {w} limit", Place::plain),
       rule("three", "you've hit", Place::gutter)}};
  auto const fast = table.hits("you'vehityourfastlimit", {0}, Place::plain);
  REQUIRE(fast.size() == 1);
  CHECK(fast[0].rule->id == "one");
  auto const other = table.hits("you'vehityourslowlimit", {0}, Place::plain);
  REQUIRE(other.size() == 1);
  CHECK(other[0].rule->id == "two");
  auto const gutter = table.hits("you'vehityourslowlimit", {0}, Place::gutter);
  REQUIRE(gutter.size() == 1);
  CHECK(gutter[0].rule->id == "three");
  CHECK(table.hits("you'vehityourslowlimit", {3}, Place::plain).empty());
}

TEST_CASE("a literal is found across row breaks and among its own prefixes", "[core][patterns]") {
  LiteralScan const scan{{"limit", "mitre", "it"}, {0, 1, 2}};
  std::vector<bool> found(3, false);
  scan.scan("mi\ntre", found);
  CHECK(found == std::vector<bool>{false, true, true});
  scan.scan("xlimit", found);
  CHECK(found == std::vector<bool>{true, true, true});
}
