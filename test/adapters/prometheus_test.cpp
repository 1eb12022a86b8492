#include "adapters/http_server.hpp"
#include "adapters/status_endpoint.hpp"
#include "test/support/catch.hpp"
#include "test/support/child.hpp"
#include "test/support/raw_http.hpp"
#include "test/support/running_server.hpp"
#include "test/support/sample_status.hpp"
#include "test/support/scratch_directory.hpp"

#include <thread>

#include <boost/json.hpp>

using namespace failover;
using namespace failover::adapters;
using namespace failover::test;
using namespace std::chrono_literals;

namespace {

HttpHandler sample_handler() {
  return status_handler({
      [] { return sample_state().version; },
      [] { return sample_report(); },
      [] { return core::Health{}; },
  });
}

/// A port that was free a moment ago.
std::uint16_t free_port() {
  RunningServer server{[](HttpRequest const&) { return HttpResponse{}; }};
  return server.listen_tcp();
}

/// A real Prometheus that scrapes our port three ways, as three jobs.
class Prometheus {
 public:
  explicit Prometheus(std::uint16_t target)
      : port_(free_port()), child_(arguments(target), "/dev/null", scratch_ / "log") {}

  [[nodiscard]] bool started() const { return child_.started(); }
  [[nodiscard]] std::string log() const { return file_bytes(scratch_ / "log"); }

  /// The value of a query that gives one series, "" while there is none.
  [[nodiscard]] std::string value(std::string const& query) const try {
    auto client = RawClient::tcp(port_);
    auto const reply = client.ask(get("/api/v1/query?query=" + query, port_, "Connection: close\r\n"));
    if (reply.status != 200) return {};
    auto const answer = boost::json::parse(reply.body);
    auto const& series = answer.at("data").at("result").as_array();
    return series.size() == 1 ? std::string{series[0].at("value").at(1).as_string()} : std::string{};
  } catch (std::runtime_error const&) {  // it does not listen yet
    return {};
  }

  [[nodiscard]] bool comes_to(std::string const& query, std::string const& wanted) {
    auto const last = std::chrono::steady_clock::now() + 30s;
    while (value(query) != wanted) {
      if (!child_.running() || std::chrono::steady_clock::now() > last) return false;
      std::this_thread::sleep_for(100ms);  // between two looks, not instead of one
    }
    return true;
  }

 private:
  std::vector<std::string> arguments(std::uint16_t target) {
    auto const job = [&](std::string const& name, std::string const& path) {
      return "  - job_name: " + name + "\n    metrics_path: " + path +
             "\n    static_configs: [{targets: ['127.0.0.1:" + std::to_string(target) + "']}]\n";
    };
    put_file(scratch_ / "prometheus.yml", "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n" +
                                              job("negotiated", "/status") + job("text", "/status") +
                                              "    params: {format: [prometheus]}\n" + job("metrics", "/metrics"));
    return {"prometheus", "--config.file=" + (scratch_ / "prometheus.yml"),
            "--storage.tsdb.path=" + (scratch_ / "data"), "--web.listen-address=127.0.0.1:" + std::to_string(port_),
            "--log.level=warn"};
  }

  ScratchDirectory scratch_;
  std::uint16_t port_;
  Child child_;
};

}  // namespace

TEST_CASE("a real Prometheus scrapes /status and /metrics", "[adapters][prometheus]") {
  RunningServer server{sample_handler()};
  Prometheus prometheus{server.listen_tcp()};
  if (!prometheus.started()) FAIL("prometheus is missing: install Debian's package prometheus");
  for (std::string const job : {"negotiated", "text", "metrics"}) {
    bool const up = prometheus.comes_to("up%7Bjob=%22" + job + "%22%7D", "1");
    INFO(job << "\n" << prometheus.log());
    CHECK(up);
    CHECK(prometheus.value("claude_failover_account_exhausted%7Baccount=%22main%22,job=%22" + job + "%22%7D") == "1");
    CHECK(prometheus.value("claude_failover_swaps_total%7Bfrom=%22main%22,job=%22" + job + "%22%7D") == "2");
  }
}
