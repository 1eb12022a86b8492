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

/// The moment of a saved wall time in this process's life. A wall time from the future counts as now.
[[nodiscard]] inline Moment restored(WallTime wall, Now now) {
  return {wall, now.mono - std::max(now.wall - wall, Duration::zero())};
}

/// The present to restore by what was saved at `saved_at`: where the clock has been set back since, no time has passed.
[[nodiscard]] inline Now present_of_saved(WallTime saved_at, Now now) {
  return {std::max(now.wall, saved_at), now.mono};
}

/// What the clock of now would have shown at a moment: what others say of a time comes by that clock, and it may have
/// been set since. The moment that never was stays so.
[[nodiscard]] inline WallTime by_present_clock(Moment moment, Now now) {
  constexpr Duration no_step = std::chrono::seconds{1};  // clocks drift, and are slewed
  WallTime const derived = now.wall - elapsed(moment, now);
  bool const stepped = derived > moment.wall + no_step || derived < moment.wall - no_step;
  return moment == Moment{} || !stepped ? moment.wall : derived;
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
