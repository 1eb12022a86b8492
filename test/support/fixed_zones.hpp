#pragma once

#include "core/time.hpp"

#include <chrono>
#include <optional>
#include <string_view>

/// Zones for tests that must not depend on a time zone database: "UTC" (also ""), "Test/East" (+2 h, no changes),
/// "Test/Summer" (+1 h; +2 h from 2026-03-29T01:00Z to 2026-10-25T01:00Z, as in Berlin that year).
inline failover::core::ZoneLookup fixed_zones() {
  using namespace failover::core;
  using namespace std::chrono;
  return [](std::string_view zone, WallTime at) -> std::optional<ZonePeriod> {
    WallTime const first = sys_days{year{1900} / 1 / 1};
    WallTime const last = sys_days{year{2200} / 1 / 1};
    if (zone.empty() || zone == "UTC") return ZonePeriod{first, last, seconds{0}};
    if (zone == "Test/East") return ZonePeriod{first, last, hours{2}};
    if (zone != "Test/Summer") return std::nullopt;
    WallTime const spring = sys_days{year{2026} / 3 / 29} + hours{1};
    WallTime const autumn = sys_days{year{2026} / 10 / 25} + hours{1};
    if (at < spring) return ZonePeriod{first, spring, hours{1}};
    if (at < autumn) return ZonePeriod{spring, autumn, hours{2}};
    return ZonePeriod{autumn, last, hours{1}};
  };
}
