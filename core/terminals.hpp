#pragma once

#include "core/event.hpp"
#include "core/step.hpp"

/// The terminals of the sessions' panes: what is written there makes their screens worth a look, and their end a
/// listing. Hints only: sweeps and polls find the same, later.
namespace failover::core {

void on_terminals_touched(Step& step, event::TerminalsTouched const& touched);

/// Asks for hints of the terminals that are known now, when they are not the same as before.
void watch_terminals(Step& step);

}  // namespace failover::core
