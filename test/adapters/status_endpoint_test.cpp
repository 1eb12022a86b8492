#include "adapters/status_endpoint.hpp"

#include "test/support/catch.hpp"
#include "test/support/sample_status.hpp"

#include <boost/json.hpp>

using namespace failover;
using namespace failover::adapters;
using namespace failover::test;
using namespace std::chrono_literals;

namespace {

/// A daemon whose state and clock the test sets.
struct Daemon {
  core::Config config = sample_config();
  core::State state = sample_state();
  core::Now now = sample_now();
  core::BuildInfo build = sample_build();
  int reports = 0;

  HttpHandler answer = status_handler({
                                          [this] { return state.version; },
                                          [this] {
                                            ++reports;
                                            return core::report(config, state, now, build);
                                          },
                                          [this] { return core::health(config, state, now); },
                                      },
                                      [this] { return now; });

  void pass(core::Duration time) {
    now.wall += time;
    now.mono += time;
  }
  HttpResponse get(std::string const& path, std::vector<std::pair<std::string, std::string>> headers = {},
                   std::string const& query = {}) {
    HttpRequest request;
    request.method = "GET";
    request.path = path;
    request.query = query;
    request.headers = std::move(headers);
    return answer(request);
  }
};

std::string header(HttpResponse const& response, std::string const& name) {
  for (auto const& [candidate, value] : response.headers)
    if (candidate == name) return value;
  return {};
}

}  // namespace

TEST_CASE("one URL has three faces, by what the client accepts or the query says", "[adapters][status_endpoint]") {
  Daemon daemon;
  CHECK(daemon.get("/status").content_type == "application/json");
  CHECK(daemon.get("/status", {{"accept", "text/plain;version=0.0.4"}}).content_type ==
        "text/plain; version=0.0.4; charset=utf-8");
  CHECK(daemon.get("/status", {{"accept", "application/openmetrics-text"}}).content_type ==
        "application/openmetrics-text; version=1.0.0; charset=utf-8");
  auto const forced = daemon.get("/status", {{"accept", "text/plain"}}, "format=json");
  CHECK(forced.content_type == "application/json");
  CHECK(header(forced, "Vary") == "Accept");
  CHECK(daemon.get("/status", {}, "format=xml").status == 400);
}

TEST_CASE("/metrics is text whatever the client accepts", "[adapters][status_endpoint]") {
  Daemon daemon;
  auto const metrics = daemon.get("/metrics", {{"accept", "application/json"}});
  CHECK(metrics.content_type == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(metrics.body == daemon.get("/status", {}, "format=prometheus").body);
}

TEST_CASE("a report is made once a second while the state stays, and at once when it changed",
          "[adapters][status_endpoint]") {
  Daemon daemon;
  auto const first = daemon.get("/status").body;
  daemon.pass(999ms);
  CHECK(daemon.get("/status").body == first);
  CHECK(daemon.get("/metrics").status == 200);
  CHECK(daemon.reports == 1);
  daemon.pass(1ms);
  CHECK(daemon.get("/status").body != first);
  CHECK(daemon.reports == 2);
  ++daemon.state.version;
  daemon.state.holding = true;
  CHECK_THAT(daemon.get("/status").body, CF_CONTAINS("\"holding\":true"));
  CHECK(daemon.reports == 3);
}

TEST_CASE("who has the present version gets 304 until something changes", "[adapters][status_endpoint]") {
  Daemon daemon;
  auto const tag = header(daemon.get("/status"), "ETag");
  CHECK_THAT(tag, CF_CONTAINS("W/\"42-"));
  auto const again = daemon.get("/status", {{"if-none-match", tag}});
  CHECK(again.status == 304);
  CHECK(again.body.empty());
  CHECK(header(again, "ETag") == tag);
  daemon.pass(10s);  // ages change the body, not the version
  CHECK(daemon.get("/status", {{"if-none-match", "\"other\", " + tag}}).status == 304);
  CHECK(daemon.get("/status", {{"if-none-match", "*"}}).status == 304);
  ++daemon.state.version;
  CHECK(daemon.get("/status", {{"if-none-match", tag}}).status == 200);
}

TEST_CASE("a change that the state's version does not cover changes the tag too", "[adapters][status_endpoint]") {
  Daemon daemon;
  auto const tag = header(daemon.get("/status"), "ETag");
  daemon.state.live.tmux_up = false;
  daemon.pass(1s);
  CHECK(daemon.get("/status", {{"if-none-match", tag}}).status == 200);
}

TEST_CASE("a tag means one format and one life of the daemon", "[adapters][status_endpoint]") {
  Daemon daemon;
  auto const tag = header(daemon.get("/status"), "ETag");
  CHECK(daemon.get("/status", {{"if-none-match", tag}}, "format=prometheus").status == 200);
  Daemon next;
  next.build.started.wall += 1s;
  CHECK(next.get("/status", {{"if-none-match", tag}}).status == 200);
}

TEST_CASE("/health is 200, or 503 with the reasons' words", "[adapters][status_endpoint]") {
  Daemon daemon;
  CHECK(daemon.get("/health").status == 200);
  CHECK(daemon.get("/health").body == R"({"status":"ok"})");
  daemon.state.live.tmux_up = false;
  daemon.state.live.tmux_problem = "no server on /home/me/.tmux";
  daemon.state.live.state_problem = "no_space: /home/me";
  CHECK(daemon.get("/health").status == 503);
  CHECK(daemon.get("/health").body == R"({"status":"failing","reasons":["tmux_down","state_not_writable"]})");
}

TEST_CASE("other paths are 404 and other methods 405 with what is allowed", "[adapters][status_endpoint]") {
  Daemon daemon;
  CHECK(daemon.get("/").status == 404);
  CHECK(daemon.get("/status/").status == 404);
  CHECK(daemon.get("/STATUS").status == 404);
  CHECK(daemon.get("/%73tatus").status == 404);
  for (auto const* method : {"POST", "DELETE", "BREW"}) {
    HttpRequest request;
    request.method = method;
    request.path = "/status";
    auto const response = daemon.answer(request);
    CHECK(response.status == 405);
    CHECK(header(response, "Allow") == "GET, HEAD");
  }
}

TEST_CASE("a thousand sessions fit a megabyte", "[adapters][status_endpoint]") {
  Daemon daemon;
  for (int number = 0; number < 1000; ++number)
    daemon.state.sessions[core::SessionName{"pool-" + std::to_string(number)}] =
        daemon.state.sessions[core::SessionName{"pool-1"}];
  CHECK(daemon.get("/status").body.size() < 1 << 20);
}
