#include "test/sim/world.hpp"

/// The terminals of the agents' panes, as the kernel tells of them: once each time they are armed, or not at all.
namespace failover::sim {

using std::chrono::milliseconds;
using std::chrono::seconds;

void World::watch(core::effect::WatchTerminals const& request) {
  watched_.clear();
  armed_.clear();
  for (auto const& [name, agent] : agents)
    for (auto const& terminal : request.terminals)
      if (terminal.pane == pane_ref(agent) && agent.doing != Doing::dead) watched_.insert(terminal.pane);
  armed_ = watched_;
}

bool World::draws_on(Agent const& agent) const {
  return scenario_.spinners && agent.doing == Doing::working && agent.working_since &&
         mono_ - *agent.working_since < seconds{20};
}

void World::arm(core::effect::CapturePanes const& look) {
  for (auto const& pane : look.panes)
    if (watched_.contains(pane)) armed_.insert(pane);
  for (auto const& pane : look.drawing) armed_.erase(pane);
  for (auto const& [name, agent] : agents)
    if (draws_on(agent)) touch(agent);
}

void World::touch(Agent const& agent) {
  auto const pane = pane_ref(agent);
  auto const& faults = scenario_.faults;
  if (armed_.erase(pane) == 0 || (!calm_ && chance_.percent(faults.hints_lost))) return;
  bool const late = !calm_ && chance_.percent(faults.hints_late);
  tell_(late ? chance_.between(seconds{1}, seconds{20}) : chance_.between(milliseconds{50}, milliseconds{60}),
        core::event::TerminalsTouched{{pane}, {}});
}

void World::close(Agent const& agent) {
  auto const pane = pane_ref(agent);
  armed_.erase(pane);
  if (watched_.erase(pane) == 0 || (!calm_ && chance_.percent(scenario_.faults.hints_lost))) return;
  tell_(chance_.between(milliseconds{50}, milliseconds{60}), core::event::TerminalsTouched{{}, {pane}});
}

bool World::runs(core::ProcessRef const& process) const {
  for (auto const& [name, agent] : agents)
    if (agent.process == process.pid) return agent.doing != Doing::dead;
  return false;
}

}  // namespace failover::sim
