#pragma once

#include "core/time.hpp"

#include <optional>
#include <string_view>

namespace failover::core {

/// A calendar date and a time of day in some zone, as seconds since 1970-01-01T00:00 of that zone's own clock.
using LocalSeconds = std::chrono::local_seconds;

/// What the zone's clock shows at `at`; nothing for an unknown zone.
[[nodiscard]] std::optional<LocalSeconds> local_time(ZoneLookup const& zones, std::string_view zone, WallTime at);

/// When the zone's clock shows `local`. Of the two instants in an overlap the later; in a gap what the clock would
/// have shown without it, which is after the gap: waiting an hour too long costs less than coming too early.
[[nodiscard]] std::optional<WallTime> instant(ZoneLookup const& zones, std::string_view zone, LocalSeconds local);

}  // namespace failover::core
