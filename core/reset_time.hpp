#pragma once

#include "core/time.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace failover::core {

/// How far the words go. A later one is worth more.
enum class ResetConfidence {
  day,         ///< only a day is named: its first moment
  local_zone,  ///< a time of day without a zone (or with one nobody knows): the machine's is assumed
  exact        ///< an instant, a duration, or a time with its zone
};

struct ResetTime {
  WallTime at = {};
  ResetConfidence confidence = ResetConfidence::day;
  bool dated = false;      ///< a day of the calendar is named: the instant may have passed
  std::size_t length = 0;  ///< bytes of the phrase that were understood
  bool operator==(ResetTime const&) const = default;
};

/// Reads the time at the start of `phrase`, what follows "resets", "try again at" or "limit reached|".
///
/// Understands a clock (`9:36pm`, `21:36`, `12am`, `noon`), a date (`Nov 25, 8:27pm`, `Oct 9 at 5pm`,
/// `Apr 21st, 2026 2:53 AM`, `16:21 on 19 May`, `2026-08-09 00:00`), a weekday, `tomorrow`, a duration from now
/// (`in 2h 30m`, `2 days 17 hours 14 minutes`, `less than a minute`), Unix seconds and milliseconds; and a zone after
/// it: IANA names and aliases, `UTC+2`, common abbreviations. A clock alone is its next occurrence; a date without
/// year the nearest; a weekday the next. No answer is judged: instants may lie years away or in the past.
/// A '\n' in the phrase is a place where the row was broken, maybe inside a word. `local_zone` "" = the machine's.
[[nodiscard]] std::optional<ResetTime> read_reset_time(std::string_view phrase, WallTime now, ZoneLookup const& zones,
                                                       std::string_view local_zone);

}  // namespace failover::core
