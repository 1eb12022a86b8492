#pragma once

#include "core/config.hpp"
#include "core/event.hpp"

#include <cstdint>
#include <map>
#include <string>

/// What /proc tells beside a listing of panes: since when their processes run, who has the terminals of those that may
/// be adopted, and which of the processes that were asked about (`running`) have not ended.
namespace failover::adapters {

/// Adds it, may read all of /proc: for the writer thread.
void add_processes(core::event::PanesListed& listed, core::SessionsConfig const& sessions);

/// Adds it where it is known already or told by a few small files of /proc, which no disk keeps waiting.
class PaneProcesses {
 public:
  /// False, with nothing changed, where more is needed. A process that was known and that tmux still has in a pane is
  /// the same one. A program that had the terminal has it still while tmux names the same command, of no shell; that is
  /// taken on trust three times in a row, then looked up again.
  [[nodiscard]] bool add_at_once(core::event::PanesListed& listed, core::SessionsConfig const& sessions);

 private:
  struct Program {
    std::string command = {};
    int trusted = 0;  ///< times since it was looked up
  };

  [[nodiscard]] bool is_trusted(core::PaneInfo const& pane) const;
  void remember(std::vector<core::PaneInfo> const& panes, core::SessionsConfig const& sessions);

  std::map<std::int64_t, Program> programs_ = {};  ///< by the pane's first process
};

}  // namespace failover::adapters
