#include "adapters/explain_endpoint.hpp"

#include "adapters/percent.hpp"
#include "adapters/utf8.hpp"
#include "core/rfc3339.hpp"

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
          {"rule", text_or_null(told.state.rule)},
          {"reported_by", text_or_null(told.state.reported_by.str())}};
}

core::Result<std::optional<core::SessionName>> session_in(std::string_view query) {
  constexpr std::string_view key = "session=";
  if (query.empty()) return std::optional<core::SessionName>{};
  if (!query.starts_with(key) || query.find('&') != std::string_view::npos)
    return core::Error{core::ErrorKind::invalid, "the only parameter is session"};
  auto name = percent_decoded(query.substr(key.size()));
  if (!name) return name.error();
  return std::optional{core::SessionName(std::move(*name))};
}

}  // namespace

std::string to_json(core::Explanation const& explanation) {
  json::array accounts;
  for (auto const& one : explanation.accounts) accounts.push_back(account(one));
  json::array sessions;
  for (auto const& one : explanation.sessions) sessions.push_back(session(one));
  return json::serialize(json::object{{"schema", 1},
                                      {"now", core::to_rfc3339(explanation.now.wall)},
                                      {"accounts", std::move(accounts)},
                                      {"last_refusal", text_or_null(explanation.last_refusal)},
                                      {"sessions", std::move(sessions)}});
}

HttpHandler explain_handler(std::function<core::Explanation(std::optional<core::SessionName> const&)> explain) {
  return [explain = std::move(explain)](HttpRequest const& request) {
    if (!request.over_unix_socket)
      return error_response(403, "unix_socket_only", "an explanation quotes what agents showed: unix socket only");
    if (request.method != "GET" && request.method != "HEAD") {
      auto response = error_response(405, "method_not_allowed", "only GET and HEAD");
      response.headers.emplace_back("Allow", "GET, HEAD");
      return response;
    }
    auto const asked = session_in(request.query);
    if (!asked) return error_response(400, "bad_query", asked.error().detail);
    auto const explanation = explain(*asked);
    if (*asked && explanation.sessions.empty()) return error_response(404, "no_such_session", "no such session");
    HttpResponse response;
    bool const as_text = header_value(request, "accept").starts_with("text/plain");
    if (as_text) response.content_type = "text/plain; charset=utf-8";
    response.body = as_text ? core::explanation_text(explanation) : to_json(explanation);
    return response;
  };
}

}  // namespace failover::adapters
