#include "core/starting.hpp"

#include "core/agent_profile.hpp"
#include "core/assignment.hpp"
#include "core/candidates.hpp"
#include "core/evidence.hpp"
#include "core/fresh_start.hpp"
#include "core/keyboard.hpp"
#include "core/login_deaths.hpp"
#include "core/looking.hpp"
#include "core/notices.hpp"

#include <algorithm>
#include <utility>

namespace failover::core {
namespace {

/// True while another start fits into the budget; notes that it is made.
bool spend_start(Step& step, SessionName const& name) {
  auto& session = step.state.sessions.at(name);
  while (!session.starts.empty() && elapsed(session.starts.front(), step.now) >= step.config.sessions.restart_window)
    session.starts.pop_front();
  if (std::ssize(session.starts) >= step.config.sessions.restart_limit) {
    if (session.phase != Phase::held) {
      hold_session(step, name,
                   "ended too often: " + std::to_string(session.starts.size()) + " starts within " +
                       spoken(step.config.sessions.restart_window));
      tell(step, "Session " + name.str() + " is held", "It ended again and again; it is not started any more.");
    }
    return false;
  }
  session.starts.push_back(step.now);
  return true;
}

std::int64_t starts_under_way(State const& state) {
  return std::count_if(state.sessions.begin(), state.sessions.end(),
                       [](auto const& entry) { return entry.second.phase == Phase::starting && entry.second.ours; });
}

/// True while enough others are being started; it is asked again when one of them has shown its prompt.
bool waits_its_turn(Step& step) {
  if (starts_under_way(step.state) < starts_side_by_side) return false;
  step.state.live.starts_wait = true;
  return true;
}

std::vector<std::string> command_for(Step& step, SessionName const& name) {
  auto& session = step.state.sessions.at(name);
  bool const resumable = !step.config.profile.resume.empty();
  if (session.conversation && session.conversed && resumable && !is_refused(step.state, *session.conversation)) {
    note_resuming(session, session.conversation);
    return resume_command(step.config, name, *session.conversation, {});
  }
  note_resuming(session, std::nullopt);
  session.conversed = false;
  if (!chooses_conversation(step.config.profile)) {
    session.conversation.reset();
    return start_command(step.config, name, {});
  }
  std::uint64_t const high = step.random();
  session.conversation = make_conversation_id(high, step.random());
  return start_command(step.config, name, *session.conversation);
}

/// What the command of command_for() goes on with.
std::optional<ConversationId> resumed_by(SessionState const& session) {
  return session.conversed ? session.conversation : std::nullopt;
}

void restart(Step& step, SessionName const& name, std::string_view reason) {
  auto& session = step.state.sessions.at(name);
  session.busy_with_effect = true;
  auto const account = begin_restart(step, session, name);
  session.recovery.reset();
  set_phase(step, name, Phase::starting, reason);
  auto argv = command_for(step, name);
  ++step.state.counters.session_changes["restarted"];
  step.save_first();
  step.ask(effect::RestartAgent{name, *session.pane, session.cwd, std::move(argv),
                                agent_environment(step.config, account), resumed_by(session)});
}

/// Idle, and behind on an account that was left; what it has said so far must not be lost.
bool stays_on_a_spent_account(Step const& step, SessionName const& name, SessionState const& session) {
  if (session.phase != Phase::idle || session.task || session.busy_with_effect || !session.pane || !session.ours)
    return false;
  if (!rests(session, step.now) || person_types(step.config, session, step.now)) return false;
  bool const lasts = session.kind != SessionKind::pool;  // a pool's session begins each task anew
  if (lasts && !session.conversation) return false;
  auto const to = destination(step.config, step.state, name);
  if (!usable(step.config, step.state, to)) return false;
  if (!moves_by_restart(step.config)) return uses_former_login(step.config, step.state, session);
  return session.account != to && !usable(step.config, step.state, session.account);
}

/// What ends sooner than this after its start may end so again and again.
constexpr Duration settled_life = std::chrono::minutes{1};

}  // namespace

void start(Step& step, WantedSession const& wanted) {
  AccountName const account = destination(step.config, step.state, wanted.name);
  if (!step.may_act() || account.empty() || waits_its_turn(step) || !spend_start(step, wanted.name)) return;
  auto& session = step.state.sessions.at(wanted.name);
  session.cwd = wanted.workdir;
  session.ours = true;
  begin_on_destination(step, wanted.name, step.now);
  session.busy_with_effect = true;
  set_phase(step, wanted.name, Phase::starting);
  auto argv = command_for(step, wanted.name);
  ++step.state.counters.session_changes["created"];
  step.save_first();
  step.ask(effect::StartSession{wanted.name, wanted.workdir, std::move(argv), agent_environment(step.config, account),
                                step.config.sessions.columns, step.config.sessions.rows, resumed_by(session)});
}

void restart_dead(Step& step, SessionName const& name) {
  auto& session = step.state.sessions.at(name);
  if (!step.may_act() || !session.ours || !keyboard_is_free(step.config, session, step.now)) return;
  if (stopped_by_login_deaths(step.state, destination(step.config, step.state, name))) return;
  if (waits_its_turn(step) || !spend_start(step, name)) return;
  restart(step, name, "its agent ended");
}

void note_end(Step& step, SessionName const& name, std::optional<std::int64_t> status) {
  auto& starts = step.state.sessions.at(name).starts;
  if (status != 0 || starts.empty() || elapsed(starts.back(), step.now) < settled_life) return;
  starts.pop_back();
  step.changed();
}

void go_on_with_starts(Step& step) {
  auto& live = step.state.live;
  if (!live.starts_wait || starts_under_way(step.state) >= starts_side_by_side) return;
  live.starts_wait = false;
  live.panes_changed = true;
}

void on_session_started(Step& step, event::SessionStarted const& started) {
  auto const found = step.state.sessions.find(started.session);
  if (found == step.state.sessions.end()) return;
  auto& session = found->second;
  session.busy_with_effect = false;
  if (started.pane) {
    session.pane = *started.pane;
    session.reading.reset();
    session.stale_listing = step.state.live.listing_panes;
    step.changed();
    step.log(LogLevel::info, "session created", {{"session", started.session.str()}, {"pane", started.pane->id.str()}});
    return;
  }
  step.log(LogLevel::error, "session not created",
           {{"session", started.session.str()}, {"detail", started.pane.error().detail}});
  set_phase(step, started.session, Phase::missing, to_string(started.pane.error().kind));
}

void on_agent_restarted(Step& step, event::AgentRestarted const& restarted) {
  auto& session = step.state.sessions.at(restarted.session);
  session.reading.reset();
  expect_stale_look(session);
  if (restarted.outcome) return end_restart(step, session);
  step.log(LogLevel::error, "agent not restarted",
           {{"session", restarted.session.str()}, {"detail", restarted.outcome.error().detail}});
  set_phase(step, restarted.session, Phase::dead, to_string(restarted.outcome.error().kind));
}

void move_idle_sessions(Step& step) {
  if (!step.may_act() || !(moves_by_restart(step.config) || step.config.profile.live_login_since.empty())) return;
  for (auto& [name, session] : step.state.sessions) {
    if (!stays_on_a_spent_account(step, name, session)) continue;
    if (starts_under_way(step.state) >= starts_side_by_side) return;
    if (spend_start(step, name)) restart(step, name, "moves to an account that can be used");
  }
}

void hold_failed_starts(Step& step) {
  for (auto& [name, session] : step.state.sessions) {
    if (session.phase != Phase::starting || session.busy_with_effect) continue;
    if (session.reading && session.reading->seen.state != ScreenState::unknown) continue;
    if (elapsed(session.since, step.now) < step.config.sessions.start_timeout) continue;
    hold_session(step, name, "did not show its prompt within " + spoken(step.config.sessions.start_timeout));
    tell(step, "Session " + name.str() + " did not start", "Its screen shows no prompt; look at it with tmux.");
  }
}

}  // namespace failover::core
