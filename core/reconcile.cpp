#include "core/reconcile.hpp"

#include "core/assignment.hpp"
#include "core/dispatch.hpp"
#include "core/fresh_start.hpp"
#include "core/keyboard.hpp"
#include "core/login_deaths.hpp"
#include "core/looking.hpp"
#include "core/notices.hpp"
#include "core/recovery.hpp"
#include "core/starting.hpp"
#include "core/wanted.hpp"

#include <algorithm>
#include <utility>

namespace failover::core {
namespace {

/// Whether a session of that name has a pane, and which: the one that is known, before others.
PaneInfo const* pane_named(std::vector<PaneInfo> const& panes, SessionName const& name, SessionState const& session) {
  PaneInfo const* first = nullptr;
  for (auto const& pane : panes) {
    if (pane.session != name) continue;
    if (session.pane == pane.pane) return &pane;
    if (first == nullptr) first = &pane;
  }
  return first;
}

bool is_anothers(State const& state, SessionName const& name, PaneRef const& pane) {
  return std::any_of(state.sessions.begin(), state.sessions.end(),
                     [&](auto const& entry) { return entry.first != name && entry.second.pane == pane; });
}

/// The pane that is known, wherever it was moved and however its session is called now; else one by the name.
PaneInfo const* pane_of(std::vector<PaneInfo> const& panes, State const& state, SessionName const& name) {
  auto const& session = state.sessions.at(name);
  auto const same =
      std::find_if(panes.begin(), panes.end(), [&](PaneInfo const& pane) { return session.pane == pane.pane; });
  if (same != panes.end()) return &*same;
  auto const* const named = pane_named(panes, name, session);
  return named != nullptr && is_anothers(state, name, named->pane) ? nullptr : named;
}

/// Two must say that it is gone: the listing without its pane and its process, or, of a process that is not known, a
/// second listing.
bool is_gone(Step& step, SessionName const& name, std::vector<ProcessRef> const& running) {
  auto& session = step.state.sessions.at(name);
  if (!session.pane) return true;
  ++session.watching.missed;
  if (session.process == 0) {
    step.state.live.panes_changed = true;
    return session.watching.missed > 1;
  }
  auto const process = ProcessRef{session.process, session.watching.started};
  if (std::find(running.begin(), running.end(), process) == running.end()) return true;
  if (!std::exchange(session.watching.told_orphan, true))
    step.log(LogLevel::warning, "a session's pane is gone and its agent still runs; nothing is started before it ends",
             {{"session", name.str()}, {"pid", std::to_string(session.process)}});
  return false;
}

void gone(Step& step, SessionName const& name) {
  auto& session = step.state.sessions.at(name);
  bool const had_pane = session.pane.has_value();
  session.pane.reset();
  session.process = 0;
  session.watching = {};
  session.reading.reset();
  session.recovery.reset();
  session.suspicion.reset();
  if (session.phase == Phase::missing || (session.phase == Phase::held && !had_pane)) return;
  if (session.phase != Phase::held) set_phase(step, name, Phase::missing, "vanished");
  ++step.state.counters.session_changes["vanished"];
  step.log(LogLevel::warning, "session vanished", {{"session", name.str()}});
  hold_task_of(step, name, "its session vanished");
}

std::string end_reason(std::optional<std::int64_t> status) {
  if (!status) return "its agent ended";
  return *status == 0 ? "its agent ended by itself" : "its agent ended with status " + std::to_string(*status);
}

void agent_ended(Step& step, SessionName const& name, std::optional<std::int64_t> status) {
  auto& session = step.state.sessions.at(name);
  if (waits_for_last_screen(session)) return;
  auto const& recovery = session.recovery;
  bool const refused = would_not_resume(session);
  if (refused && (!step.may_act() || !keyboard_is_free(step.config, session, step.now))) return;
  if (recovery && !recovery->left.empty()) {
    // One that was not made is made after the deadline.
    bool const made = recovery->replaces == 0 || recovery->replaces != session.process;
    if (!made) return;
    consider_login_death(step, name);
    return hold_after_fresh_start(step, name);
  }
  if (refused) drop_conversation(step, name);
  if (refused && recovery) return start_afresh(step, name);
  if (session.phase != Phase::dead) {
    consider_login_death(step, name);
    hold_task_of(step, name, end_reason(status));
    note_end(step, name, status);
  }
  session.recovery.reset();  // it is started anew, and what was typed to it may have been heard
  set_phase(step, name, Phase::dead, end_reason(status));
  restart_dead(step, name);
}

/// Nothing is begun in its place, but what it would not resume is not resumed when the session is released, or its
/// pane vanishes.
void held_agent_ended(Step& step, SessionName const& name) {
  auto& session = step.state.sessions.at(name);
  if (!step.may_act() || waits_for_last_screen(session) || !would_not_resume(session)) return;
  drop_conversation(step, name);
}

/// Whose terminal it is; what could not be told leaves what was known.
void note_foreground(SessionState& session, PaneInfo const& pane) {
  if (session.pane != pane.pane) session.bare_shell = false;
  if (pane.foreground != Foreground::unknown) session.bare_shell = pane.foreground == Foreground::shell;
}

/// No agent is there: what stands on its screen is nothing to act on. Its task is given up when the next listing says
/// the same, for a look may meet a wrapper between two agents.
void leave_to_its_shell(Step& step, SessionName const& name) {
  auto& session = step.state.sessions.at(name);
  session.reading.reset();
  session.suspicion.reset();
  if (session.phase == Phase::held) return;
  session.recovery.reset();
  if (session.phase == Phase::dead) return hold_task_of(step, name, "its agent ended; a shell has the terminal");
  bool const had_agent = session.phase != Phase::missing && session.phase != Phase::starting;
  std::string const reason =
      had_agent ? "its agent ended; a shell has the terminal" : "no agent runs there; a shell has the terminal";
  set_phase(step, name, Phase::dead, reason);
  session.hold_reason = reason;
}

void seen(Step& step, SessionName const& name, PaneInfo const& pane) {
  auto& session = step.state.sessions.at(name);
  if (session.pane != pane.pane) {
    session.pane = pane.pane;
    session.watching = {};
    session.process_cwd = pane.cwd;
    session.reading.reset();
    session.recovery.reset();
    step.changed();
    // The old phase was another pane's.
    if (session.phase == Phase::missing || session.phase == Phase::recovering || session.phase == Phase::dead)
      set_phase(step, name, Phase::starting, "found");
  }
  session.process = pane.pid;
  session.watching.started = pane.started;
  session.watching.missed = 0;
  session.watching.tty = pane.dead ? std::string{} : pane.tty;
  if (session.recovery && !session.busy_with_effect) find_lost_restart(step, name);
  if (session.process_cwd.empty()) session.process_cwd = pane.cwd;
  if (session.cwd.empty()) session.cwd = pane.cwd;
  if (!pane.owner_mark.empty()) session.ours = true;
  if (pane.dead)
    session.phase == Phase::held ? held_agent_ended(step, name) : agent_ended(step, name, pane.exit_status);
  if (pane.dead || session.kind != SessionKind::adopted) return;
  if (session.bare_shell) return leave_to_its_shell(step, name);
  if (session.phase == Phase::dead && pane.foreground == Foreground::program)
    set_phase(step, name, Phase::starting, "a program has the terminal again");
}

/// Where no server runs there are none.
std::vector<PaneInfo> const& panes_in(event::PanesListed const& listed) {
  static std::vector<PaneInfo> const none;
  return listed.panes ? *listed.panes : none;
}

SessionState& known(Step& step, SessionName const& name, SessionKind kind) {
  auto const [entry, added] = step.state.sessions.try_emplace(name);
  if (added) {
    entry->second.since = step.now;
    use_active_account(step, entry->second, step.state.active_since);
    step.changed();
  }
  entry->second.kind = kind;
  if (kind != SessionKind::adopted) entry->second.bare_shell = false;
  return entry->second;
}

bool is_wanted(std::vector<WantedSession> const& wanted, SessionName const& name) {
  return std::any_of(wanted.begin(), wanted.end(), [&](auto const& want) { return want.name == name; });
}

void forget_unwanted(Step& step, std::vector<WantedSession> const& wanted, std::vector<PaneInfo> const& panes) {
  for (auto& [name, session] : step.state.sessions)
    session.surplus = session.kind == SessionKind::pool && session.ours && session.pane && !is_wanted(wanted, name);
  std::erase_if(step.state.sessions, [&](auto const& entry) {
    auto const& name = entry.first;  // clang 14 cannot capture a structured binding
    auto const& session = entry.second;
    if (session.task || session.busy_with_effect || session.surplus) return false;
    if (session.kind == SessionKind::adopted)
      return !adopts(step.config.sessions, name) || pane_named(panes, name, session) == nullptr;
    return !is_wanted(wanted, name);
  });
}

void compare_wanted(Step& step, WantedSession const& want, event::PanesListed const& listed) {
  auto& session = known(step, want.name, want.kind);
  if (session.busy_with_effect || std::exchange(session.stale_listing, false)) return;
  if (auto const* pane = pane_of(panes_in(listed), step.state, want.name)) return seen(step, want.name, *pane);
  if (!is_gone(step, want.name, listed.running)) return;
  gone(step, want.name);
  if (!session.held_by_operator) start(step, want);
}

void compare_adopted(Step& step, PaneInfo const& pane, std::vector<PaneInfo> const& panes) {
  if (is_anothers(step.state, pane.session, pane.pane)) return;  // one of ours that somebody renamed
  auto& session = known(step, pane.session, SessionKind::adopted);
  bool const its_own = !session.pane || session.pane == pane.pane || pane_named(panes, pane.session, session) == &pane;
  if (!its_own) return;
  note_foreground(session, pane);
  if (!session.busy_with_effect) seen(step, pane.session, pane);
}

/// Sessions that are no more than still there: of a pool that was made smaller, or adopted ones that are needed for a
/// task or an answer.
void compare_kept(Step& step, event::PanesListed const& listed) {
  for (auto const& [name, session] : step.state.sessions) {
    if (!(session.kind == SessionKind::adopted || session.surplus) || !session.pane || session.busy_with_effect)
      continue;
    auto const* const pane = pane_of(panes_in(listed), step.state, name);
    if (pane != nullptr && session.surplus) seen(step, name, *pane);
    if (pane == nullptr && is_gone(step, name, listed.running)) gone(step, name);
  }
}

void compare(Step& step, event::PanesListed const& listed) {
  auto const wanted = wanted_sessions(step.config.sessions);
  auto const& panes = panes_in(listed);
  forget_unwanted(step, wanted, panes);
  for (auto const& want : wanted) compare_wanted(step, want, listed);
  for (auto const& pane : panes) {
    if (!is_wanted(wanted, pane.session) && adopts(step.config.sessions, pane.session))
      compare_adopted(step, pane, panes);
  }
  compare_kept(step, listed);
}

}  // namespace

void on_panes_listed(Step& step, event::PanesListed const& listed) {
  auto& live = step.state.live;
  live.listing_panes = false;
  live.listed_at = step.now;
  bool const no_server = !listed.panes && listed.panes.error().kind == ErrorKind::unavailable;
  if (!listed.panes && !(no_server && step.config.tmux.start_server)) {
    if (live.tmux_up.value_or(true)) {
      step.log(LogLevel::error, "tmux does not answer", {{"detail", listed.panes.error().detail}});
      tell(step, "tmux does not answer", listed.panes.error().detail);
    }
    return note_tmux(step, false, to_string(listed.panes.error().kind));
  }
  if (live.tmux_up == false) step.log(LogLevel::info, "tmux answers again");
  note_tmux(step, true);
  compare(step, listed);
}

}  // namespace failover::core
