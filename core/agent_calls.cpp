#include "core/agent_calls.hpp"

#include "core/completion.hpp"
#include "core/conversations.hpp"
#include "core/quota_policy.hpp"

#include <algorithm>
#include <optional>

namespace failover::core {
namespace {

std::optional<SessionName> session_in(State const& state, Caller const& caller) {
  if (caller.pane.empty()) return std::nullopt;
  for (auto const& [name, session] : state.sessions)
    if (session.pane && session.pane->id == caller.pane && session.pane->server_pid == caller.server_pid) return name;
  return std::nullopt;
}

std::optional<SessionName> session_with(State const& state, ConversationId const& conversation) {
  for (auto const& [name, session] : state.sessions)
    if (session.conversation == conversation) return name;
  return std::nullopt;
}

/// A second agent that a turn's tool started inherits the pane; only between turns the pane's own one starts anew.
bool is_between_turns(State const& state, SessionState const& session) {
  if (session.phase == Phase::working) return false;
  auto const* const conversation = conversation_of(state, session);
  if (conversation == nullptr) return true;
  auto const kind = conversation->newest.kind;
  return kind != RowKind::prompt && kind != RowKind::tool_result;
}

/// The name of the directory that holds the transcript, "" for a path that is not of that form.
std::string project_in(std::string_view transcript_path) {
  auto const file = transcript_path.rfind('/');
  if (file == std::string_view::npos || file == 0) return {};
  auto const folder = transcript_path.rfind('/', file - 1);
  if (folder == std::string_view::npos) return {};
  std::string_view const above = transcript_path.substr(0, folder);
  if (!above.ends_with("/projects")) return {};
  return std::string(transcript_path.substr(folder + 1, file - folder - 1));
}

void take_failure(Step& step, SessionName const& name, HookCall const& call, WhoMet who) {
  if (call.error == "authentication_failed" || call.error == "oauth_org_not_allowed") {
    if (who == WhoMet::session) consider_login_report(step, name, call.at, call.error);
    return;
  }
  if (call.error != "rate_limit") return;
  auto wall = step.read.message(call.message, call.at);
  if (wall.state != ScreenState::quota_exhausted) return;
  std::string fingerprint =
      "turn " + (call.prompt_id.empty() ? call.conversation.str() + " " + call.message : call.prompt_id);
  consider_report(step, name, {Source::hook, std::move(wall), call.at, std::move(fingerprint)}, who);
}

}  // namespace

void on_hook_called(Step& step, event::HookCalled const& called) {
  auto const& call = called.call;
  auto const by_pane = session_in(step.state, call.caller);
  auto const name = by_pane ? by_pane : session_with(step.state, call.conversation);
  if (!name) return;
  auto& session = step.state.sessions.at(*name);
  bool const starts = call.name == "SessionStart" && by_pane && !call.of_subagent && !call.conversation.empty();
  if (starts && session.conversation != call.conversation && is_between_turns(step.state, session))
    enter_conversation(step, *name, call.conversation);
  bool const own = session.conversation == call.conversation && !call.of_subagent;
  if (auto project = project_in(call.transcript_path); own && !project.empty()) session.project = std::move(project);
  if (call.name == "Stop" && own) note_stop(step, *name, call);
  if (call.name == "StopFailure") take_failure(step, *name, call, own ? WhoMet::session : WhoMet::subagent);
}

void on_usage_told(Step& step, event::UsageTold const& told) {
  auto const& report = told.report;
  if (!report.five_hour && !report.weekly) return;
  auto const by_pane = session_in(step.state, report.caller);
  auto const name = by_pane ? by_pane : session_with(step.state, report.conversation);
  if (!name) return;
  auto const& session = step.state.sessions.at(*name);
  if (session.account.empty() || report.at < by_present_clock(session.account_since, step.now)) return;
  auto& account = step.state.accounts[session.account];
  if (account.use && account.use->told.wall >= report.at) return;
  account.use = AccountUse{report.five_hour, report.weekly, restored(report.at, step.now), *name};
  step.changed();
}

}  // namespace failover::core
