#pragma once

#include "core/phrase_words.hpp"

#include <chrono>
#include <optional>

namespace failover::core {

/// A time of day as it is said.
struct SaidClock {
  int hour = 0;
  int minute = 0;
  int second = 0;
  [[nodiscard]] std::chrono::seconds since_midnight() const {
    return std::chrono::hours{hour} + std::chrono::minutes{minute} + std::chrono::seconds{second};
  }
};

/// A day of the calendar as it is said; whether there is such a day, nobody has looked.
struct SaidDay {
  std::optional<int> year = {};
  unsigned month = 0;
  unsigned day = 0;
};

/// What a phrase says, before it is placed in time.
struct SaidMoment {
  std::optional<SaidClock> clock = {};
  std::optional<SaidDay> day = {};
  std::optional<unsigned> weekday = {};  ///< 0 = Sunday
  std::optional<int> days_ahead = {};    ///< today 0, tomorrow 1
};

/// Takes a clock and a day in either order, or one of them. Where there is neither, the cursor may have moved.
[[nodiscard]] std::optional<SaidMoment> read_moment(PhraseWords& words);

}  // namespace failover::core
