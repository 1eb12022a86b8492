#include "core/quota_policy.hpp"

#include "core/assignment.hpp"
#include "core/conversations.hpp"
#include "core/evidence.hpp"
#include "core/notices.hpp"
#include "core/recovery.hpp"
#include "core/rfc3339.hpp"

#include <algorithm>
#include <utility>

namespace failover::core {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

/// Walls tell their end to the minute, so one that ends "now" may stand for the rest of it. Without this a wall whose
/// minute has come would be probed again and again.
constexpr Duration shortest_exhaustion = minutes{1};

/// One look at a screen that shows a wall; begins or goes on with the suspicion.
void look_at_wall(Step& step, SessionState& session, Reading const& reading) {
  if (!session.suspicion) {
    session.suspicion = Suspicion{reading.turn_hash, step.now, 1, false};
    return;
  }
  auto& suspicion = *session.suspicion;
  if (suspicion.turn_hash == reading.turn_hash) return;
  if (suspicion.refuted) {
    suspicion = Suspicion{reading.turn_hash, step.now, 1, false};
    return;
  }
  suspicion.turn_hash = reading.turn_hash;
  ++suspicion.looks;
}

std::int64_t blocked_on(State const& state, AccountName const& account) {
  return std::count_if(state.sessions.begin(), state.sessions.end(), [&](auto const& entry) {
    return entry.second.phase == Phase::blocked && entry.second.account == account;
  });
}

void open_episode(Step& step, SessionName const& reporter, Classification const& wall, WallTime until, bool assumed) {
  auto const& name = step.state.sessions.at(reporter).account;
  auto& account = step.state.accounts[name];
  account.kind = StandingKind::exhausted;
  account.window = wall.window;
  account.until = until;
  account.until_assumed = assumed;
  account.since = step.now;
  account.rule = wall.rule;
  account.reported_by = reporter;
  ++account.exhausted_total;
  step.changed();
  step.log(LogLevel::warning, "account exhausted",
           {{"account", name.str()},
            {"window", std::string(to_string(wall.window))},
            {"until", to_rfc3339(until)},
            {"assumed", assumed ? "yes" : "no"}});
}

/// A spend limit without a reset is nothing that waiting cures: no invented time, one alert.
void block_for_spending(Step& step, SessionName const& name, std::string const& rule) {
  auto& session = step.state.sessions.at(name);
  auto& account = step.state.accounts[session.account];
  session.suspicion.reset();
  session.blocked_until = {};
  set_phase(step, name, Phase::blocked, "spend limit");
  if (account.kind == StandingKind::spend_blocked) return;
  account.kind = StandingKind::spend_blocked;
  account.since = step.now;
  account.rule = rule;
  account.reported_by = name;
  step.changed();
  tell(step, "Account " + session.account.str() + " hit its spend limit",
       "Session " + name.str() + " reported it. Waiting does not cure this one: raise the limit, then run " +
           "`claude-failover account enable " + session.account.str() + "`.");
}

/// The model is barred on the account, which serves the others: nothing is switched, the session waits.
void bar_model(Step& step, SessionName const& name, std::optional<WallTime> reset) {
  auto& session = step.state.sessions.at(name);
  auto& account = step.state.accounts[session.account];
  session.suspicion.reset();
  session.blocked_until = reset.value_or(step.now.wall + step.config.quota.default_reset);
  bool const known = account.model_limited_until > step.now.wall;
  account.model_limited_until = std::max(account.model_limited_until, session.blocked_until);
  set_phase(step, name, Phase::blocked, "model limit");
  step.changed();
  if (known) return;
  tell(step, "Account " + session.account.str() + " hit the limit of a model",
       "Session " + name.str() + " waits until " + to_rfc3339(session.blocked_until) +
           ". The account serves other models.");
}

bool episode_is_open(State const& state, AccountName const& name) {
  auto const account = state.accounts.find(name);
  return account != state.accounts.end() && account->second.kind == StandingKind::exhausted;
}

/// Opens the account's episode once enough sessions are blocked on it.
void consider_episode(Step& step, SessionName const& name, Classification const& wall, WallTime until, bool assumed) {
  auto const& account = step.state.sessions.at(name).account;
  auto const blocked = blocked_on(step.state, account);
  if (blocked >= step.config.quota.min_blocked_sessions) return open_episode(step, name, wall, until, assumed);
  step.log(LogLevel::info, "waiting for more blocked sessions",
           {{"account", account.str()},
            {"blocked", std::to_string(blocked)},
            {"needed", std::to_string(step.config.quota.min_blocked_sessions)}});
}

WallTime spent_until(Step const& step, std::optional<WallTime> reset) {
  return std::max(reset.value_or(step.now.wall + step.config.quota.default_reset), step.now.wall + shortest_exhaustion);
}

Judgement joined_if_open(State const& state, SessionState const& session, Judgement judgement) {
  if (judgement.ruling == Ruling::confirmed && episode_is_open(state, session.account))
    judgement.ruling = Ruling::joined;
  return judgement;
}

/// Its screen shows the wall that ended its conversation's last turn, in whatever it was when it was last looked at.
bool shows_wall_of_row(SessionState const& session, Conversation const* told) {
  bool const at_wall = session.reading && session.reading->seen.state == ScreenState::quota_exhausted;
  bool const is_known = session.recovery || session.phase == Phase::blocked;  // perhaps for longer
  return at_wall && !is_known && told != nullptr && told->wall && keeps_up(*told, session);
}

/// The wall of an account that was left, which stopped this session then: it waits to be brought back.
void wait_at_old_wall(Step& step, SessionName const& name) {
  auto& session = step.state.sessions.at(name);
  auto const* const told = conversation_of(step.state, session);
  bool const in_a_turn = session.phase == Phase::working || session.phase == Phase::waiting_permission;
  bool const works_no_more = in_a_turn && told != nullptr && told->wall;
  bool const stands_there = works_no_more || shows_wall_of_row(session, told) || stopped_by_row(step.state, session);
  if (session.phase != Phase::starting && !stands_there) return;
  session.blocked_until = {};
  set_phase(step, name, Phase::blocked, "an older wall, of a former account");
}

/// Another window that binds as well and ends later: the account comes back when all are open.
void extend_episode(Step& step, AccountName const& name, Classification const& wall, WallTime until) {
  auto& account = step.state.accounts.at(name);
  constexpr Duration same_reset = std::chrono::minutes{2};
  if (until <= account.until + same_reset) return;
  account.until = until;
  account.until_assumed = false;
  account.window = wall.window;
  step.changed();
  step.log(LogLevel::warning, "another window binds longer",
           {{"account", name.str()}, {"window", std::string(to_string(wall.window))}, {"until", to_rfc3339(until)}});
}

/// How long a session waits for its exhausted account. One that is assumed is no time of any clock.
WallTime wait_for(AccountState const& account) {
  return account.until_assumed ? assumed_wait : account.until;
}

/// The session is stopped by its account's limit.
void block(Step& step, SessionName const& name, Classification const& wall, std::optional<WallTime> reset) {
  auto& session = step.state.sessions.at(name);
  WallTime const until = spent_until(step, reset);
  bool const open = episode_is_open(step.state, session.account);
  session.suspicion.reset();
  session.recovery.reset();  // what it waited for has happened: the turn ran, and met a wall
  session.blocked_until = open ? wait_for(step.state.accounts.at(session.account)) : reset ? until : assumed_wait;
  set_phase(step, name, Phase::blocked, wall.rule);
  if (!open) return consider_episode(step, name, wall, until, !reset.has_value());
  if (reset) extend_episode(step, session.account, wall, until);
}

/// What follows for the session from a report that has been judged.
void act_on(Step& step, SessionName const& name, Classification const& wall, std::optional<WallTime> reset,
            Ruling ruling) {
  switch (ruling) {
    case Ruling::confirmed:
    case Ruling::joined:
      return block(step, name, wall, reset);
    case Ruling::former_account:
      return restart_for_login(step, name);
    case Ruling::not_the_account:
      if (wall.scope == Scope::spend) return block_for_spending(step, name, wall.rule);
      return bar_model(step, name, reset);
    case Ruling::outdated:
      return wait_at_old_wall(step, name);
    case Ruling::suspected:
    case Ruling::refuted:
    case Ruling::cleared:
      return;
  }
}

/// An agent that was started in its old conversation without a prompt, or that was not looked at for a while, has met
/// nothing yet that we know of: it is asked to go on before its words count.
bool shows_its_history(SessionState const& session) {
  return session.phase == Phase::starting && session.conversed;
}

/// A wall that stands until the very minute in which the active account comes back is that account's, whatever the
/// session was last seen to use: nobody may have looked since the link was moved.
void use_account_of_reset(Step& step, SessionState& session, WallTime until) {
  if (moves_by_restart(step.config) || session_keeps_its_login(step.config, step.state, session)) return;
  auto const ends_then = [&](AccountName const& name) {
    auto const account = step.state.accounts.find(name);
    if (account == step.state.accounts.end() || account->second.kind != StandingKind::exhausted) return false;
    return !account->second.until_assumed && std::chrono::abs(until - account->second.until) < minutes{1};
  };
  if (ends_then(step.state.active) && !ends_then(session.account))
    use_active_account(step, session, step.state.active_since);
}

/// Whether its screen has shown a turn that runs since what was told late; what is drawn follows a row within moments.
bool works_since(SessionState const& session, WallTime told, Now now) {
  return session.phase == Phase::working && session.reading && session.reading->seen.state == ScreenState::working &&
         by_present_clock(session.read_at, now) > told + row_lead;
}

std::string hash_text(std::size_t hash) {
  return "turn " + std::to_string(hash);
}

/// Blocked by a model's limit, beside an account that serves the others: a wall of the account itself is news.
bool waits_for_its_model(Step const& step, SessionState const& session) {
  if (session.phase != Phase::blocked || episode_is_open(step.state, session.account)) return false;
  auto const account = step.state.accounts.find(session.account);
  return account != step.state.accounts.end() && session.blocked_until > step.now.wall &&
         session.blocked_until <= account->second.model_limited_until;
}

/// Blocked by a model's limit that its screen has told: another wall there is the account's. What a row has told as a
/// model's may be worded otherwise on the screen, so there the rows alone say more.
bool screen_barred_its_model(SessionState const& session, Now now) {
  if (session.phase != Phase::blocked || session.blocked_until <= now.wall) return false;
  auto const stops = [](Observation const& seen) {
    return seen.ruling == Ruling::confirmed || seen.ruling == Ruling::joined || seen.ruling == Ruling::not_the_account;
  };
  auto const last = std::find_if(session.observations.rbegin(), session.observations.rend(), stops);
  return last != session.observations.rend() && last->source == Source::pane && last->scope == Scope::model &&
         last->ruling == Ruling::not_the_account;
}

/// What was seen to be quoted, or old, stays so, also after a restart, when the transcript may be read after the
/// screen.
bool was_ruled(SessionState const& session, Source source, std::string const& fingerprint, Ruling ruling) {
  return std::any_of(session.observations.begin(), session.observations.end(), [&](Observation const& seen) {
    return seen.source == source && seen.fingerprint == fingerprint && seen.account == session.account &&
           seen.ruling == ruling;
  });
}

}  // namespace

bool seems_to_work(SessionState const& session, Now now) {
  constexpr Duration silent = minutes{10};
  bool const doubtful = session.suspicion && session.suspicion->refuted && elapsed(session.changed_at, now) >= silent;
  return session.phase == Phase::working && !doubtful;
}

std::optional<WallTime> believable_reset(Classification const& wall, WallTime seen) {
  if (!wall.resets_at) return std::nullopt;
  WallTime resets = *wall.resets_at;
  bool const passed_just_now = resets > seen + hours{23} && resets <= seen + hours{24};
  if (passed_just_now && wall.window != Window::weekly && wall.window != Window::monthly) resets = seen;
  Duration const ahead = resets - seen;
  if (ahead < -hours{1}) return std::nullopt;
  if (wall.window == Window::five_hour && ahead > hours{5} + minutes{10}) return std::nullopt;
  if (wall.window == Window::weekly && ahead > hours{24 * 7 + 1}) return std::nullopt;
  if (ahead > hours{24 * 32}) return std::nullopt;
  return std::max(resets, seen);
}

void outlive_flip(Step& step, SessionState& session, WallTime at) {
  if (session.account == step.state.active || moves_by_restart(step.config)) return;
  if (at - by_present_clock(step.state.active_since, step.now) < longest_request) return;
  if (!session_keeps_its_login(step.config, step.state, session))
    use_active_account(step, session, step.state.active_since);
}

void consider_wall(Step& step, SessionName const& name, Reading const& reading) {
  auto& session = step.state.sessions.at(name);
  if (shows_its_history(session)) {
    session.void_turn = reading.turn_hash;
    session.blocked_until = {};
  }
  if (session.void_turn != 0 && reading.turn_hash == session.void_turn) {
    if (transcript_denies(step.state, session)) return;  // a tool has printed it, before the account was left
    if (session.phase == Phase::blocked) return;
    session.blocked_until = {};
    return set_phase(step, name, Phase::blocked, "an older wall, of a former account");
  }
  bool const another = reading.seen.scope != Scope::model && screen_barred_its_model(session, step.now);
  if (session.phase == Phase::blocked && !another) return;  // has been counted
  look_at_wall(step, session, reading);
  auto const fingerprint = hash_text(reading.turn_hash);
  auto const* const told = conversation_of(step.state, session);
  bool const by_row = told != nullptr && told->wall;  // its row came late, after others had refuted the screen
  bool const outdated = was_ruled(session, Source::pane, fingerprint, Ruling::outdated);
  if (outdated && !session.suspicion->refuted) wait_at_old_wall(step, name);
  if (outdated || was_ruled(session, Source::pane, fingerprint, Ruling::refuted)) session.suspicion->refuted = true;
  if (session.suspicion->refuted && (outdated || !by_row)) return;
  auto const reset = believable_reset(reading.seen, step.now.wall);
  if (reset) use_account_of_reset(step, session, *reset);
  WallReport const report{Source::pane, reading.seen, step.now.wall, fingerprint};
  auto const judgement = joined_if_open(step.state, session, judge(step, session, report, reset));
  note(step, name, report, judgement);
  session.suspicion->refuted = judgement.ruling == Ruling::refuted || judgement.ruling == Ruling::outdated;
  act_on(step, name, reading.seen, reset, judgement.ruling);
}

void consider_report(Step& step, SessionName const& name, WallReport const& report, WhoMet who) {
  auto& session = step.state.sessions.at(name);
  if (session.account.empty()) use_active_account(step, session, step.state.active_since);
  if (session.account.empty()) return;
  outlive_flip(step, session, report.at);
  // Told anew after our own restart, when the account may stand otherwise again.
  if (was_ruled(session, report.source, report.fingerprint, Ruling::outdated)) return;
  auto const reset = believable_reset(report.wall, report.at);
  auto const judgement = joined_if_open(step.state, session, judge(step, session, report, reset));
  if (!note(step, name, report, judgement)) return;
  bool const proved = judgement.ruling == Ruling::confirmed || judgement.ruling == Ruling::joined;
  if (proved) settle_suspected(session, Source::pane, judgement.ruling, "a typed source confirmed it");
  bool const blocked = session.phase == Phase::blocked && proved && !waits_for_its_model(step, session);
  // It may have waited for something else that ends later.
  if (blocked && episode_is_open(step.state, session.account))
    session.blocked_until = std::min(session.blocked_until, wait_for(step.state.accounts.at(session.account)));
  if (session.phase == Phase::held || blocked) return;
  if (judgement.ruling == Ruling::former_account && works_since(session, report.at, step.now)) return;
  if (who == WhoMet::session && !session.bare_shell) return act_on(step, name, report.wall, reset, judgement.ruling);
  bool const enough = step.config.quota.min_blocked_sessions <= 1;
  if (judgement.ruling == Ruling::confirmed && enough)
    open_episode(step, name, report.wall, spent_until(step, reset), !reset.has_value());
}

void clear_suspicion(Step& step, SessionName const& name) {
  auto& session = step.state.sessions.at(name);
  if (!session.suspicion) return;
  bool const refuted = session.suspicion->refuted;
  session.suspicion.reset();
  if (refuted) return;
  settle_suspected(session, Source::pane, Ruling::cleared, "its text went away");
  step.log(LogLevel::info, "suspicion cleared", {{"session", name.str()}});
}

void need_login(Step& step, SessionName const& name, std::string const& rule) {
  auto const& session = step.state.sessions.at(name);
  if (session.phase != Phase::held) set_phase(step, name, Phase::auth_needed, rule);
  auto& account = step.state.accounts[session.account];
  if (account.kind != StandingKind::available) return;
  account.kind = StandingKind::auth_broken;
  account.since = step.now;
  account.rule = rule;
  account.reported_by = name;
  step.changed();
  step.log(LogLevel::error, "account needs a login", {{"account", session.account.str()}, {"session", name.str()}});
  tell(step, "Account " + session.account.str() + " needs a login", "Session " + name.str() + " asks for it.");
}

void consider_login_report(Step& step, SessionName const& name, WallTime at, std::string const& rule) {
  auto& session = step.state.sessions.at(name);
  outlive_flip(step, session, at);
  if (!step.state.live.accounts_known) return;  // the screen will show it
  if (session.account.empty() || !outdated_because(step.state, session, at, step.now).empty()) return;
  if (session.recovery && at < by_present_clock(session.recovery->began, step.now)) return;  // what it recovers from
  if (uses_former_login(step.config, step.state, session)) return restart_for_login(step, name);
  session.recovery.reset();  // its turn ran, and was refused
  need_login(step, name, rule);
}

void consider_login_screen(Step& step, SessionName const& name, Reading const& reading) {
  auto& session = step.state.sessions.at(name);
  bool const told_by_row = session.phase == Phase::auth_needed && session.void_turn == 0;
  if (told_by_row || shows_its_history(session)) session.void_turn = reading.turn_hash;
  if (session.void_turn == reading.turn_hash) return set_phase(step, name, Phase::auth_needed, reading.seen.rule);
  if (uses_former_login(step.config, step.state, session)) return restart_for_login(step, name);
  session.void_turn = reading.turn_hash;
  need_login(step, name, reading.seen.rule);
}

void release_accounts(Step& step) {
  for (auto& [name, account] : step.state.accounts) {
    if (account.kind != StandingKind::exhausted || release_of(account, step.now) > step.now.wall) continue;
    for (auto& [session_name, session] : step.state.sessions)
      if (session.account == name && (session.blocked_until <= account.until || session.blocked_until == assumed_wait))
        session.blocked_until = {};
    Duration const lasted = elapsed(account.since, step.now);
    account.kind = StandingKind::available;
    account.window = Window::none;
    account.since = step.now;
    account.unproven = true;
    step.changed();
    step.log(LogLevel::info, "account available again", {{"account", name.str()}, {"after", spoken(lasted)}});
    tell(step, "Account " + name.str() + " is available again", "It was spent for " + spoken(lasted) + ".");
  }
}

void retry_logins(Step& step) {
  for (auto const& directory : step.state.live.accounts.directories) {
    auto const known = step.state.accounts.find(directory.name);
    if (known == step.state.accounts.end() || known->second.kind != StandingKind::auth_broken) continue;
    auto& account = known->second;
    // The agent that was refused may have written its file in the same moment.
    auto const since = by_present_clock(account.since, step.now) + std::chrono::seconds{2};
    if (!directory.logged_in || directory.credentials_written.value_or(WallTime{}) < since) continue;
    account.kind = StandingKind::available;
    account.since = step.now;
    account.unproven = true;
    step.changed();
    step.log(LogLevel::info, "a new login was written", {{"account", directory.name.str()}});
  }
}

void prove_account(Step& step, AccountName const& name) {
  auto const account = step.state.accounts.find(name);
  if (account == step.state.accounts.end()) return;
  if (std::exchange(account->second.unproven, false)) step.changed();
  if (std::exchange(account->second.login_deaths, 0) != 0) step.changed();
  if (account->second.kind != StandingKind::auth_broken) return;
  account->second.kind = StandingKind::available;
  account->second.since = step.now;
  step.changed();
  step.log(LogLevel::info, "login works again", {{"account", name.str()}});
}

WallTime release_of(AccountState const& account, Now now) {
  if (!account.until_assumed) return account.until;
  return by_present_clock(account.since, now) + (account.until - account.since.wall);
}

std::optional<WallTime> earliest_release(State const& state, Now now) {
  std::optional<WallTime> earliest;
  for (auto const& [name, account] : state.accounts) {
    if (account.kind != StandingKind::exhausted) continue;
    auto const release = release_of(account, now);
    if (!earliest || release < *earliest) earliest = release;
  }
  return earliest;
}

}  // namespace failover::core
