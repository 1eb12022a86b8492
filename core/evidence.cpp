#include "core/evidence.hpp"

#include "core/agent_profile.hpp"
#include "core/assignment.hpp"
#include "core/conversations.hpp"
#include "core/rfc3339.hpp"

#include <algorithm>

namespace failover::core {
namespace {

std::string_view version_of(SessionState const& session, Conversation const* conversation) {
  if (conversation != nullptr && !conversation->newest.version.empty()) return conversation->newest.version;
  bool const shown = session.reading && !session.reading->agent_version.empty();
  return shown ? std::string_view(session.reading->agent_version) : std::string_view(session.agent_version);
}

bool began_since_flip(State const& state, SessionState const& session) {
  return !session.starts.empty() && session.starts.back().mono >= state.active_since.mono;
}

/// Whether an agent that kept its login when the link was flipped tells again of the account that was left.
bool tells_of_former_account(Config const& config, State const& state, SessionState const& session,
                             WallReport const& report) {
  if (uses_former_login(config, state, session)) return true;
  if (moves_by_restart(config) || !session_keeps_its_login(config, state, session) || began_since_flip(state, session))
    return false;
  constexpr Duration same_reset = std::chrono::minutes{2};
  return std::any_of(state.accounts.begin(), state.accounts.end(), [&](auto const& entry) {
    auto const& [name, account] = entry;
    if (name == session.account || account.kind != StandingKind::exhausted) return false;
    if (!report.wall.resets_at) return true;
    auto const apart = *report.wall.resets_at - account.until;
    return apart <= same_reset && apart >= -same_reset;
  });
}

/// Whether the row was ruled on when the session used another account than now.
bool was_met_on_another(SessionState const& session, TranscriptRow const& row) {
  return std::any_of(session.observations.begin(), session.observations.end(), [&](Observation const& seen) {
    return seen.source == Source::transcript && seen.fingerprint == row_fingerprint(row) &&
           seen.account != session.account;
  });
}

/// A row decides for as long as the transcript keeps up with the screen; nothing when the row leaves it open.
std::optional<Judgement> judge_by_row(Step const& step, SessionState const& session, Conversation const& told,
                                      Duration waited) {
  bool const by_another_clock = told.newest.at > step.now.wall + row_lead;
  if (told.wall && was_met_on_another(session, told.newest))
    return Judgement{Ruling::outdated, "told before, when the session used another account"};
  if (told.wall && by_another_clock) return std::nullopt;
  if (told.wall) {
    if (auto const why = outdated_because(step.state, session, told.newest.at, step.now); !why.empty())
      return Judgement{Ruling::outdated, why};
    return Judgement{Ruling::confirmed, "the transcript's newest row says so too"};
  }
  if (waited < row_patience) return Judgement{Ruling::suspected, "waits for the transcript's row"};
  if (transcript_denies(step.state, session))
    return Judgement{Ruling::refuted, "the transcript's newest row is no wall"};
  return std::nullopt;
}

Judgement judge_by_time(Config const& config, SessionState const& session, Duration waited) {
  if (waited >= config.quota.settle) return {Ruling::confirmed, "stayed on the screen for quota.settle"};
  if (session.suspicion && session.suspicion->looks >= config.quota.confirm_polls)
    return {Ruling::confirmed, "seen again on a changed screen"};
  return {Ruling::suspected, "waits for the screen to settle"};
}

Judgement judge_screen(Step const& step, SessionState const& session, std::optional<WallTime> reset) {
  Duration const waited = session.suspicion ? elapsed(session.suspicion->first_seen, step.now) : Duration::zero();
  auto const* const told = conversation_of(step.state, session);
  if (told != nullptr)
    if (auto const judgement = judge_by_row(step, session, *told, waited)) return *judgement;
  // After a restart the screen may be read before the transcript.
  bool const reading = step.state.live.reading_transcripts;
  bool const unread = session.conversation && (told == nullptr || reading);
  if (unread && waited < (reading ? reading_patience : row_patience))
    return {Ruling::suspected, "waits for the transcript to be read"};
  if (reset) return {Ruling::confirmed, "a believable time of reset, and no transcript that denies it"};
  return judge_by_time(step.config, session, waited);
}

/// A limit that is none of the account's windows.
std::optional<Judgement> of_no_window(Classification const& wall) {
  if (wall.scope == Scope::model) return Judgement{Ruling::not_the_account, "bars a model only"};
  if (wall.scope == Scope::spend && !wall.resets_at)
    return Judgement{Ruling::not_the_account, "a spend limit, which waiting does not cure"};
  return std::nullopt;
}

/// A call that was kept while the daemon was away may have been answered by a turn since.
constexpr Duration told_late = std::chrono::minutes{1};

void forensic_line(Step& step, SessionName const& name, Observation const& seen) {
  step.log(LogLevel::warning, "quota wall",
           {{"verdict", std::string(to_string(seen.ruling))},
            {"why", seen.why},
            {"source", std::string(to_string(seen.source))},
            {"account", seen.account.str()},
            {"trigger_session", name.str()},
            {"rule", seen.rule},
            {"snippet", seen.text},
            {"resets_at", seen.resets_at ? to_rfc3339(*seen.resets_at) : "unknown"}});
}

}  // namespace

bool session_keeps_its_login(Config const& config, State const& state, SessionState const& session) {
  return keeps_its_login(config.profile, version_of(session, conversation_of(state, session)));
}

bool uses_former_login(Config const& config, State const& state, SessionState const& session) {
  if (moves_by_restart(config) || !session_keeps_its_login(config, state, session)) return false;
  return session.ours && !session.starts.empty() && !began_since_flip(state, session);
}

bool transcript_denies(State const& state, SessionState const& session) {
  auto const* const told = conversation_of(state, session);
  if (told == nullptr || told->wall) return false;
  bool const turn_goes_on = told->newest.kind == RowKind::reply || told->newest.kind == RowKind::tool_result;
  return turn_goes_on && keeps_up(*told, session);
}

std::string_view outdated_because(State const& state, SessionState const& session, WallTime at, Now now) {
  if (at < by_present_clock(session.account_since, now)) return "from before the session used this account";
  if (at > now.wall + row_lead) return "from before the clock was set back";
  auto const account = state.accounts.find(session.account);
  bool const back = account != state.accounts.end() && account->second.kind == StandingKind::available;
  if (back && at < by_present_clock(account->second.since, now)) return "from before the account came back";
  auto const* const conversation = conversation_of(state, session);
  // The row of the same turn's wall may be dated a little later.
  auto const told_by = conversation != nullptr && conversation->wall ? at + told_late : at;
  if (conversation != nullptr && conversation->newest.at > told_by) return "the transcript has a newer row";
  return {};
}

Judgement judge(Step const& step, SessionState const& session, WallReport const& report,
                std::optional<WallTime> reset) {
  auto const& state = step.state;
  if (!state.live.accounts_known) return {Ruling::suspected, "told before it was known which account is in use"};
  if (report.source != Source::pane)
    if (auto const why = outdated_because(state, session, report.at, step.now); !why.empty())
      return {Ruling::outdated, why};
  bool const has_passed = reset && *reset > report.at && *reset <= step.now.wall;
  if (report.source != Source::pane && has_passed) return {Ruling::outdated, "told late: its reset has passed"};
  Judgement const former{Ruling::former_account, "the agent keeps its login until it is restarted"};
  bool const of_former = tells_of_former_account(step.config, state, session, report);
  if (of_former && report.source != Source::pane) return former;
  auto const other = of_no_window(report.wall);
  if (other && report.source != Source::pane) return *other;
  if (report.source == Source::transcript) return {Ruling::confirmed, "typed by the agent in its transcript"};
  auto const* const told = conversation_of(state, session);
  if (report.source == Source::hook) {
    bool const late = told == nullptr && step.now.wall - report.at > told_late;
    if (late) return {Ruling::suspected, "told late, so the screen decides"};
    return {Ruling::confirmed, "told by the agent's hook"};
  }
  auto const account = state.accounts.find(session.account);
  bool const episode_open = account != state.accounts.end() && account->second.kind == StandingKind::exhausted;
  auto judgement = judge_screen(step, session, reset);
  // What a tool has printed is no wall of any account.
  if (of_former) return judgement.ruling == Ruling::confirmed ? former : judgement;
  // Its words may have stood there before the account was changed, or be a tool's.
  bool const denied = judgement.ruling == Ruling::outdated || judgement.ruling == Ruling::refuted;
  bool const waits_for_rows = session.conversation && (told != nullptr || state.live.reading_transcripts);
  if (other) return denied || (waits_for_rows && judgement.ruling == Ruling::suspected) ? judgement : *other;
  if (episode_open && told == nullptr) return {Ruling::confirmed, "the account's episode is open"};
  return judgement;
}

bool note(Step& step, SessionName const& name, WallReport const& report, Judgement const& judgement) {
  auto& session = step.state.sessions.at(name);
  auto& list = session.observations;
  auto const known = std::find_if(list.begin(), list.end(), [&](Observation const& old) {
    // A row or a hook's turn happened once, whatever account the session uses by now.
    return old.source == report.source && old.fingerprint == report.fingerprint &&
           (old.source != Source::pane || old.account == session.account);
  });
  bool const proved = known != list.end() && (known->ruling == Ruling::confirmed || known->ruling == Ruling::joined);
  if (proved || (known != list.end() && known->ruling == judgement.ruling)) return false;
  Observation seen{report.source,
                   session.account,
                   report.wall.state,
                   report.wall.scope,
                   report.wall.window,
                   report.wall.resets_at,
                   report.at,
                   step.now,
                   report.fingerprint,
                   report.wall.rule,
                   report.wall.evidence.text,
                   judgement.ruling,
                   std::string(judgement.why)};
  if (known != list.end()) {
    seen.first_seen = known->first_seen;
    list.erase(known);
  }
  ++step.state.counters.detections[seen.rule + "\n" + std::string(to_string(seen.ruling))];
  forensic_line(step, name, seen);
  list.push_back(std::move(seen));
  if (list.size() > max_observations) list.pop_front();
  step.changed();
  return true;
}

void settle_suspected(SessionState& session, Source source, Ruling ruling, std::string_view why) {
  for (auto& seen : session.observations)
    if (seen.source == source && seen.ruling == Ruling::suspected) {
      seen.ruling = ruling;
      seen.why = why;
    }
}

}  // namespace failover::core
