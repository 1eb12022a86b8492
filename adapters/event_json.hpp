#pragma once

#include "adapters/json_document.hpp"
#include "core/event.hpp"
#include "core/result.hpp"

#include <string>
#include <string_view>

namespace failover::adapters {

/// The word for an event's type: `panes_listed`.
[[nodiscard]] std::string_view event_name(core::Event const& event);

/// All that an event tells, as one JSON object; `{}` for one that tells nothing but that it came. Lossless.
[[nodiscard]] std::string event_to_json(core::Event const& event);

/// The event of such a word and object. unsupported for a word that is not known, invalid, with the place, for an
/// object that event_to_json() would not have written.
[[nodiscard]] core::Result<core::Event> event_from_json(std::string_view name, JsonNode const& object);

/// The event of a type that tells nothing, or nothing but defaults.
[[nodiscard]] core::Result<core::Event> bare_event(std::string_view name);

}  // namespace failover::adapters
