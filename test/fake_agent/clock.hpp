#pragma once

#include <chrono>
#include <string>

namespace failover::fake_agent {

/// One clock for everything: deadlines of a turn need no better, and a reset is an instant of the wall clock.
using Instant = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;
using Milliseconds = std::chrono::milliseconds;

[[nodiscard]] Instant now();
[[nodiscard]] Milliseconds from_seconds(double seconds);
[[nodiscard]] double to_seconds(Milliseconds span);
[[nodiscard]] double to_epoch(Instant at);
[[nodiscard]] Instant from_epoch(double seconds);

/// "2026-11-22T19:35:49.712Z", as transcript rows have it.
[[nodiscard]] std::string iso_time(Instant at);
/// The inverse of iso_time; the epoch for anything else.
[[nodiscard]] Instant parse_iso_time(std::string const& text);

/// "7:23 PM" in the local zone: the end of a turn.
[[nodiscard]] std::string done_time(Instant at);

/// "9:36pm", "10pm" on the hour, "Nov 25, 8:27pm" a day or more ahead, in the local zone and without naming it.
[[nodiscard]] std::string reset_time(Instant at, Instant seen_at);

/// Name of the local zone as the agent prints it: TZ if that is a zone's name, else the machine's; "UTC" for UTC.
[[nodiscard]] std::string zone_name();

}  // namespace failover::fake_agent
