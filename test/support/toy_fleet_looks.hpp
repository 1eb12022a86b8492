#pragma once

#include "daemon/toy_fleet.hpp"
#include "test/support/catch.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

/// What a test sees of a running toy fleet.
namespace failover::test {

/// How many sessions the daemon tells to be in that phase; none when it does not answer.
inline std::size_t sessions_in(daemon::ToyFleet const& fleet, std::string const& phase) {
  auto const status = fleet.status();
  return status ? status->sessions_in(phase) : 0;
}

/// How many of the agents' events are of that kind and contain a text.
inline std::size_t events(daemon::ToyFleet const& fleet, std::string_view what, std::string_view containing = {}) {
  std::size_t count = 0;
  for (auto const& event : fleet.agent_events())
    if (event.event == what && event.text.find(containing) != std::string::npos) ++count;
  return count;
}

}  // namespace failover::test

/// At most 40 seconds; else fails with what the daemon said and what the first session shows.
#define WAIT_FOR(fleet, condition)                                                                                 \
  do {                                                                                                             \
    bool const came = failover::daemon::ToyFleet::wait_until([&] { return condition; }, std::chrono::seconds{40}); \
    INFO("waited for: " #condition "\n" << (fleet).daemon_log() << (fleet).screen("pool-1"));                      \
    REQUIRE(came);                                                                                                 \
  } while (false)
