#pragma once

#include "core/event.hpp"
#include "core/step.hpp"

/// What fresh screens say about the sessions.
namespace failover::core {

void on_screens_captured(Step& step, event::ScreensCaptured const& captured);

}  // namespace failover::core
