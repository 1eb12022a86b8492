#pragma once

#include "core/phrase_words.hpp"
#include "core/time.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace failover::core {

/// The zone that a phrase names: by its name or by its distance from UTC.
struct SaidZone {
  std::string name = {};
  std::optional<std::chrono::minutes> offset = {};
  bool known = false;
};

/// Takes `(Europe/Berlin)`, `UTC+2`, `PST`. In brackets anything is taken for a zone, without them only what is one.
/// Leaves the cursor where it was when there is none.
[[nodiscard]] std::optional<SaidZone> read_zone(PhraseWords& words, WallTime now, ZoneLookup const& zones);

}  // namespace failover::core
