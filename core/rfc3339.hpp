#pragma once

#include "core/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace failover::core {

/// `2026-11-22T19:50:19Z`: always UTC, whole seconds (what is finer is cut off), years 0000 to 9999.
[[nodiscard]] std::string to_rfc3339(WallTime time);

/// Reads what RFC 3339 §5.6 allows: `T`, `t` or a space in the middle, a fraction (kept to milliseconds), `Z` or an
/// offset. Nothing for anything else, for days that do not exist, and for a missing offset. A leap second counts as
/// the first second after it.
[[nodiscard]] std::optional<WallTime> from_rfc3339(std::string_view text);

}  // namespace failover::core
