#include "adapters/state_json.hpp"

#include "test/support/any_state.hpp"
#include "test/support/catch.hpp"

#include <chrono>

namespace adapters = failover::adapters;
namespace core = failover::core;
using failover::test::AnyState;
using namespace std::chrono_literals;

namespace {

core::Now const now{core::WallTime{1'795'377'019'123ms}, core::MonoTime{5'000'000ms}};

std::string changed(std::string const& from, std::string const& to) {
  core::State state;
  state.accounts[core::AccountName{"a"}].rule = "a-rule";
  state.attempts[core::TaskId{"t"}] = 3;
  auto text = adapters::state_to_json(state, 1, now);
  auto const at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

void refuses(std::string const& text, std::string const& place) {
  auto const outcome = adapters::state_from_json(text, 1, now);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().kind == core::ErrorKind::invalid);
  CHECK_THAT(outcome.error().detail, CF_CONTAINS(place));
}

}  // namespace

TEST_CASE("a state's JSON must have every key, and no other", "[adapters][state_json]") {
  refuses(changed("\"until_assumed\":false,", ""), ".accounts[0].until_assumed is missing");
  refuses(changed("\"holding\":false", "\"holding\":false,\"more\":1"), "not known");
  refuses(changed("\"schema\":1,", ""), ".schema is missing");
  refuses(changed("\"schema\":1,", "\"schema\":7,"), "schema");
}

TEST_CASE("a state's JSON must have the right types and words", "[adapters][state_json]") {
  refuses(changed("\"available\"", "\"spent\""), ".accounts[0].kind");
  refuses(changed("\"available\"", "0"), ".accounts[0].kind");
  refuses(changed("\"a-rule\"", "null"), ".accounts[0].rule");
  refuses(changed("\"a-rule\"", "{\"hex\":\"zz\"}"), ".accounts[0].rule");
  refuses(changed("\"a-rule\"", "{\"hex\":\"f\"}"), ".accounts[0].rule");
  refuses(changed("\"exhausted_total\":0", "\"exhausted_total\":0.5"), ".exhausted_total");
  refuses(changed("\"exhausted_total\":0", "\"exhausted_total\":9223372036854775808"), ".exhausted_total");
  refuses(changed("\"version\":0", "\"version\":-1"), ".version");
  refuses(changed("\"until\":0", "\"until\":9000000000000000000"), ".until");
  refuses(changed("\"holding\":false", "\"holding\":0"), ".holding");
  refuses(changed("\"past_swaps\":[]", "\"past_swaps\":{}"), ".past_swaps");
  refuses(changed("\"past_swaps\":[]", "\"past_swaps\":[null]"), ".past_swaps[0]");
}

TEST_CASE("a key that comes twice in a map is refused", "[adapters][state_json]") {
  refuses(changed("[\"t\",3]", "[\"t\",3],[\"t\",4]"), ".attempts[1]");
  refuses(changed("[\"t\",3]", "[\"t\"]"), ".attempts[0]");
}

TEST_CASE("text that is no JSON object is refused", "[adapters][state_json]") {
  for (std::string const text : {"", "null", "[]", "{", "{}", "{\"schema\":1}"}) refuses(text, "");
  refuses(std::string(100'000, '['), "no JSON object");
}
