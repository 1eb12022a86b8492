#include "daemon/toy_fleet.hpp"
#include "test/support/catch.hpp"
#include "test/support/program.hpp"

#include <chrono>

using failover::daemon::ToyFleet;
using failover::daemon::ToyFleetOptions;
using namespace failover::test;
using std::chrono::seconds;

TEST_CASE("agents that would ask for trust start at once where the daemon prepared it", "[e2e][trust]") {
  TemporaryFolder const folder;
  auto const script = folder.path() + "/script.json";
  write_text(script, R"({"start":"trust_dialog","turn_seconds":0.2,"turns":[]})");
  ToyFleetOptions options;
  options.settings["sessions.prepare_trust"] = "true";
  options.environment["FAKE_AGENT_SCRIPT"] = script;
  auto fleet = ToyFleet::make(options);
  REQUIRE(fleet.has_value());
  REQUIRE(fleet->start_daemon().has_value());
  bool const idle = ToyFleet::wait_until(
      [&] {
        auto const status = fleet->status();
        return status && status->sessions_in("idle") == 2;
      },
      seconds{40});
  INFO(fleet->daemon_log() << fleet->screen("pool-1"));
  CHECK(idle);
  CHECK_THAT(fleet->daemon_log(), CF_CONTAINS("trusted the session's directory"));
}
