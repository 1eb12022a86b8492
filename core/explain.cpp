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
  if (state.disabled) line += ", disabled by the operator";
  if (state.unproven) line += ", back by its clock and not tried yet";
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

std::string considered_lines(std::vector<Considered> const& considered) {
  std::string text;
  for (auto const& one : considered) {
    text += "    account " + one.account.str() + ": " + std::string(to_string(one.fitness));
    if (one.used_percent) text += ", " + std::to_string(static_cast<int>(*one.used_percent)) + " % used";
    text += "\n";
  }
  return text;
}

std::string names(std::vector<SessionName> const& sessions) {
  std::string text;
  for (auto const& name : sessions) text += (text.empty() ? "" : ", ") + name.str();
  return text.empty() ? "none" : text;
}

std::string wanted_lines(Decision const& decision, Now now) {
  std::string text = "a swap is wanted (" + std::string(to_string(decision.cause)) +
                     ") and refused: " + std::string(to_string(decision.refusal));
  if (!decision.to.empty()) text += ", it would be to " + decision.to.str();
  if (decision.again_at) text += ", again in " + spoken(decision.again_at->mono - now.mono);
  return text + "\n" + considered_lines(decision.considered);
}

std::string swap_lines(Swap const& swap, Now now) {
  std::string text = "swap " + std::to_string(swap.id) + ": " + swap.from.str() + " -> " + swap.to.str() + ", " +
                     std::string(to_string(swap.phase)) + ", decided at " + to_rfc3339(swap.decided.wall) + ", " +
                     spoken(elapsed(swap.decided, now)) + " ago\n  because: " + std::string(to_string(swap.cause));
  if (!swap.rule.empty()) text += ", by rule " + swap.rule + " in session " + swap.trigger_session.str();
  if (swap.resets_at) text += ", resets " + to_rfc3339(*swap.resets_at);
  text += "\n";
  if (!swap.snippet.empty()) text += "    \"" + swap.snippet + "\"\n";
  if (!swap.abort_reason.empty()) text += "  aborted: " + swap.abort_reason + "\n";
  text += "  the choice, in the order of preference:\n" + considered_lines(swap.considered);
  text += "  sessions stopped then: " + names(swap.sessions) + "; not brought back: " + names(swap.unrecovered);
  if (swap.ended) text += "; took " + spoken(elapsed(swap.decided, *swap.ended));
  return text + "\n";
}

std::vector<Swap> asked_swaps(State const& state, ExplainWhat const& what) {
  std::vector<Swap> swaps;
  if (state.swap) swaps.push_back(*state.swap);
  swaps.insert(swaps.end(), state.past_swaps.rbegin(), state.past_swaps.rend());
  if (what.swap)
    std::erase_if(swaps, [&](Swap const& swap) { return swap.id != *what.swap; });
  else if (swaps.size() > max_explained_swaps)
    swaps.resize(max_explained_swaps);
  return swaps;
}

}  // namespace

Explanation explain(Config const& config, State const& state, ExplainWhat const& what, Now now) {
  Explanation explanation;
  explanation.now = now;
  explanation.brake = state.brake;
  if (auto decision = decide(config, state, now, false); decision && decision->refusal != Refusal::none)
    explanation.wanted = std::move(decision);
  for (auto const& account : config.accounts) {
    auto const known = state.accounts.find(account.name);
    explanation.accounts.push_back(
        {account.name, known == state.accounts.end() ? AccountState{} : known->second, account.name == state.active});
  }
  if (!what.swap)
    for (auto const& [name, known] : state.sessions)
      if (!what.session || *what.session == name) explanation.sessions.push_back(explain_session(state, name, known));
  if (!what.session) explanation.swaps = asked_swaps(state, what);
  return explanation;
}

std::string explanation_text(Explanation const& explanation) {
  std::string text;
  for (auto const& account : explanation.accounts) text += account_line(account, explanation.now);
  if (explanation.brake.on) text += "the brake is on " + since(explanation.brake.since, explanation.now) + "\n";
  if (explanation.wanted) text += wanted_lines(*explanation.wanted, explanation.now);
  for (auto const& swap : explanation.swaps) text += swap_lines(swap, explanation.now);
  for (auto const& session : explanation.sessions) text += session_lines(session, explanation.now);
  return text;
}

}  // namespace failover::core
