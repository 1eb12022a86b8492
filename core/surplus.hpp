#pragma once

#include "core/event.hpp"
#include "core/step.hpp"

/// Sessions of a pool that was made smaller: they take no task any more, and are ended when they are idle.
namespace failover::core {

/// Ends those that rest: nothing runs there, nobody types, and no draft would be lost.
void end_surplus(Step& step);

void on_session_ended(Step& step, event::SessionEnded const& ended);

}  // namespace failover::core
