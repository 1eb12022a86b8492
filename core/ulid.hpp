#pragma once

#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace failover::core {

/// A ULID (github.com/ulid/spec): 26 characters of Crockford's base 32, 48 bits of milliseconds and 80 of randomness,
/// so that ids sort by time. The low 16 bits of `random_high` and all of `random_low` are used; a time that does not
/// fit into 48 bits counts as the nearest that does.
[[nodiscard]] std::string make_ulid(WallTime at, std::uint64_t random_high, std::uint64_t random_low);

/// The moment that make_ulid() was given, to the millisecond; nothing for what is no ULID.
[[nodiscard]] std::optional<WallTime> time_of_ulid(std::string_view text);

/// Whether the text has the form that make_ulid gives: upper case only.
[[nodiscard]] bool is_ulid(std::string_view text);

}  // namespace failover::core
