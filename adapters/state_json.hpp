#pragma once

#include "core/result.hpp"
#include "core/state.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace failover::adapters {

/// The saved part of the state as one JSON object, whose first key is "schema". Its moments are told by the clock of
/// `now`, the time of the save.
[[nodiscard]] std::string state_to_json(core::State const& state, std::int64_t schema, core::Now now);

/// The state of such an object, and in Live when it was saved. invalid, with the place, for anything that
/// state_to_json() would not have written: a missing or an unknown key, a wrong type, an unknown word, a time beyond
/// the year 9999.
[[nodiscard]] core::Result<core::State> state_from_json(std::string_view text, std::int64_t schema, core::Now now);

}  // namespace failover::adapters
