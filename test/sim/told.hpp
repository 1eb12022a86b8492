#pragma once

#include "core/effect.hpp"
#include "core/event.hpp"

#include <string>

/// One line of a trace for each piece of news and each request.
namespace failover::sim {

[[nodiscard]] std::string told(core::Event const& event);
[[nodiscard]] std::string told(core::Effect const& effect);

}  // namespace failover::sim
