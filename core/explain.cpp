#include "core/explain.hpp"

#include "core/conversations.hpp"
#include "core/rfc3339.hpp"
#include "core/step.hpp"

#include <algorithm>

namespace failover::core {
namespace {

SessionExplanation explain_session(State const& state, SessionName const& name, SessionState const& session) {
  SessionExplanation told;
  told.name = name;
  told.phase = session.phase;
  told.since = session.since;
  told.account = session.account;
  told.account_since = session.account_since;
  told.conversation = session.conversation;
  told.suspicion = session.suspicion;
  told.observations.assign(session.observations.rbegin(), session.observations.rend());
  if (auto const* const conversation = conversation_of(state, session)) {
    told.newest_row = conversation->newest;
    told.row_is_wall = conversation->wall.has_value();
  }
  return told;
}

std::string since(Moment moment, Now now) {
  return moment.wall == WallTime{} ? std::string("since before the daemon saw it")
                                   : "for " + spoken(elapsed(moment, now));
}

std::string account_line(AccountExplanation const& account, Now now) {
  auto const& state = account.state;
  std::string line = "account " + account.name.str() + (account.active ? " (active): " : ": ");
  line += std::string(to_string(state.kind));
  if (state.kind == StandingKind::available) return line + "\n";
  line += " " + since(state.since, now);
  if (state.kind == StandingKind::exhausted)
    line += ", until " + to_rfc3339(state.until) + (state.until_assumed ? " (assumed)" : "");
  return line + "\n  by rule " + state.rule + ", reported by session " + state.reported_by.str() + "\n";
}

std::string transcript_line(SessionExplanation const& session) {
  if (!session.conversation) return "  conversation unknown\n";
  std::string line = "  conversation " + session.conversation->str();
  if (!session.newest_row) return line + ", no row of its transcript was read\n";
  line += "\n  transcript's newest row: " + std::string(to_string(session.newest_row->kind)) + " at " +
          to_rfc3339(session.newest_row->at);
  return line + (session.row_is_wall ? ", a wall\n" : "\n");
}

std::string observation_lines(Observation const& seen) {
  std::string line = "  " + std::string(to_string(seen.ruling)) + ": " + std::string(to_string(seen.source)) + " at " +
                     to_rfc3339(seen.at) + ", account " + seen.account.str();
  if (seen.window != Window::none) line += ", " + std::string(to_string(seen.window));
  line += seen.resets_at ? ", resets " + to_rfc3339(*seen.resets_at) : std::string(", no time of reset");
  line += "\n    because: " + seen.why + "\n    rule " + seen.rule + "\n";
  return seen.text.empty() ? line : line + "    \"" + seen.text + "\"\n";
}

std::string session_lines(SessionExplanation const& session, Now now) {
  std::string text =
      "session " + session.name.str() + ": " + std::string(to_string(session.phase)) + " " + since(session.since, now);
  if (!session.account.empty())
    text += ", on account " + session.account.str() + " " + since(session.account_since, now);
  text += "\n" + transcript_line(session);
  if (session.suspicion && !session.suspicion->refuted)
    text += "  a wall is suspected " + since(session.suspicion->first_seen, now) +
            ", looks at changed screens: " + std::to_string(session.suspicion->looks) + "\n";
  if (session.observations.empty()) text += "  no wall was reported\n";
  for (auto const& seen : session.observations) text += observation_lines(seen);
  return text;
}

}  // namespace

Explanation explain(Config const& config, State const& state, std::optional<SessionName> const& session, Now now) {
  Explanation explanation;
  explanation.now = now;
  explanation.last_refusal = state.live.last_refusal;
  for (auto const& account : config.accounts) {
    auto const known = state.accounts.find(account.name);
    explanation.accounts.push_back(
        {account.name, known == state.accounts.end() ? AccountState{} : known->second, account.name == state.active});
  }
  for (auto const& [name, known] : state.sessions)
    if (!session || *session == name) explanation.sessions.push_back(explain_session(state, name, known));
  return explanation;
}

std::string explanation_text(Explanation const& explanation) {
  std::string text;
  for (auto const& account : explanation.accounts) text += account_line(account, explanation.now);
  if (!explanation.last_refusal.empty()) text += "a swap is wanted and refused: " + explanation.last_refusal + "\n";
  for (auto const& session : explanation.sessions) text += session_lines(session, explanation.now);
  return text;
}

}  // namespace failover::core
