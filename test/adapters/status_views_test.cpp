#include "adapters/status_views.hpp"

#include "adapters/metric_families.hpp"
#include "adapters/utf8.hpp"
#include "test/support/catch.hpp"
#include "test/support/child.hpp"
#include "test/support/sample_status.hpp"
#include "test/support/scratch_directory.hpp"

#include <set>
#include <sstream>

#include <boost/json.hpp>

using namespace failover;
using namespace failover::adapters;
using namespace failover::test;

namespace {

std::string type_word(MetricType type) {
  switch (type) {
    case MetricType::counter:
      return "counter";
    case MetricType::info:
      return "info";
    case MetricType::gauge:
      break;
  }
  return "gauge";
}

/// The row of conf/metrics.md for a metric, as far as the program knows it.
std::string documented(MetricFamily const& family) {
  std::string labels;
  for (auto const& [name, value] : family.samples.front().labels) labels += (labels.empty() ? "`" : ", `") + name + "`";
  return "| `" + sample_name(family) + "` | " + type_word(family.type) + " | " + labels + " |";
}

std::string const metrics_page = file_bytes(CF_SOURCE_DIR "/conf/metrics.md");

/// A report full of names that are none.
core::StatusReport hostile_report() {
  auto report = sample_report();
  report.accounts[0].name = core::AccountName{
      "a\"b\\c\nd\xff"
      "e"};
  report.accounts[1].name = core::AccountName{"\xc0\xaf\xed\xa0\x80"};
  report.sessions[0].name = core::SessionName{"\x1b[31m\xff"};
  report.counters.swaps = {{"no divider", 1}, {"\n", 2}, {"a\nb\nc", 3}};
  report.build.revision = "\xf4\x90\x80\x80";
  return report;
}

}  // namespace

TEST_CASE("the example in the documentation is what /status says", "[adapters][status_views]") {
  auto const begin = metrics_page.find("```json\n");
  REQUIRE(begin != std::string::npos);
  auto const end = metrics_page.find("```", begin + 8);
  auto const example = boost::json::parse(metrics_page.substr(begin + 8, end - begin - 8));
  INFO(to_json(sample_report()));
  CHECK(example == boost::json::parse(to_json(sample_report())));
}

TEST_CASE("no text of a screen and no path stands in any answer", "[adapters][status_views]") {
  for (auto const& text : {to_json(sample_report()), to_prometheus(sample_report()), to_openmetrics(sample_report())}) {
    CHECK_THAT(text, !CF_CONTAINS("TEXT FROM A SCREEN"));
    CHECK_THAT(text, !CF_CONTAINS("/secret"));
    CHECK_THAT(text, !CF_CONTAINS("%7"));
  }
}

TEST_CASE("names of any bytes leave the answers well-formed", "[adapters][status_views]") {
  auto const report = hostile_report();
  auto const json = boost::json::parse(to_json(report)).as_object();
  CHECK(json.at("accounts").at(0).at("name").as_string() ==
        "a\"b\\c\nd\xef\xbf\xbd"
        "e");
  auto const text = to_prometheus(report);
  CHECK(is_valid_utf8(text));
  CHECK_THAT(text, CF_CONTAINS("{account=\"a\\\"b\\\\c\\nd\xef\xbf\xbd"
                               "e\"}"));
}

TEST_CASE("a counter by two words has two labels, whatever its key", "[adapters][status_views]") {
  auto const text = to_prometheus(hostile_report());
  CHECK_THAT(text, CF_CONTAINS("claude_failover_swaps_total{from=\"no divider\",to=\"\"} 1\n"));
  CHECK_THAT(text, CF_CONTAINS("claude_failover_swaps_total{from=\"\",to=\"\"} 2\n"));
  CHECK_THAT(text, CF_CONTAINS("claude_failover_swaps_total{from=\"a\",to=\"b\\nc\"} 3\n"));
}

TEST_CASE("a metric without a figure is left out", "[adapters][status_views]") {
  auto const text = to_prometheus(core::StatusReport{});
  CHECK_THAT(text, !CF_CONTAINS("claude_failover_tmux_up"));
  CHECK_THAT(text, !CF_CONTAINS("claude_failover_swaps_total"));
  CHECK_THAT(text, !CF_CONTAINS("claude_failover_queue_tasks"));
  CHECK_THAT(text, CF_CONTAINS("claude_failover_sessions{state=\"idle\"} 0\n"));
}

TEST_CASE("each drift is told with its kind, its accounts and the cure, and counted by kind",
          "[adapters][status_views]") {
  auto report = sample_report();
  report.drift = {{core::DriftKind::same_login, {core::AccountName{"main"}, core::AccountName{"a\xff"}}, "both: cure"},
                  {core::DriftKind::link_loop, {}, "a loop: cure"}};
  CHECK_THAT(
      to_json(report),
      CF_CONTAINS("\"drift\":[{\"kind\":\"same_login\",\"accounts\":[\"main\",\"a\xef\xbf\xbd\"],"
                  "\"text\":\"both: cure\"},{\"kind\":\"link_loop\",\"accounts\":[],\"text\":\"a loop: cure\"}]"));
  auto const text = to_prometheus(report);
  CHECK_THAT(text, CF_CONTAINS("claude_failover_drift{kind=\"same_login\"} 1\n"));
  CHECK_THAT(text, CF_CONTAINS("claude_failover_drift{kind=\"link_dangling\"} 0\n"));
  CHECK_THAT(to_prometheus(core::StatusReport{}), !CF_CONTAINS("claude_failover_drift"));
}

TEST_CASE("a queue that was not looked at has no counts", "[adapters][status_views]") {
  CHECK_THAT(to_json(core::StatusReport{}), CF_CONTAINS("\"counts\":null"));
}

TEST_CASE("OpenMetrics describes the family and ends with its mark", "[adapters][status_views]") {
  auto const text = to_openmetrics(sample_report());
  CHECK_THAT(text, CF_CONTAINS("# TYPE claude_failover_swaps counter\nclaude_failover_swaps_total{"));
  CHECK_THAT(text, CF_CONTAINS("# TYPE claude_failover_build info\nclaude_failover_build_info{"));
  CHECK(text.substr(text.size() - 7) == "\n# EOF\n");
  auto const older = to_prometheus(sample_report());
  CHECK_THAT(older, CF_CONTAINS("# TYPE claude_failover_swaps_total counter\n"));
  CHECK_THAT(older, CF_CONTAINS("# TYPE claude_failover_build_info gauge\n"));
  CHECK_THAT(older, !CF_CONTAINS("EOF"));
}

TEST_CASE("no series stands twice", "[adapters][status_views]") {
  std::istringstream lines{to_prometheus(sample_report())};
  std::set<std::string> seen;
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK(seen.insert(line.substr(0, line.rfind(' '))).second);
  }
  CHECK(seen.size() > 50);
}

TEST_CASE("every metric is documented, and every documented one exists", "[adapters][status_views]") {
  std::set<std::string> known;
  for (auto const& family : metric_families(sample_report())) {
    CHECK_THAT(metrics_page, CF_CONTAINS(documented(family)));
    known.insert(sample_name(family));
  }
  std::istringstream lines{metrics_page};
  for (std::string line; std::getline(lines, line);)
    if (line.rfind("| `", 0) == 0) {
      INFO(line);
      CHECK(known.erase(line.substr(3, line.find('`', 3) - 3)) == 1);
    }
  CHECK(known.empty());
}

TEST_CASE("every reason of /health is documented", "[adapters][status_views]") {
  using core::HealthReason;
  for (auto const reason : {HealthReason::loop_stalled, HealthReason::tmux_down, HealthReason::last_poll_too_old,
                            HealthReason::state_not_writable, HealthReason::accounts_unusable})
    CHECK_THAT(metrics_page, CF_CONTAINS("- `" + std::string{core::to_string(reason)} + "`: "));
}

TEST_CASE("promtool finds nothing to say about the metrics", "[adapters][status_views]") {
  ScratchDirectory const scratch;
  for (auto const& text : {to_prometheus(sample_report()), to_prometheus(hostile_report())}) {
    put_file(scratch / "metrics", text);
    Child promtool{{"promtool", "check", "metrics"}, scratch / "metrics", scratch / "out"};
    if (!promtool.started()) FAIL("promtool is missing: install Debian's package prometheus");
    CHECK(promtool.wait() == 0);
    CHECK(file_bytes(scratch / "out").empty());
  }
}
