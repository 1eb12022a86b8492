#pragma once

#include "core/phrase_words.hpp"

#include <chrono>
#include <optional>

namespace failover::core {

/// Takes `2h 30m`, `5 hours 23 minutes`, `3h38m47s`, `1 day and 4 hours`, `less than a minute`. An unknown unit ends
/// it, or spoils it where nothing stands before. Leaves the cursor where it was when there is no duration.
[[nodiscard]] std::optional<std::chrono::seconds> read_duration(PhraseWords& words);

}  // namespace failover::core
