#include "adapters/event_json.hpp"

#include "test/support/any_event.hpp"
#include "test/support/catch.hpp"

#include <set>
#include <string>

namespace adapters = failover::adapters;
namespace core = failover::core;
namespace event = core::event;

namespace {

core::Result<core::Event> read_back(core::Event const& told) {
  auto const document = adapters::JsonDocument::parse(adapters::event_to_json(told));
  REQUIRE(document);
  return adapters::event_from_json(adapters::event_name(told), document->root());
}

std::string refusal(std::string const& name, std::string const& json) {
  auto const document = adapters::JsonDocument::parse(json);
  REQUIRE(document);
  auto const outcome = adapters::event_from_json(name, document->root());
  REQUIRE_FALSE(outcome);
  return outcome.error().detail;
}

}  // namespace

TEST_CASE("every event comes back from its JSON as it was", "[adapters][event_json]") {
  std::set<std::string> names;
  for (std::uint64_t seed = 1; seed <= 50; ++seed)
    for (auto const& told : failover::test::AnyEvent(seed).one_of_each()) {
      INFO(adapters::event_name(told) << " of seed " << seed << ": " << adapters::event_to_json(told));
      auto const back = read_back(told);
      REQUIRE(back);
      CHECK(*back == told);
      names.emplace(adapters::event_name(told));
    }
  CHECK(names.size() == std::variant_size_v<core::Event>);
}

TEST_CASE("an event's JSON must have every field, and no other", "[adapters][event_json]") {
  CHECK_THAT(refusal("link_flipped", "{\"to\":\"a\"}"), CF_CONTAINS("link_flipped.outcome is missing"));
  CHECK_THAT(refusal("link_flipped", "{\"to\":\"a\",\"outcome\":{},\"more\":1}"), CF_CONTAINS("not known"));
  CHECK_THAT(refusal("link_flipped", "{\"to\":7,\"outcome\":{}}"), CF_CONTAINS("link_flipped.to"));
  CHECK_THAT(refusal("panes_listed", "{\"panes\":{\"value\":[{}]}}"), CF_CONTAINS("panes_listed.panes"));
  CHECK_THAT(refusal("panes_listed", "[]"), CF_CONTAINS("no object"));
  CHECK_THAT(refusal("nothing_known", "{}"), CF_CONTAINS("nothing_known"));
}

TEST_CASE("a pane of an older journal says nothing of who has its terminal", "[adapters][event_json]") {
  core::PaneInfo pane;
  pane.foreground = core::Foreground::shell;
  auto text = adapters::event_to_json(core::event::PanesListed{std::vector{pane}});
  std::string const field = R"(,"foreground":"shell")";
  auto const at = text.find(field);
  REQUIRE(at != std::string::npos);
  text.erase(at, field.size());
  pane.foreground = core::Foreground::unknown;
  auto const document = adapters::JsonDocument::parse(text);
  REQUIRE(document);
  auto const read = adapters::event_from_json("panes_listed", document->root());
  REQUIRE(read);
  CHECK(*read == core::Event{core::event::PanesListed{std::vector{pane}}});
}

TEST_CASE("no JSON of any shape makes an event's reader fail but with an error", "[adapters][event_json]") {
  for (std::string const json :
       {"null", "0", "[]", "{}", "{\"panes\":null}", "{\"rows\":[[]]}", "{\"call\":{}}", "\"\""})
    for (auto const& told : failover::test::AnyEvent(1).one_of_each()) {
      auto const document = adapters::JsonDocument::parse(json);
      REQUIRE(document);
      (void)adapters::event_from_json(adapters::event_name(told), document->root());  // what matters is that it returns
    }
  CHECK_FALSE(adapters::JsonDocument::parse(std::string(100'000, '[')));
}
