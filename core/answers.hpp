#pragma once

#include "core/effect.hpp"
#include "core/event.hpp"
#include "core/result.hpp"

#include <optional>

namespace failover::core {

/// The event that says an effect failed; nothing for an effect without an answer.
[[nodiscard]] std::optional<Event> failure_of(Effect const& effect, Error const& error);

}  // namespace failover::core
