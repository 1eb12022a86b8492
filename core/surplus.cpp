#include "core/surplus.hpp"

#include "core/keyboard.hpp"
#include "core/looking.hpp"

namespace failover::core {
namespace {

bool may_end(Step const& step, SessionState const& session) {
  if (!session.surplus || session.task || session.busy_with_effect || session.held_by_operator || !session.pane)
    return false;
  bool const tried = session.end_tried != Moment{} && elapsed(session.end_tried, step.now) < step.config.tmux.sweep;
  return !tried && (session.phase == Phase::idle || session.phase == Phase::dead) &&
         keyboard_is_free(step.config, session, step.now);
}

}  // namespace

void end_surplus(Step& step) {
  if (!step.may_act()) return;
  for (auto& [name, session] : step.state.sessions) {
    if (!may_end(step, session)) continue;
    if (session.phase == Phase::idle && !rests(session, step.now)) {
      if (!session.watching.in_look) want_look(session);
      continue;
    }
    if (session.reading && !session.reading->input_text.empty()) continue;
    session.busy_with_effect = true;
    session.end_tried = step.now;
    step.ask(effect::EndSession{name, *session.pane});
  }
}

void on_session_ended(Step& step, event::SessionEnded const& ended) {
  auto const name = ended.session.str();
  auto const kind = ended.outcome ? std::optional<ErrorKind>{} : ended.outcome.error().kind;
  if (kind && kind != ErrorKind::not_found && kind != ErrorKind::refused) {
    step.log(LogLevel::warning, "session not ended", {{"session", name}, {"detail", ended.outcome.error().detail}});
    return;
  }
  if (kind == ErrorKind::refused) {
    step.log(LogLevel::info, "a pane is not ours any more",
             {{"session", name}, {"detail", ended.outcome.error().detail}});
  } else {
    ++step.state.counters.session_changes["ended"];
    step.log(LogLevel::info, "session ended, its pool is smaller now", {{"session", name}});
  }
  step.state.sessions.erase(ended.session);
  step.state.live.panes_changed = true;  // it may be wanted again by now
  step.changed();
}

}  // namespace failover::core
