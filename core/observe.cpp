#include "core/observe.hpp"

#include "core/assignment.hpp"
#include "core/conversations.hpp"
#include "core/evidence.hpp"
#include "core/fresh_start.hpp"
#include "core/looking.hpp"
#include "core/notices.hpp"
#include "core/quota_policy.hpp"
#include "core/recovery.hpp"

#include <utility>

namespace failover::core {
namespace {

/// A turn that has gone on for so long was answered: a wall comes with the first request.
constexpr Duration answered_turn = std::chrono::seconds{10};

/// A turn that begins proves that the account's login works, and after a while that it has quota.
void turn_runs(Step& step, SessionState const& session) {
  auto const account = step.state.accounts.find(session.account);
  if (account == step.state.accounts.end()) return;
  bool const runs_on = session.phase == Phase::working;
  bool const answered = runs_on && elapsed(session.since, step.now) >= answered_turn;
  // One that ran already when the login was refused has not asked for anything since, as far as we know.
  bool const refused = account->second.kind == StandingKind::auth_broken;
  bool const told = conversation_of(step.state, session) != nullptr;
  Moment const began = runs_on ? session.since : told ? turn_began(step.state, session, step.now) : step.now;
  bool const began_before = began.mono < account->second.since.mono;
  if (refused ? !began_before : answered) prove_account(step, session.account);
}

/// A new turn runs on the account that is active when it begins; one that was not seen to begin may be of before the
/// flip.
void begin_turn(Step& step, SessionState& session) {
  if (session.phase == Phase::working) return;
  session.conversed = true;
  auto const* const conversation = conversation_of(step.state, session);
  auto const since_flip = by_present_clock(step.state.active_since, step.now);
  if (conversation != nullptr && conversation->prompt_at >= since_flip)
    use_active_account(step, session, turn_began(step.state, session, step.now));
}

/// Its account is not known, so what it shows says nothing of any; it is restarted when no turn runs.
bool waits_for_a_move(Step const& step, SessionState const& session) {
  return session.account.empty() && session.ours && moves_by_restart(step.config);
}

/// A wall on its screen stops it, unless a tool has printed it.
void wait_for_a_move(Step& step, SessionName const& name) {
  auto const& session = step.state.sessions.at(name);
  if (transcript_denies(step.state, session) || elapsed(session.changed_at, step.now) < step.config.quota.settle)
    return;
  set_phase(step, name, Phase::blocked, "its account is not known");
}

void settle_phase(Step& step, SessionName const& name, Reading const& reading) {
  auto& session = step.state.sessions.at(name);
  auto const shown = reading.seen.state;
  if (shown != ScreenState::quota_exhausted) clear_suspicion(step, name);
  bool const at_rest = shown != ScreenState::working && shown != ScreenState::permission_prompt &&
                       shown != ScreenState::dialog && shown != ScreenState::quota_exhausted;
  if (at_rest && session.phase == Phase::blocked && stopped_by_row(step.state, session)) return;
  if (session.held_by_operator) return;
  // What was held goes on when a turn runs or the box is free again, by whoever's hand.
  if (session.phase == Phase::held && shown != ScreenState::working && shown != ScreenState::idle) return;
  switch (shown) {
    case ScreenState::quota_exhausted:
      if (waits_for_a_move(step, session)) return wait_for_a_move(step, name);
      return consider_wall(step, name, reading);
    case ScreenState::permission_prompt:
      outlive_flip(step, session, step.now.wall);
      return set_phase(step, name, Phase::waiting_permission, reading.seen.rule);
    case ScreenState::dialog:
      return set_phase(step, name, Phase::dialog, reading.seen.rule);
    case ScreenState::auth_error:
      if (waits_for_a_move(step, session)) return set_phase(step, name, Phase::auth_needed, reading.seen.rule);
      return consider_login_screen(step, name, reading);
    case ScreenState::working:
      if (row_leads_screen(step.state, session, step.now)) return;
      distrust_transcript(step, session);
      if (session.phase != Phase::stalled) begin_turn(step, session);
      outlive_flip(step, session, step.now.wall);
      turn_runs(step, session);
      return set_phase(step, name, Phase::working);
    case ScreenState::idle:
    case ScreenState::quota_warning:
      if (!reading.unrecognised.empty()) tell_unrecognised(step, name, reading.unrecognised);
      use_active_account(step, session, step.now);  // the next turn may begin and end between two looks
      return set_phase(step, name, Phase::idle);
    case ScreenState::rate_limited_transient:
    case ScreenState::server_error:
    case ScreenState::network_error:
    case ScreenState::billing:
    case ScreenState::context_limit:
    case ScreenState::other_limit:
      // The turn ended in an error. With a task in hand that needs attention; without one the box is simply free.
      return set_phase(step, name, session.task ? Phase::stalled : Phase::idle, to_string(reading.seen.state));
    case ScreenState::unknown:
      if (!reading.unrecognised.empty()) tell_unrecognised(step, name, reading.unrecognised);
      return;
  }
}

/// Whether the reading shows a turn that began and ended since the last look, which saw the session at rest.
bool had_a_turn_unseen(SessionState const& session, Reading const& reading) {
  if (!session.reading || session.reading->turn_hash == reading.turn_hash) return false;
  auto const before = session.reading->seen.state;
  bool const stood = before == ScreenState::idle || before == ScreenState::auth_error;
  if (session.phase == Phase::blocked)  // another wall says less: it may be the old one, drawn anew
    return (stood || before == ScreenState::quota_exhausted) && reading.seen.state == ScreenState::auth_error;
  return stood && (session.phase == Phase::idle || session.phase == Phase::auth_needed);
}

/// Its banner may have scrolled away, and after our own restart its transcript is not read yet.
void remember_version(Step& step, SessionState& session, std::string const& shown) {
  auto const* const told = conversation_of(step.state, session);
  auto const& version = told != nullptr && !told->newest.version.empty() ? told->newest.version : shown;
  if (version.empty() || version == session.agent_version) return;
  session.agent_version = version;
  step.changed();
}

void take_reading(Step& step, SessionName const& name, Reading reading) {
  if (!step.state.live.accounts_known) return;  // whose words these are is not known yet; the next look comes at once
  auto& session = step.state.sessions.at(name);
  bool const stale = std::exchange(session.stale_looks, 0) > 0;
  if (stale && !is_found_ended(session)) {  // it shows the agent that was there before
    session.watching.look_wanted = true;
    return;
  }
  bool const since_last_look =
      had_a_turn_unseen(session, reading) && !session_keeps_its_login(step.config, step.state, session);
  if (since_last_look && session.read_at.mono >= step.state.active_since.mono && !step.state.active.empty())
    use_active_account(step, session, session.read_at);
  if (!session.reading || session.reading->turn_hash != reading.turn_hash) {
    session.seen_to_change = session.read_at != Moment{};
    session.changed_at = step.now;
  }
  bool const first = !session.reading;
  session.reading = reading;
  session.read_at = step.now;
  if (take_last_screen(step, session, first, stale)) return;
  if (would_not_resume(session)) step.state.live.panes_changed = true;  // has its agent ended?
  if (!session.busy_with_effect) note_shown(step, session, reading);
  remember_version(step, session, reading.agent_version);
  // Found before the link was read. Without an active account a wall is nobody's.
  if (session.account.empty()) use_active_account(step, session, step.state.active_since);
  if (session.account.empty() && !waits_for_a_move(step, session)) return;
  recognise_conversation(step, name, reading);
  if (session.busy_with_effect) return;  // its answer will change what this screen means
  if (session.recovery) return recover_by_screen(step, name, reading);
  settle_phase(step, name, reading);
}

/// Whether the last rows alone show it; a prompt among them is read with what stands above.
bool works_on(SessionState const& session, Reading const& tail) {
  bool const worked = session.reading && session.reading->seen.state == ScreenState::working;
  return worked && tail.seen.state == ScreenState::working && tail.prompts_seen == 0;
}

/// Of a look that told too little; one that was under way at a restart is over with it.
void look_again(SessionState& session) {
  session.stale_looks = 0;
  want_whole_look(session);
}

/// What was not read again shows what it showed.
void take_as_before(Step& step, SessionName const& name) {
  auto& session = step.state.sessions.at(name);
  if (!session.reading) return look_again(session);
  take_reading(step, name, Reading{*session.reading});
}

void take_screen(Step& step, SessionName const& name, Screen const& screen) {
  auto& session = step.state.sessions.at(name);
  session.typed_at = screen.typed_at;
  note_drawn(session, screen, step.now);
  if (session.bare_shell) return;
  if (screen.as_before) return take_as_before(step, name);
  auto reading = step.read.screen(screen.text, step.now.wall);
  if (screen.first_row > 1) return works_on(session, reading) ? take_as_before(step, name) : look_again(session);
  session.watching.read_whole = session.watching.looked_at;
  take_reading(step, name, std::move(reading));
}

}  // namespace

void on_screens_captured(Step& step, event::ScreensCaptured const& captured) {
  auto& live = step.state.live;
  live.capturing = false;
  if (std::exchange(live.capturing_all, false)) live.captured_at = step.now;
  for (auto& [name, session] : step.state.sessions) session.watching.in_look = false;
  if (!captured.screens) {
    live.captured_at.reset();  // what was to be looked at is not remembered
    if (live.tmux_up.value_or(true))
      step.log(LogLevel::warning, "cannot read the screens, keeping the last ones",
               {{"detail", captured.screens.error().detail}});
    return note_tmux(step, false, to_string(captured.screens.error().kind));
  }
  for (auto const& screen : *captured.screens)
    for (auto const& [name, session] : step.state.sessions)
      if (session.pane == screen.pane) {
        take_screen(step, name, screen);
        break;
      }
}

}  // namespace failover::core
