#pragma once

#include "core/effect.hpp"

#include <string>
#include <vector>

namespace failover::adapters {

/// What a step did to the world, and why, a line each: requests that change something, and the log's lines of a warning
/// or worse. Looks, saves and the rest of the log are no deeds.
///
/// A prompt, a command and its environment stand in it as a digest: equal ones are equal, and none can be read.
[[nodiscard]] std::vector<std::string> acting_effects(core::Effects const& effects);

}  // namespace failover::adapters
