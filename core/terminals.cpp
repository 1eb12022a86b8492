#include "core/terminals.hpp"

#include "core/looking.hpp"

#include <algorithm>
#include <utility>

namespace failover::core {
namespace {

bool names(std::vector<PaneRef> const& panes, std::optional<PaneRef> const& pane) {
  return pane && std::find(panes.begin(), panes.end(), *pane) != panes.end();
}

}  // namespace

void on_terminals_touched(Step& step, event::TerminalsTouched const& touched) {
  for (auto& [name, session] : step.state.sessions) {
    if (names(touched.written, session.pane)) want_look(session);
    if (names(touched.closed, session.pane)) session.watching.tty.clear();  // the next one may have the same name
  }
  if (!touched.closed.empty()) step.state.live.panes_changed = true;
}

void watch_terminals(Step& step) {
  std::vector<Terminal> wanted;
  for (auto const& [name, session] : step.state.sessions)
    if (session.pane && !session.watching.tty.empty()) wanted.push_back({*session.pane, session.watching.tty});
  std::sort(wanted.begin(), wanted.end());
  if (wanted == step.state.live.watched) return;
  step.state.live.watched = wanted;
  step.ask(effect::WatchTerminals{std::move(wanted)});
}

}  // namespace failover::core
