#include "adapters/hook_endpoint.hpp"

#include "adapters/hook_intake.hpp"

#include <optional>
#include <string_view>
#include <utility>

namespace failover::adapters {
namespace {

bool is_json(std::string_view content_type) {
  constexpr std::string_view wanted = "application/json";
  auto const type = content_type.substr(0, content_type.find(';'));
  auto const end = type.find_last_not_of(" \t");
  if (end == std::string_view::npos || end + 1 != wanted.size()) return false;
  for (std::size_t at = 0; at < wanted.size(); ++at) {
    bool const upper = type[at] >= 'A' && type[at] <= 'Z';
    if ((upper ? static_cast<char>(type[at] - 'A' + 'a') : type[at]) != wanted[at]) return false;
  }
  return true;
}

/// What is wrong with a request before its body is read.
std::optional<HttpResponse> refuse(HttpRequest const& request) {
  if (!request.over_unix_socket)
    return error_response(403, "unix_socket_only",
                          "agents report over the daemon's unix socket only: over TCP any user of this machine could "
                          "forge a limit");
  if (request.method != "POST") {
    auto response = error_response(405, "method_not_allowed", "only POST");
    response.headers.emplace_back("Allow", "POST");
    return response;
  }
  if (!is_json(header_value(request, "content-type")))
    return error_response(415, "unsupported_media_type", "send Content-Type: application/json");
  return std::nullopt;
}

HttpResponse refusal_of(core::Error const& error) {
  if (error.kind == core::ErrorKind::unsupported) return error_response(422, "unsupported_version", error.detail);
  return error_response(400, "bad_envelope", error.detail);
}

HttpResponse told() {
  HttpResponse response;
  response.status = 204;
  return response;
}

}  // namespace

HttpHandler hook_handler(TellEvent tell, ToldOnce& once) {
  return [tell = std::move(tell), &once](HttpRequest const& request) {
    if (auto refused = refuse(request)) return std::move(*refused);
    auto call = read_hook_call(request.body);
    if (!call) return refusal_of(call.error());
    if (once.first_time(request.body)) tell(core::event::HookCalled{std::move(*call)});
    return told();
  };
}

HttpHandler statusline_handler(TellEvent tell, ToldOnce& once) {
  return [tell = std::move(tell), &once](HttpRequest const& request) {
    if (auto refused = refuse(request)) return std::move(*refused);
    auto report = read_usage_report(request.body);
    if (!report) return refusal_of(report.error());
    if (once.first_time(request.body)) tell(core::event::UsageTold{std::move(*report)});
    return told();
  };
}

}  // namespace failover::adapters
