#include "core/recovery.hpp"

#include "core/agent_profile.hpp"
#include "core/assignment.hpp"
#include "core/candidates.hpp"
#include "core/conversations.hpp"
#include "core/evidence.hpp"
#include "core/fresh_start.hpp"
#include "core/keyboard.hpp"
#include "core/looking.hpp"
#include "core/quota_policy.hpp"

#include <algorithm>

namespace failover::core {
namespace {

/// For so long after a prompt a look may still show what stood there before.
constexpr Duration redraw_time = std::chrono::seconds{2};

void enter(Step& step, SessionState& session, RecoveryStep next) {
  session.recovery->step = next;
  session.recovery->step_since = step.now;
  step.changed();
}

void recovered(Step& step, SessionName const& name, Phase phase) {
  auto& session = step.state.sessions.at(name);
  Moment const began = session.recovery->began;
  bool const fresh = !session.recovery->left.empty();
  std::string const how = fresh                            ? "fresh"
                          : session.recovery->restarted    ? "restart"
                          : session.recovery->attempts > 0 ? "nudge"
                                                           : "itself";
  if (fresh) session.conversed = true;
  session.recovery.reset();
  distrust_transcript(step, session);
  use_active_account(step, session, began);
  ++step.state.counters.recoveries;
  ++step.state.live.proven_recoveries;
  if (phase == Phase::idle) prove_account(step, session.account);
  set_phase(step, name, phase, "recovered");
  step.log(LogLevel::info, "session recovered",
           {{"session", name.str()},
            {"by", how},
            {"took", spoken(elapsed(began, step.now))},
            {"account", session.account.str()},
            {"conversation", session.conversation ? session.conversation->str() : "unknown"}});
}

void nudge(Step& step, SessionName const& name, Reading const& reading) {
  auto& session = step.state.sessions.at(name);
  bool const stopped =
      reading.seen.state == ScreenState::quota_exhausted || reading.seen.state == ScreenState::auth_error;
  if (stopped) session.void_turn = reading.turn_hash;
  ++session.recovery->attempts;
  session.busy_with_effect = true;
  enter(step, session, RecoveryStep::nudging);
  step.save_first();
  step.ask(effect::DeliverPrompt{name, *session.pane, step.config.switching.continue_prompt});
}

/// "" when the agent can be restarted in the session's conversation.
std::string why_not_resumed(Config const& config, SessionState const& session) {
  auto const& agent = config.sessions.agent;
  if (config.profile.resume.empty()) return agent + " cannot be resumed by id";
  if (session.conversation) return {};
  bool const chooses = chooses_conversation(config.profile);
  return chooses ? "its conversation is unknown"
                 : agent + " cannot be resumed by id: the id of its conversation is unknown";
}

void restart_in_conversation(Step& step, SessionName const& name) {
  auto& session = step.state.sessions.at(name);
  if (!session.ours) return hold_session(step, name, "not ours to restart, and the continue prompt did not help");
  if (auto why = why_not_resumed(step.config, session); !why.empty()) return hold_session(step, name, std::move(why));
  if (!session.pane) return hold_session(step, name, "its pane is gone");
  if (!session.recovery->left.empty()) return ask_for_fresh_start(step, name);
  note_resuming(session, session.conversation);
  auto const account = begin_restart(step, session, name);
  ++session.recovery->attempts;
  session.recovery->restarted = true;
  session.recovery->submitted = false;
  session.recovery->replaces = session.process;
  session.busy_with_effect = true;
  enter(step, session, RecoveryStep::restarting);
  step.save_first();
  step.ask(effect::RestartAgent{
      name, *session.pane, session.cwd,
      resume_command(step.config, name, *session.conversation, step.config.switching.continue_prompt),
      agent_environment(step.config, account), session.conversation, true});
}

/// Another account takes effect by a restart alone.
bool needs_restart(Step const& step, SessionName const& name, SessionState const& session) {
  if (!moves_by_restart(step.config)) return uses_former_login(step.config, step.state, session);
  return session.account != destination(step.config, step.state, name);
}

/// Whether somebody types there; that it waits for him is said once.
bool waits_for_person(Step& step, SessionName const& name) {
  auto& session = step.state.sessions.at(name);
  bool const waits = person_types(step.config, session, step.now);
  if (waits && !session.told_of_person)
    step.log(LogLevel::info, "a person is at the keyboard: waiting",
             {{"session", name.str()}, {"still_for", spoken(step.config.sessions.human_grace)}});
  session.told_of_person = waits;
  return waits;
}

/// The time does not count while somebody types.
void wait_on(Step& step, SessionState& session) {
  session.recovery->step_since = step.now;
  session.recovery->last_refusal = "a person was at its keyboard";
}

/// Whether the refused login is the one that it recovers from, as its transcript shows.
bool told_before(Step const& step, SessionState const& session) {
  auto const* const told = conversation_of(step.state, session);
  return told != nullptr && asks_for_login(told->newest) &&
         told->newest.at < by_present_clock(session.recovery->began, step.now);
}

void choose_move(Step& step, SessionName const& name, Reading const& reading) {
  auto& session = step.state.sessions.at(name);
  auto const state = reading.seen.state;
  if (state == ScreenState::working) {
    if (!row_leads_screen(step.state, session, step.now)) recovered(step, name, Phase::working);
    return;
  }
  // A turn was begun since, by a person, and its tool has printed the wall.
  if (state == ScreenState::quota_exhausted && transcript_denies(step.state, session))
    return recovered(step, name, Phase::working);
  bool const free = state == ScreenState::idle && !stopped_by_row(step.state, session);
  if (!free && waits_for_person(step, name)) return wait_on(step, session);
  if (needs_restart(step, name, session) && state == ScreenState::quota_exhausted)
    return restart_in_conversation(step, name);
  if (reading.limit_menu) {
    if (step.config.profile.limit_menu == DialogAnswer::none)
      return hold_session(step, name, "the limit's menu waits for you: no key is known that only closes it");
    session.busy_with_effect = true;
    enter(step, session, RecoveryStep::escaping);
    step.ask(effect::PressEscape{name, *session.pane});
    return;
  }
  if (state == ScreenState::permission_prompt) return hold_session(step, name, "a permission prompt waits for you");
  if (state == ScreenState::dialog) return hold_session(step, name, "a dialog waits for you");
  bool const of_former_account = session.account != destination(step.config, step.state, name);
  bool const known = reading.turn_hash == session.void_turn || told_before(step, session);
  if (state == ScreenState::auth_error && !of_former_account && !known) {
    session.recovery.reset();
    return consider_login_screen(step, name, reading);
  }
  if (free) return recovered(step, name, Phase::idle);
  if (needs_restart(step, name, session)) return restart_in_conversation(step, name);
  if (reading.has_input_box && session.recovery->attempts < step.config.switching.recovery_attempts)
    return nudge(step, name, reading);
}

/// Whether the screen shows a turn of our prompt, and the row that told of the wall is from before: the rows that came
/// since are late.
bool answers(Step const& step, SessionState const& session, Reading const& reading) {
  if (reading.newest_prompt != comparable_prompt(step.config.switching.continue_prompt)) return false;
  auto const* const told = conversation_of(step.state, session);
  return told != nullptr && told->newest.at < by_present_clock(session.recovery->began, step.now);
}

/// The prompt was submitted: what does the screen make of it?
void look_for_proof(Step& step, SessionName const& name, Reading const& reading) {
  auto& session = step.state.sessions.at(name);
  auto const state = reading.seen.state;
  if (state == ScreenState::working) return recovered(step, name, Phase::working);
  // The turn runs, and asks the person for something.
  if (state == ScreenState::permission_prompt) return recovered(step, name, Phase::waiting_permission);
  if (state == ScreenState::dialog) return hold_session(step, name, "a dialog waits for you");
  // The same words may be the answer to our prompt as well, but not before the agent had the time to draw them.
  bool const as_before = session.void_turn != 0 && reading.turn_hash == session.void_turn;
  bool const drawn = session.recovery->submitted && elapsed(session.recovery->step_since, step.now) >= redraw_time;
  bool const old_wall = as_before && !drawn;
  bool const free = !stopped_by_row(step.state, session) || (drawn && answers(step, session, reading));
  if (state == ScreenState::idle && !old_wall && free) return recovered(step, name, Phase::idle);
  // A restarted agent shows its history, old walls included, before it takes the prompt.
  if (state == ScreenState::quota_exhausted && !old_wall && !session.recovery->restarted) {
    // The turn did run, on the new account, and met its wall.
    use_account_of_turn(step, session, session.recovery->began);  // the answer to our prompt may have been lost
    session.recovery.reset();
    session.void_turn = 0;
    set_phase(step, name, Phase::idle, "the new account answered with a wall");
    consider_wall(step, name, reading);
  }
  if (state == ScreenState::auth_error && drawn && !as_before && !session.recovery->restarted) {
    use_account_of_turn(step, session, session.recovery->began);
    session.recovery.reset();
    session.void_turn = 0;
    set_phase(step, name, Phase::idle, "the account's login was refused");
    consider_login_screen(step, name, reading);
  }
}

/// The agent has its new process and its new account; what it shows is to prove that it works.
void restart_is_made(Step& step, SessionName const& name) {
  auto& session = step.state.sessions.at(name);
  ++step.state.counters.session_changes[session.recovery->left.empty() ? "restarted" : "fresh"];
  session.starts.push_back(session.recovery->step_since);  // it may have been made since then
  auto const is_old = [&](Moment start) { return elapsed(start, step.now) >= step.config.sessions.restart_window; };
  while (session.starts.size() > 1 && is_old(session.starts.front())) session.starts.pop_front();
  session.recovery->replaces = 0;
  end_restart(step, session);
  enter(step, session, RecoveryStep::proving);
}

/// Asked for before our own end, and never made.
bool restart_was_lost(SessionState const& session) {
  auto const replaces = session.recovery->replaces;
  return replaces != 0 && session.process == replaces;
}

bool may_recover(Step const& step, SessionName const& name, SessionState const& session) {
  auto const to = destination(step.config, step.state, name);
  bool const refused = session.phase == Phase::auth_needed;  // the account's login works by now, or it is another's
  bool const stopped = refused || session.phase == Phase::blocked;
  if (!stopped || session.recovery || session.busy_with_effect || !session.pane) return false;
  if (!usable(step.config, step.state, to)) return false;
  bool const assumed = session.blocked_until == assumed_wait;
  bool const waited = assumed ? elapsed(session.since, step.now) >= step.config.quota.default_reset
                              : session.blocked_until <= step.now.wall;
  return refused || session.account != to || waited;
}

/// An account that came back by its clock alone is tried by one session before the others follow.
bool waits_for_a_probe(Step const& step, SessionName const& name, AccountName const& account) {
  auto const known = step.state.accounts.find(account);
  if (known == step.state.accounts.end() || !known->second.unproven) return false;
  return std::any_of(step.state.sessions.begin(), step.state.sessions.end(), [&](auto const& entry) {
    auto const& session = entry.second;
    bool const stopped = session.phase == Phase::blocked || session.phase == Phase::held;
    bool const at_its_wall = !stopped && session.suspicion && !session.suspicion->refuted;  // as it seems
    bool const tries = session.recovery || seems_to_work(session, step.now) || at_its_wall;
    return tries && entry.first != name && destination(step.config, step.state, entry.first) == account;
  });
}

/// Few at first, for what fails for one may fail for all; each that works makes it one more.
std::int64_t at_once(Step const& step) {
  auto const first = step.config.switching.recover_at_once;
  return std::min(first + step.state.live.proven_recoveries, 5 * first);
}

}  // namespace

void begin_recoveries(Step& step) {
  auto& state = step.state;
  if (!step.may_act() || (state.swap && state.swap->phase == SwapPhase::planned)) return;
  auto running = std::count_if(state.sessions.begin(), state.sessions.end(),
                               [](auto const& entry) { return entry.second.recovery.has_value(); });
  for (auto& [name, session] : state.sessions) {
    if (running >= at_once(step)) return;
    auto const to = destination(step.config, state, name);
    if (!may_recover(step, name, session) || waits_for_a_probe(step, name, to)) continue;
    if (waits_for_person(step, name)) continue;
    if (session.account == to && session.reading) session.void_turn = session.reading->turn_hash;
    session.recovery = Recovery{};
    session.recovery->began = step.now;
    session.recovery->step_since = step.now;
    session.reading.reset();  // the next move needs a fresh look
    expect_stale_look(session);
    set_phase(step, name, Phase::recovering);
    ++running;
  }
  if (running == 0) state.live.proven_recoveries = 0;
}

void restart_for_login(Step& step, SessionName const& name) {
  auto& session = step.state.sessions.at(name);
  if (!step.may_act() || session.busy_with_effect || session.phase == Phase::held) return;
  auto const& active = step.state.active;
  bool const about_to_move = step.state.swap && step.state.swap->phase == SwapPhase::planned;
  bool const unfit = !usable(step.config, step.state, active) || waits_for_a_probe(step, name, active);
  if (about_to_move || unfit || !keyboard_is_free(step.config, session, step.now)) {
    session.blocked_until = {};
    session.suspicion.reset();
    return set_phase(step, name, Phase::blocked, "keeps the login of the account that was left");
  }
  session.recovery = Recovery{};
  session.recovery->began = step.now;
  session.recovery->step_since = step.now;
  set_phase(step, name, Phase::recovering, "keeps the login of the account that was left");
  restart_in_conversation(step, name);
}

void recover_by_screen(Step& step, SessionName const& name, Reading const& reading) {
  auto& session = step.state.sessions.at(name);
  if (session.busy_with_effect || !step.may_act()) return;
  auto const at = session.recovery->step;
  // A delivery or restart without an answer is one from before our own restart: it may have happened, so it is
  // looked for and never repeated.
  if (at == RecoveryStep::nudging || at == RecoveryStep::restarting) enter(step, session, RecoveryStep::proving);
  if (session.recovery->step == RecoveryStep::proving) return look_for_proof(step, name, reading);
  choose_move(step, name, reading);
}

void hurry_recoveries(Step& step) {
  if (!step.may_act()) return;
  for (auto& [name, session] : step.state.sessions) {
    if (!session.recovery || session.busy_with_effect || person_types(step.config, session, step.now)) continue;
    if (elapsed(session.recovery->step_since, step.now) < step.config.switching.recovery_deadline) continue;
    // Its agent has ended, so it begins anew without a prompt; but a fresh start that was not made is made here.
    if (is_found_ended(session) && session.recovery->left.empty()) continue;
    bool const tried = session.recovery->restarted && !restart_was_lost(session);
    if (tried || session.recovery->attempts >= step.config.switching.recovery_attempts) {
      std::string reason = "could not be brought back";
      if (!session.recovery->last_refusal.empty()) reason += ": " + session.recovery->last_refusal;
      hold_session(step, name, std::move(reason));
      continue;
    }
    // Blind since, nobody knows whether the turn runs: a restart would end it.
    if (!session.reading || elapsed(session.read_at, step.now) > fresh_look) continue;
    restart_in_conversation(step, name);
  }
}

void find_lost_restart(Step& step, SessionName const& name) {
  auto const& session = step.state.sessions.at(name);
  auto const replaces = session.recovery->replaces;
  if (replaces != 0 && session.process != replaces) restart_is_made(step, name);
}

void on_escape_pressed(Step& step, event::EscapePressed const& pressed) {
  auto const found = step.state.sessions.find(pressed.session);
  if (found == step.state.sessions.end() || !found->second.recovery) return;
  auto& session = found->second;
  if (!pressed.outcome) session.recovery->last_refusal = pressed.outcome.error().detail;
  session.reading.reset();
  session.recovery->step = RecoveryStep::looking;  // step_since stays: Escapes that do not help run into the deadline
  step.changed();
}

void on_continue_delivered(Step& step, event::PromptDelivered const& delivered) {
  auto& session = step.state.sessions.at(delivered.session);
  auto const old_wall = session.void_turn;
  session.reading.reset();
  if (!delivered.outcome) {
    session.recovery->last_refusal = delivered.outcome.error().detail;
    session.recovery->step = RecoveryStep::looking;
    return step.changed();
  }
  switch (*delivered.outcome) {
    case Delivery::submitted:
      use_account_of_turn(step, session, session.recovery->step_since);
      session.void_turn = old_wall;  // a look may still show what stood there before
      session.conversed = true;
      session.recovery->submitted = true;
      return enter(step, session, RecoveryStep::proving);
    case Delivery::draft_present:
      return hold_session(step, delivered.session, "a draft stands in its input box");
    case Delivery::not_ready:
      session.recovery->last_refusal = "its input box was not ready";
      session.recovery->step = RecoveryStep::looking;
      return step.changed();
    case Delivery::unknown:
      session.recovery->last_refusal = "the continue prompt may or may not have arrived";
      return enter(step, session, RecoveryStep::proving);
  }
}

void on_recovery_restarted(Step& step, event::AgentRestarted const& restarted) {
  auto& session = step.state.sessions.at(restarted.session);
  session.reading.reset();
  if (!restarted.outcome) {
    auto const& error = restarted.outcome.error();
    bool const spared = error.kind == ErrorKind::refused;
    hold_session(step, restarted.session, spared ? error.detail : "restart failed: " + error.detail);
    return;
  }
  expect_stale_look(session);
  restart_is_made(step, restarted.session);
}

}  // namespace failover::core
