#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace failover::core {

using Duration = std::chrono::milliseconds;

/// What people and services mean by a time. Jumps when the clock is set.
using WallTime = std::chrono::sys_time<Duration>;

/// How long ago. Never jumps; means nothing after a restart. Nothing reads it here: values come in from outside.
struct MonoClock {
  using rep = std::int64_t;
  using period = std::milli;
  using duration = Duration;
  using time_point = std::chrono::time_point<MonoClock>;
  static constexpr bool is_steady = true;
};
using MonoTime = MonoClock::time_point;

/// One reading of both clocks. A loop turn takes one and hands it down.
struct Now {
  WallTime wall = {};
  MonoTime mono = {};
  bool operator==(Now const&) const = default;
};

/// When something happened: `wall` to show and save, `mono` to measure from.
using Moment = Now;

[[nodiscard]] inline Duration elapsed(Moment since, Now now) {
  return now.mono - since.mono;
}

/// The moment by the wall clock as it goes now: one that was set since has another idea of when it was.
[[nodiscard]] inline WallTime wall_of(Moment moment, Now now) {
  constexpr Duration no_step = std::chrono::seconds{1};
  WallTime const derived = now.wall - elapsed(moment, now);
  bool const stepped = derived > moment.wall + no_step || derived < moment.wall - no_step;
  return stepped ? derived : moment.wall;
}

/// The moment of a saved wall time in this process's life. A wall time from the future counts as now.
[[nodiscard]] inline Moment restored(WallTime wall, Now now) {
  return {wall, now.mono - std::max(now.wall - wall, Duration::zero())};
}

/// One offset of a time zone and the half-open interval for which it holds.
struct ZonePeriod {
  WallTime begin = {};
  WallTime end = {};
  std::chrono::seconds offset = {};  ///< local = UTC + offset
  bool operator==(ZonePeriod const&) const = default;
};

/// Answers which offset holds in a named zone (IANA name or alias; empty: the machine's zone) at an instant.
/// Nothing for an unknown name. The caller supplies it, for core knows no time zone database.
using ZoneLookup = std::function<std::optional<ZonePeriod>(std::string_view zone, WallTime at)>;

}  // namespace failover::core
