#include "daemon/runner.hpp"

#include "test/support/catch.hpp"

#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

using namespace failover;
using core::Event;
namespace effect = core::effect;
namespace event = core::event;

namespace {

/// Records what was performed, answers with what the test wants.
struct World {
  boost::asio::io_context io{1};
  adapters::TaskGroup tasks{io.get_executor(), [](auto const&, auto const&) {}};
  bool save_works = true;
  bool throws = false;
  std::vector<std::string> done = {};
  std::vector<Event> events = {};
  daemon::Runner runner{tasks, [this](core::Effect e) { return perform(std::move(e)); },
                        [this](Event e) { events.push_back(std::move(e)); },
                        [this](effect::Log const& line) { done.push_back("log " + line.message); }};

  boost::asio::awaitable<std::optional<Event>> perform(core::Effect e) {
    if (throws) throw std::runtime_error("broken");
    if (std::holds_alternative<effect::SaveState>(e)) {
      done.push_back("save");
      core::Result<void> outcome;
      if (!save_works) outcome = core::Error{core::ErrorKind::no_space, "disk full"};
      co_return event::StateSaved{outcome};
    }
    if (auto const* flip = std::get_if<effect::FlipLink>(&e)) {
      done.push_back("flip");
      co_return event::LinkFlipped{flip->to, {}};
    }
    done.push_back("scan");
    co_return event::QueueScanned{core::QueueListing{}};
  }

  void run(core::Effects effects) {
    runner.run(std::move(effects));
    io.run();
    io.restart();
  }
};

effect::FlipLink const flip{core::AccountName("b"), "/b"};

}  // namespace

TEST_CASE("what follows a SaveState waits for it", "[daemon][runner]") {
  World world;
  world.run({effect::Log{core::LogLevel::info, "planned", {}}, effect::SaveState{}, flip});
  CHECK(world.done == std::vector<std::string>{"log planned", "save", "flip"});
  CHECK(world.runner.in_flight() == 0);
}

TEST_CASE("several SaveStates of a batch are one save", "[daemon][runner]") {
  World world;
  world.run({effect::SaveState{}, effect::ScanQueue{}, effect::SaveState{}, flip});
  CHECK(std::count(world.done.begin(), world.done.end(), "save") == 1);
  CHECK(world.done.front() == "save");
  CHECK(world.events.size() == 3);
}

TEST_CASE("a failed save answers what follows with its error, undone", "[daemon][runner]") {
  World world;
  world.save_works = false;
  world.run({effect::SaveState{}, flip});
  CHECK(world.done == std::vector<std::string>{"save"});
  REQUIRE(world.events.size() == 2);
  auto const& flipped = std::get<event::LinkFlipped>(world.events[1]);
  REQUIRE_FALSE(flipped.outcome.has_value());
  CHECK(flipped.outcome.error().kind == core::ErrorKind::no_space);
  CHECK_THAT(flipped.outcome.error().detail, CF_CONTAINS("state could not be saved"));
}

TEST_CASE("an effect whose adapter throws is answered with an error", "[daemon][runner]") {
  World world;
  world.throws = true;
  world.run({flip});
  REQUIRE(world.events.size() == 1);
  CHECK(std::get<event::LinkFlipped>(world.events[0]).outcome.error().detail == "broken");
}

TEST_CASE("a runner that stops taking answers as cancelled", "[daemon][runner]") {
  World world;
  world.runner.stop_taking();
  world.run({flip});
  CHECK(world.done.empty());
  REQUIRE(world.events.size() == 1);
  CHECK(std::get<event::LinkFlipped>(world.events[0]).outcome.error().kind == core::ErrorKind::cancelled);
}
