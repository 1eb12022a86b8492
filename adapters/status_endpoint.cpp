#include "adapters/status_endpoint.hpp"

#include "adapters/accept.hpp"
#include "adapters/status_views.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace failover::adapters {
namespace {

constexpr core::Duration report_life = std::chrono::seconds{1};

std::string written(core::StatusReport const& report, StatusFormat format) {
  switch (format) {
    case StatusFormat::prometheus:
      return to_prometheus(report);
    case StatusFormat::openmetrics:
      return to_openmetrics(report);
    case StatusFormat::json:
      break;
  }
  return to_json(report);
}

std::string_view word(StatusFormat format) {
  switch (format) {
    case StatusFormat::prometheus:
      return "prometheus";
    case StatusFormat::openmetrics:
      return "openmetrics";
    case StatusFormat::json:
      break;
  }
  return "json";
}

/// Whether the tag stands in an If-None-Match. Tags of ours hold neither commas nor quotes, so that looking for the
/// whole quoted tag is enough; weak and strong compare equal here (RFC 9110, 13.1.2).
bool matches(std::string_view if_none_match, std::string const& tag) {
  return if_none_match == "*" || if_none_match.find("\"" + tag + "\"") != std::string_view::npos;
}

HttpResponse method_not_allowed() {
  auto response = error_response(405, "method_not_allowed", "only GET and HEAD");
  response.headers.emplace_back("Allow", "GET, HEAD");
  return response;
}

}  // namespace

struct StatusEndpoint::Inner {
  StatusSource source;
  std::optional<core::StatusReport> report = {};
  std::uint64_t version = 0;
  core::MonoTime made = {};
  std::uint64_t changes = 0;
  std::map<StatusFormat, std::string> bodies = {};

  void refresh() {
    auto const now = source.now().mono;
    auto const current = source.version();
    if (report && version == current && now - made < report_life) return;
    auto fresh = source.report();
    if (!report || !same_but_for_time(*report, fresh)) ++changes;
    report = std::move(fresh);
    version = current;
    made = now;
    bodies.clear();
  }

  std::string const& body(StatusFormat format) {
    auto found = bodies.find(format);
    if (found == bodies.end()) found = bodies.emplace(format, written(*report, format)).first;
    return found->second;
  }

  [[nodiscard]] std::string tag(StatusFormat format) const {
    return std::to_string(version) + "-" + std::to_string(changes) + "-" +
           std::to_string(report->build.started.wall.time_since_epoch().count()) + "-" + std::string{word(format)};
  }

  HttpResponse status(HttpRequest const& request) {
    auto const asked = format_of_query(request.query);
    if (!asked) return error_response(400, "unknown_format", asked.error().detail);
    auto const format = asked->value_or(accepted_format(header_value(request, "accept")));
    refresh();
    HttpResponse response;
    response.headers = {{"ETag", "W/\"" + tag(format) + "\""}, {"Vary", "Accept"}};
    response.content_type = content_type(format);
    if (matches(header_value(request, "if-none-match"), tag(format)))
      response.status = 304;
    else
      response.body = body(format);
    return response;
  }

  HttpResponse metrics() {
    refresh();
    HttpResponse response;
    response.content_type = content_type(StatusFormat::prometheus);
    response.body = body(StatusFormat::prometheus);
    return response;
  }

  [[nodiscard]] HttpResponse health() const {
    auto const health = source.health();
    HttpResponse response;
    response.status = health.ok() ? 200 : 503;
    response.body = to_json(health);
    return response;
  }
};

StatusEndpoint::StatusEndpoint(StatusSource source) : inner_(std::make_shared<Inner>(Inner{std::move(source)})) {}

HttpResponse StatusEndpoint::answer(HttpRequest const& request) const {
  bool const known = request.path == "/status" || request.path == "/metrics" || request.path == "/health";
  if (!known) return error_response(404, "not_found", "there are /status, /metrics and /health");
  if (request.method != "GET" && request.method != "HEAD") return method_not_allowed();
  if (request.path == "/status") return inner_->status(request);
  return request.path == "/metrics" ? inner_->metrics() : inner_->health();
}

}  // namespace failover::adapters
