#pragma once

#include "core/config.hpp"
#include "core/event.hpp"

/// What /proc tells beside a listing of panes: since when their processes run, who has the terminals of those that may
/// be adopted, and which of the processes that were asked about (`running`) have not ended.
namespace failover::adapters {

/// Adds it, may read all of /proc: for the writer thread.
void add_processes(core::event::PanesListed& listed, core::SessionsConfig const& sessions);

/// Adds it where it is known already or told by a few small files of /proc, which no disk keeps waiting. False, with
/// nothing changed, where more is needed. A process that was known and that tmux still has in a pane is the same one.
[[nodiscard]] bool add_processes_at_once(core::event::PanesListed& listed, core::SessionsConfig const& sessions);

}  // namespace failover::adapters
