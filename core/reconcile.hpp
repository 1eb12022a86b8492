#pragma once

#include "core/event.hpp"
#include "core/step.hpp"

/// Wanted sessions and seen sessions → what to start, what to notice, what to leave alone.
namespace failover::core {

void on_panes_listed(Step& step, event::PanesListed const& listed);

}  // namespace failover::core
