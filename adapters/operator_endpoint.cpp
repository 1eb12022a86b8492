#include "adapters/operator_endpoint.hpp"

#include "adapters/http_guard.hpp"
#include "adapters/percent.hpp"
#include "adapters/task_file.hpp"
#include "adapters/utf8.hpp"

#include <utility>

#include <boost/json.hpp>

namespace failover::adapters {
namespace {

namespace event = core::event;
namespace json = boost::json;

constexpr std::size_t max_brake_reason = 200;
constexpr std::size_t max_task_reason = 4096;  // an agent's, of which the beginning is kept

using Asked = std::pair<std::optional<core::Event>, HttpResponse>;

json::string text(std::string_view value) {
  return json::string{repaired_utf8(value)};
}

HttpResponse bad_body(std::string const& wanted) {
  return error_response(400, "bad_body", "send a JSON object: " + wanted);
}

HttpResponse refused(core::Refused const& why) {
  bool const unknown = why.code == "unknown_account" || why.code == "unknown_session" || why.code == "unknown_task";
  return error_response(unknown ? 404 : 409, why.code, why.text);
}

HttpResponse accepted(json::object const& what) {
  HttpResponse response;
  response.status = 202;
  response.body = json::serialize(what);
  return response;
}

/// The body's members, each of the names that are allowed; an empty body has none.
std::optional<json::object> members(std::string const& body, std::initializer_list<std::string_view> allowed) {
  if (body.empty()) return json::object{};
  boost::system::error_code error;
  auto value = json::parse(body, error);
  if (error || !value.is_object()) return std::nullopt;
  for (auto const& member : value.get_object()) {
    bool known = false;
    for (auto const name : allowed) known = known || name == std::string_view{member.key()};
    if (!known) return std::nullopt;
  }
  return std::move(value.get_object());
}

bool is_text(json::value const* value) {
  return value == nullptr || value->is_string();
}

std::string text_of(json::value const* value) {
  return value == nullptr ? std::string{} : std::string{value->get_string()};
}

bool is_true(json::value const* value) {
  return value != nullptr && value->is_bool() && value->get_bool();
}

Asked ask_swap(OperatorDesk const& desk, HttpRequest const& request) {
  auto const body = members(request.body, {"to", "dry_run"});
  if (!body || !is_text(body->if_contains("to"))) return {std::nullopt, bad_body("{\"to\":\"NAME\"}")};
  auto const decision = desk.decide(core::AccountName(text_of(body->if_contains("to"))));
  if (auto const fault = core::fault_of(decision)) return {std::nullopt, refused(*fault)};
  auto answer = accepted({{"swap", {{"id", desk.next_swap_id()}, {"to", text(decision.to.str())}}}});
  if (is_true(body->if_contains("dry_run"))) {
    answer.status = 200;
    return {std::nullopt, std::move(answer)};
  }
  return {event::SwapAsked{decision.to}, std::move(answer)};
}

Asked ask_brake(HttpRequest const& request) {
  auto const body = members(request.body, {"on", "reason"});
  auto const* const on = body ? body->if_contains("on") : nullptr;
  if (on == nullptr || !on->is_bool() || !is_text(body->if_contains("reason")))
    return {std::nullopt, bad_body("{\"on\":true,\"reason\":\"why\"}")};
  event::BrakeSet asked{on->get_bool(), text_of(body->if_contains("reason"))};
  if (asked.reason.size() > max_brake_reason) return {std::nullopt, bad_body("a reason has at most 200 bytes")};
  return {std::move(asked), accepted({{"brake", on->get_bool()}})};
}

/// "/accounts/main/disable" → (main, disable)
std::optional<std::pair<std::string, std::string>> name_and_verb(std::string_view path, std::string_view prefix) {
  path.remove_prefix(prefix.size());
  auto const slash = path.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  auto name = percent_decoded(path.substr(0, slash));
  if (!name) return std::nullopt;
  return std::pair{std::move(*name), std::string{path.substr(slash + 1)}};
}

Asked ask_account(HttpRequest const& request) {
  auto const asked = name_and_verb(request.path, "/accounts/");
  if (!asked || (asked->second != "enable" && asked->second != "disable"))
    return {std::nullopt,
            error_response(404, "not_found", "there are /accounts/NAME/enable and /accounts/NAME/disable")};
  return {event::AccountSwitched{core::AccountName(asked->first), asked->second == "enable"},
          accepted({{"account", text(asked->first)}, {"enabled", asked->second == "enable"}})};
}

Asked ask_session(HttpRequest const& request) {
  auto const asked = name_and_verb(request.path, "/sessions/");
  if (!asked || (asked->second != "hold" && asked->second != "release"))
    return {std::nullopt, error_response(404, "not_found", "there are /sessions/NAME/hold and /sessions/NAME/release")};
  return {event::SessionSwitched{core::SessionName(asked->first), asked->second == "hold"},
          accepted({{"session", text(asked->first)}, {"held", asked->second == "hold"}})};
}

Asked ask_task(HttpRequest const& request) {
  auto const asked = name_and_verb(request.path, "/queue/");
  auto const order = asked ? core::task_order_from(asked->second) : std::nullopt;
  if (!order)
    return {std::nullopt,
            error_response(404, "not_found", "there are /queue/ID/retry, hold, release, cancel, done and fail")};
  if (!is_task_id(asked->first))
    return {std::nullopt, error_response(400, "bad_id", "a task's id is 1 to 64 letters, digits, _ and -")};
  auto const body = members(request.body, {"reason"});
  if (!body || !is_text(body->if_contains("reason"))) return {std::nullopt, bad_body("{\"reason\":\"why\"}")};
  event::TaskAsked event{core::TaskId(asked->first), *order, text_of(body->if_contains("reason"))};
  if (event.reason.size() > max_task_reason)
    return {std::nullopt, bad_body("a reason has at most " + std::to_string(max_task_reason) + " bytes")};
  return {std::move(event), accepted({{"task", text(asked->first)}, {"order", text(asked->second)}})};
}

Asked understood(OperatorDesk const& desk, HttpRequest const& request) {
  if (request.path == "/swap") return ask_swap(desk, request);
  if (request.path == "/brake") return ask_brake(request);
  if (request.path.starts_with("/accounts/")) return ask_account(request);
  if (request.path.starts_with("/queue/")) return ask_task(request);
  return ask_session(request);
}

std::optional<HttpResponse> refuse(HttpRequest const& request, std::string const& token) {
  if (request.method != "POST") {
    auto response = error_response(405, "method_not_allowed", "only POST");
    response.headers.emplace_back("Allow", "POST");
    return response;
  }
  if (request.over_unix_socket || carries_token(request, token)) return std::nullopt;
  if (token.empty())
    return error_response(
        403, "unix_socket_only",
        "without http.token_file the operator's requests come over the unix socket only: over TCP any "
        "user of this machine could send them");
  auto response = error_response(401, "unauthorized", "send Authorization: Bearer with the token of http.token_file");
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

}  // namespace

HttpHandler operator_handler(OperatorDesk desk, std::string token) {
  return [desk = std::move(desk), token = std::move(token)](HttpRequest const& request) {
    if (auto no = refuse(request, token)) return std::move(*no);
    auto [event, answer] = understood(desk, request);
    if (!event) return std::move(answer);
    if (auto const fault = desk.fault(*event)) return refused(*fault);
    desk.tell(std::move(*event));
    return std::move(answer);
  };
}

}  // namespace failover::adapters
