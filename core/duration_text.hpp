#pragma once

#include "core/result.hpp"
#include "core/time.hpp"

#include <string>
#include <string_view>

namespace failover::core {

/// Reads `30s`, `5m`, `2h`, `1h30m`, `500ms`, `7d`: whole numbers, each with its unit (d, h, m, s, ms), larger units
/// first. A bare number is refused, for nobody can tell its unit. At most `longest_duration`.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);

/// The shortest text that parse_duration reads back as the same value: `1h30m`, `14d`, `0s`.
[[nodiscard]] std::string duration_text(Duration duration);

inline constexpr Duration longest_duration = std::chrono::hours{24} * 36500;

}  // namespace failover::core
