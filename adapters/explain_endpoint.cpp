#include "adapters/explain_endpoint.hpp"

#include "adapters/percent.hpp"
#include "adapters/utf8.hpp"
#include "core/rfc3339.hpp"

#include <charconv>
#include <utility>

#include <boost/json.hpp>

namespace failover::adapters {
namespace {

namespace json = boost::json;

json::string text(std::string_view value) {
  return json::string{repaired_utf8(value)};
}

json::value text_or_null(std::string_view value) {
  return value.empty() ? json::value() : json::value(text(value));
}

json::value time_or_null(std::optional<core::WallTime> const& time) {
  return time ? json::value(core::to_rfc3339(*time)) : json::value();
}

json::object observation(core::Observation const& seen) {
  return {{"ruling", text(to_string(seen.ruling))},
          {"why", text(seen.why)},
          {"source", text(to_string(seen.source))},
          {"account", text(seen.account.str())},
          {"scope", text_or_null(to_string(seen.scope))},
          {"window", text_or_null(to_string(seen.window))},
          {"resets_at", time_or_null(seen.resets_at)},
          {"at", core::to_rfc3339(seen.at)},
          {"first_seen", core::to_rfc3339(seen.first_seen.wall)},
          {"rule", text(seen.rule)},
          {"text", text(seen.text)}};
}

json::value newest_row(core::SessionExplanation const& session) {
  if (!session.newest_row) return nullptr;
  return json::object{{"kind", text(to_string(session.newest_row->kind))},
                      {"at", core::to_rfc3339(session.newest_row->at)},
                      {"wall", session.row_is_wall}};
}

json::object session(core::SessionExplanation const& told) {
  json::array observations;
  for (auto const& seen : told.observations) observations.push_back(observation(seen));
  return {{"name", text(told.name.str())},
          {"phase", text(to_string(told.phase))},
          {"since", core::to_rfc3339(told.since.wall)},
          {"account", text_or_null(told.account.str())},
          {"account_since", core::to_rfc3339(told.account_since.wall)},
          {"conversation", told.conversation ? text_or_null(told.conversation->str()) : json::value()},
          {"transcript", newest_row(told)},
          {"suspected", told.suspicion && !told.suspicion->refuted},
          {"observations", std::move(observations)}};
}

json::object account(core::AccountExplanation const& told) {
  bool const exhausted = told.state.kind == core::StandingKind::exhausted;
  return {{"name", text(told.name.str())},
          {"active", told.active},
          {"standing", text(to_string(told.state.kind))},
          {"until", exhausted ? json::value(core::to_rfc3339(told.state.until)) : json::value()},
          {"until_assumed", told.state.until_assumed},
          {"disabled", told.state.disabled},
          {"unproven", told.state.unproven},
          {"rule", text_or_null(told.state.rule)},
          {"reported_by", text_or_null(told.state.reported_by.str())}};
}

json::array considered(std::vector<core::Considered> const& accounts) {
  json::array list;
  for (auto const& one : accounts)
    list.push_back(json::object{{"account", text(one.account.str())},
                                {"fitness", text(to_string(one.fitness))},
                                {"used_percent", one.used_percent ? json::value(*one.used_percent) : json::value()}});
  return list;
}

json::array names(std::vector<core::SessionName> const& sessions) {
  json::array list;
  for (auto const& name : sessions) list.push_back(text(name.str()));
  return list;
}

json::object swap(core::Swap const& told) {
  return {{"id", told.id},
          {"from", text(told.from.str())},
          {"to", text(told.to.str())},
          {"phase", text(to_string(told.phase))},
          {"cause", text(to_string(told.cause))},
          {"decided_at", core::to_rfc3339(told.decided.wall)},
          {"ended_at", told.ended ? json::value(core::to_rfc3339(told.ended->wall)) : json::value()},
          {"trigger_session", text_or_null(told.trigger_session.str())},
          {"rule", text_or_null(told.rule)},
          {"text", text_or_null(told.snippet)},
          {"resets_at", time_or_null(told.resets_at)},
          {"considered", considered(told.considered)},
          {"sessions", names(told.sessions)},
          {"unrecovered", names(told.unrecovered)},
          {"abort_reason", text_or_null(told.abort_reason)}};
}

json::value wanted(core::Explanation const& explanation) {
  if (!explanation.wanted) return nullptr;
  auto const& decision = *explanation.wanted;
  return json::object{
      {"cause", text(to_string(decision.cause))},
      {"refusal", text(to_string(decision.refusal))},
      {"to", text_or_null(decision.to.str())},
      {"again_at", decision.again_at ? json::value(core::to_rfc3339(decision.again_at->wall)) : json::value()},
      {"considered", considered(decision.considered)}};
}

core::Result<core::ExplainWhat> asked_in(std::string_view query) {
  core::ExplainWhat what;
  if (query.empty()) return what;
  auto const equals = query.find('=');
  core::Error const unknown{core::ErrorKind::invalid, "the only parameters are session=NAME and swap=ID, one of them"};
  if (equals == std::string_view::npos || query.find('&') != std::string_view::npos) return unknown;
  auto value = percent_decoded(query.substr(equals + 1));
  if (!value) return value.error();
  if (query.substr(0, equals) == "session") {
    what.session = core::SessionName(std::move(*value));
    return what;
  }
  std::int64_t id = 0;
  auto const [end, error] = std::from_chars(value->data(), value->data() + value->size(), id);
  if (query.substr(0, equals) != "swap" || error != std::errc{} || end != value->data() + value->size()) return unknown;
  what.swap = id;
  return what;
}

}  // namespace

std::string to_json(core::Explanation const& explanation) {
  json::array accounts;
  for (auto const& one : explanation.accounts) accounts.push_back(account(one));
  json::array sessions;
  for (auto const& one : explanation.sessions) sessions.push_back(session(one));
  json::array swaps;
  for (auto const& one : explanation.swaps) swaps.push_back(swap(one));
  return json::serialize(json::object{{"schema", 1},
                                      {"now", core::to_rfc3339(explanation.now.wall)},
                                      {"accounts", std::move(accounts)},
                                      {"brake", explanation.brake.on},
                                      {"wanted_swap", wanted(explanation)},
                                      {"swaps", std::move(swaps)},
                                      {"sessions", std::move(sessions)}});
}

HttpHandler explain_handler(std::function<core::Explanation(core::ExplainWhat const&)> explain) {
  return [explain = std::move(explain)](HttpRequest const& request) {
    if (!request.over_unix_socket)
      return error_response(403, "unix_socket_only", "an explanation quotes what agents showed: unix socket only");
    if (request.method != "GET" && request.method != "HEAD") {
      auto response = error_response(405, "method_not_allowed", "only GET and HEAD");
      response.headers.emplace_back("Allow", "GET, HEAD");
      return response;
    }
    auto const asked = asked_in(request.query);
    if (!asked) return error_response(400, "bad_query", asked.error().detail);
    auto const explanation = explain(*asked);
    if (asked->session && explanation.sessions.empty())
      return error_response(404, "no_such_session", "no such session");
    if (asked->swap && explanation.swaps.empty()) return error_response(404, "no_such_swap", "no such swap");
    HttpResponse response;
    bool const as_text = header_value(request, "accept").starts_with("text/plain");
    if (as_text) response.content_type = "text/plain; charset=utf-8";
    response.body = as_text ? core::explanation_text(explanation) : to_json(explanation);
    return response;
  };
}

}  // namespace failover::adapters
