#include "adapters/status_endpoint.hpp"

#include "adapters/accept.hpp"
#include "adapters/status_views.hpp"

#include <chrono>
#include <map>
#include <memory>
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

/// The pages with what they have written already.
class StatusPages {
 public:
  StatusPages(StatusSource source, std::function<core::Now()> clock)
      : source_(std::move(source)), clock_(std::move(clock)) {}

  [[nodiscard]] HttpResponse answer(HttpRequest const& request);

 private:
  void refresh() {
    auto const now = clock_().mono;
    auto const current = source_.version();
    if (report_ && version_ == current && now - made_ < report_life) return;
    auto fresh = source_.report();
    if (!report_ || !same_but_for_time(*report_, fresh)) ++changes_;
    report_ = std::move(fresh);
    version_ = current;
    made_ = now;
    bodies_.clear();
  }

  std::string const& body(StatusFormat format) {
    auto found = bodies_.find(format);
    if (found == bodies_.end()) found = bodies_.emplace(format, written(*report_, format)).first;
    return found->second;
  }

  [[nodiscard]] std::string tag(StatusFormat format) const {
    return std::to_string(version_) + "-" + std::to_string(changes_) + "-" +
           std::to_string(report_->build.started.wall.time_since_epoch().count()) + "-" + std::string{word(format)};
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
    auto const health = source_.health();
    HttpResponse response;
    response.status = health.ok() ? 200 : 503;
    response.body = to_json(health);
    return response;
  }

  StatusSource source_;
  std::function<core::Now()> clock_;
  std::optional<core::StatusReport> report_ = {};
  std::uint64_t version_ = 0;
  core::MonoTime made_ = {};
  std::uint64_t changes_ = 0;
  std::map<StatusFormat, std::string> bodies_ = {};
};

HttpResponse StatusPages::answer(HttpRequest const& request) {
  bool const known = request.path == "/status" || request.path == "/metrics" || request.path == "/health";
  if (!known) return error_response(404, "not_found", "there are /status, /metrics and /health");
  if (request.method != "GET" && request.method != "HEAD") return method_not_allowed();
  if (request.path == "/status") return status(request);
  return request.path == "/metrics" ? metrics() : health();
}

}  // namespace

HttpHandler status_handler(StatusSource source, std::function<core::Now()> clock) {
  auto pages = std::make_shared<StatusPages>(std::move(source), std::move(clock));  // a function is copied
  return [pages](HttpRequest const& request) { return pages->answer(request); };
}

}  // namespace failover::adapters
