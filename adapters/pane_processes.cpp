#include "adapters/pane_processes.hpp"

#include "adapters/foreground.hpp"
#include "adapters/process_stat.hpp"
#include "core/wanted.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>
#include <vector>

namespace failover::adapters {
namespace {

constexpr std::size_t reads_at_once = 200;
constexpr int most_trusted = 3;

using Panes = std::vector<core::PaneInfo>;

struct PerhapsAdopted {
  std::vector<core::PaneInfo*> panes = {};
  std::vector<pid_t> processes = {};

  void add(core::PaneInfo& pane) {
    panes.push_back(&pane);
    processes.push_back(static_cast<pid_t>(pane.pid));
  }
};

bool may_be_adopted(core::PaneInfo const& pane, core::SessionsConfig const& sessions) {
  return !pane.dead && core::adopts(sessions, pane.session);
}

PerhapsAdopted perhaps_adopted(Panes& panes, core::SessionsConfig const& sessions) {
  PerhapsAdopted found;
  for (auto& pane : panes)
    if (may_be_adopted(pane, sessions)) found.add(pane);
  return found;
}

void note(PerhapsAdopted const& adopted, std::vector<core::Foreground> const& found) {
  for (std::size_t i = 0; i < adopted.panes.size(); ++i) adopted.panes[i]->foreground = found[i];
}

void note_start(core::PaneInfo& pane) {
  if (auto const process = process_stat(static_cast<pid_t>(pane.pid))) pane.started = process->started;
}

}  // namespace

void add_processes(core::event::PanesListed& listed, core::SessionsConfig const& sessions) {
  std::erase_if(listed.running, [](auto const& process) { return !still_runs(process); });
  if (!listed.panes) return;
  for (auto& pane : *listed.panes) note_start(pane);
  auto const adopted = perhaps_adopted(*listed.panes, sessions);
  note(adopted, foregrounds_of(adopted.processes));
}

bool PaneProcesses::add_at_once(core::event::PanesListed& listed, core::SessionsConfig const& sessions) {
  if (!listed.panes) return false;
  std::map<std::int64_t, std::int64_t> unseen;
  for (auto const& process : listed.running) unseen.emplace(process.pid, process.started);
  auto panes = *listed.panes;
  std::size_t reads = 0;
  PerhapsAdopted unknown;
  for (auto& pane : panes) {
    auto const known = pane.dead ? unseen.end() : unseen.find(pane.pid);
    if (known != unseen.end() && known->second != 0) {
      pane.started = known->second;
      unseen.erase(known);
    } else if (++reads <= reads_at_once) {
      note_start(pane);
    }
    if (!may_be_adopted(pane, sessions)) continue;
    if (is_trusted(pane))
      pane.foreground = core::Foreground::program;
    else
      unknown.add(pane);
  }
  if (!unseen.empty() || reads + 2 * unknown.panes.size() > reads_at_once) return false;
  auto const found = foregrounds_at_once(unknown.processes);
  if (!found) return false;
  note(unknown, *found);
  remember(panes, sessions);
  listed.panes = std::move(panes);
  return true;
}

bool PaneProcesses::is_trusted(core::PaneInfo const& pane) const {
  auto const known = programs_.find(pane.pid);
  return known != programs_.end() && known->second.trusted < most_trusted && known->second.command == pane.command;
}

void PaneProcesses::remember(Panes const& panes, core::SessionsConfig const& sessions) {
  std::map<std::int64_t, Program> programs;
  for (auto const& pane : panes) {
    if (!may_be_adopted(pane, sessions) || pane.foreground != core::Foreground::program || is_shell(pane.command))
      continue;
    int const trusted = is_trusted(pane) ? programs_.at(pane.pid).trusted + 1 : 0;
    programs.insert_or_assign(pane.pid, Program{pane.command, trusted});
  }
  programs_ = std::move(programs);
}

}  // namespace failover::adapters
