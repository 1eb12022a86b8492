#include "daemon/toy_fleet.hpp"
#include "test/support/catch.hpp"
#include "test/support/program.hpp"
#include "test/support/toy_fleet_looks.hpp"

#include <csignal>
#include <filesystem>
#include <map>
#include <set>

using failover::daemon::ToyFleet;
using failover::daemon::ToyFleetOptions;
using namespace failover::test;
using std::chrono::seconds;

namespace {

/// By conversation, the accounts of its finished turns and walls.
std::map<std::string, std::set<std::string>> accounts_of_conversations(ToyFleet const& fleet) {
  std::map<std::string, std::set<std::string>> accounts;
  for (auto const& event : fleet.agent_events())
    if (event.event == "wall" || event.event == "done") accounts[event.conversation].insert(event.account);
  return accounts;
}

ToyFleet running(ToyFleetOptions options) {
  auto fleet = ToyFleet::make(std::move(options));
  REQUIRE(fleet.has_value());
  REQUIRE(fleet->start_daemon().has_value());
  return std::move(*fleet);
}

}  // namespace

TEST_CASE("the demo shows the fail-over and leaves nothing behind", "[e2e][demo]") {
  TemporaryFolder const temporary;
  auto environment = own_environment();
  environment["TMPDIR"] = temporary.path();
  auto const result = run_program({std::string(CF_BIN_DIR) + "/claude-failover", "demo"}, environment);
  INFO(result.out << result.err);
  CHECK(result.status == 0);
  for (char const* step : {"meet the 5-hour limit", "switched", "finished their turn on spare", "dispatched and done"})
    CHECK_THAT(result.out, CF_CONTAINS(step));
  CHECK(std::filesystem::is_empty(temporary.path()));
  // A process of the demo would have the folder in its command line or environment.
  auto const processes = run_program({"/bin/ps", "-eo", "args"}, environment);
  CHECK(processes.out.find(temporary.path()) == std::string::npos);
}

TEST_CASE("kill -9 in the middle of a swap loses nothing and makes no second one", "[e2e][crash]") {
  ToyFleetOptions options;
  options.accounts = {{"main", 0, 3600}, {"spare", 1000, 3600}};
  auto fleet = running(options);
  WAIT_FOR(fleet, sessions_in(fleet, "idle") == 2);
  REQUIRE(fleet.add_task("one.md", "The first.\n").has_value());
  REQUIRE(fleet.add_task("two.md", "The second.\n").has_value());
  SECTION("as soon as the link has moved") {
    WAIT_FOR(fleet, fleet.link_target() == "spare");
  }
  SECTION("as soon as a wall is on a screen") {
    WAIT_FOR(fleet, events(fleet, "wall") >= 1);
  }
  SECTION("while sessions are being brought back") {
    WAIT_FOR(fleet, sessions_in(fleet, "recovering") >= 1);
  }
  CHECK(fleet.end_daemon(SIGKILL) == 128 + SIGKILL);
  REQUIRE(fleet.start_daemon().has_value());
  WAIT_FOR(fleet, fleet.queue_files("done").size() + fleet.queue_files("held").size() == 2);
  CHECK(fleet.link_target() == "spare");
  CHECK(fleet.queue_files("pending").empty());
  CHECK(fleet.queue_files("failed").empty());
  auto const status = fleet.status();
  REQUIRE(status.has_value());
  CHECK(status->swaps.size() == 1);
  // Each task's prompt was typed once at most, whatever happened in between; one that was cut short is held, not lost.
  CHECK(events(fleet, "prompt", "one.md") <= 1);
  CHECK(events(fleet, "prompt", "two.md") <= 1);
  CHECK(fleet.queue_files("done").size() >= 1);
}

TEST_CASE("a fail-over keeps each conversation and gives each task once", "[e2e]") {
  ToyFleetOptions options;
  options.accounts = {{"main", 1, 3600}, {"spare", 1000, 3600}};
  auto fleet = running(options);
  WAIT_FOR(fleet, sessions_in(fleet, "idle") == 2);
  for (char const* name : {"a.md", "b.md", "c.md"}) REQUIRE(fleet.add_task(name, "Work.\n").has_value());
  WAIT_FOR(fleet, fleet.queue_files("done").size() == 3);
  std::size_t moved = 0;
  for (auto const& [conversation, accounts] : accounts_of_conversations(fleet))
    moved += accounts == std::set<std::string>{"main", "spare"} ? 1U : 0U;
  CHECK(moved >= 1);
  CHECK(accounts_of_conversations(fleet).size() == 2);
  for (char const* name : {"a.md", "b.md", "c.md"}) CHECK(events(fleet, "prompt", name) == 1);
}

TEST_CASE("with histories of their own, a session that moves finds its conversation under the new account", "[e2e]") {
  ToyFleetOptions options;
  options.accounts = {{"main", 1, 3600}, {"spare", 1000, 3600}};
  options.pool = 1;
  options.shared_history = false;
  options.settings = {{"switch.mode", "per_session"}};
  auto fleet = running(options);
  WAIT_FOR(fleet, sessions_in(fleet, "idle") == 1);
  for (char const* name : {"a.md", "b.md"}) REQUIRE(fleet.add_task(name, "Work.\n").has_value());
  WAIT_FOR(fleet, fleet.queue_files("done").size() == 2);
  auto const conversations = accounts_of_conversations(fleet);
  REQUIRE(conversations.size() == 1);
  CHECK(conversations.begin()->second == std::set<std::string>{"main", "spare"});
  CHECK_THAT(fleet.daemon_log(), CF_CONTAINS("conversation carried over"));
}

/// The same keys to every session of the pool, in one call of tmux.
void type_to_all(ToyFleet const& fleet, std::size_t sessions, std::vector<std::string> const& keys) {
  std::vector<std::string> argv{"/usr/bin/env", "tmux", "-S", fleet.tmux_socket()};
  for (std::size_t i = 1; i <= sessions; ++i) {
    if (i > 1) argv.push_back(";");
    argv.insert(argv.end(), {"send-keys", "-t", "=pool-" + std::to_string(i) + ":"});
    argv.insert(argv.end(), keys.begin(), keys.end());
  }
  REQUIRE(run_program(argv, own_environment()).status == 0);
}

std::size_t screens_with(ToyFleet const& fleet, std::size_t sessions, std::string const& text) {
  std::size_t count = 0;
  for (std::size_t i = 1; i <= sessions; ++i)
    count += fleet.screen("pool-" + std::to_string(i)).find(text) != std::string::npos ? 1U : 0U;
  return count;
}

TEST_CASE("twenty sessions that meet the limit within a second make one swap and all come back", "[e2e]") {
  constexpr std::size_t many = 20;
  ToyFleetOptions options;
  options.accounts = {{"main", 0, 3600}, {"spare", 1000, 3600}};
  options.pool = static_cast<int>(many);
  auto fleet = running(options);
  WAIT_FOR(fleet, sessions_in(fleet, "idle") == many);
  type_to_all(fleet, many, {"build it"});
  WAIT_FOR(fleet, screens_with(fleet, many, "build it") == many);
  type_to_all(fleet, many, {"Enter"});
  WAIT_FOR(fleet, events(fleet, "wall") == many);
  WAIT_FOR(fleet, events(fleet, "done") == many);
  WAIT_FOR(fleet, sessions_in(fleet, "idle") == many);
  CHECK(events(fleet, "prompt", "continue") == many);
  CHECK(events(fleet, "start") == many);
  auto const status = fleet.status();
  REQUIRE(status.has_value());
  CHECK(status->swaps.size() == 1);
  CHECK(status->standings.at("spare") == "available");
  CHECK(accounts_of_conversations(fleet).size() == many);
  for (auto const& [conversation, accounts] : accounts_of_conversations(fleet))
    CHECK(accounts == std::set<std::string>{"main", "spare"});
}

TEST_CASE("a task that is typed while the account changes blames nobody else for its limit", "[e2e]") {
  constexpr std::size_t many = 12;
  ToyFleetOptions options;
  options.accounts = {{"main", 0, 3600}, {"spare", 1000, 3600}};
  options.pool = static_cast<int>(many);
  auto fleet = running(options);
  WAIT_FOR(fleet, sessions_in(fleet, "idle") == many);
  for (std::size_t i = 0; i < many; ++i)
    REQUIRE(fleet.add_task("t" + std::to_string(i) + ".md", "Work.\n").has_value());
  WAIT_FOR(fleet, fleet.queue_files("done").size() == many);
  auto const status = fleet.status();
  REQUIRE(status.has_value());
  CHECK(status->swaps.size() == 1);
  CHECK(status->standings.at("spare") == "available");
}

TEST_CASE("with nobody left the fleet waits and goes on by itself at the reset", "[e2e]") {
  ToyFleetOptions options;
  options.accounts = {{"main", 1, 20}};
  options.pool = 1;
  auto fleet = running(options);
  WAIT_FOR(fleet, sessions_in(fleet, "idle") == 1);
  REQUIRE(fleet.add_task("first.md", "Work.\n").has_value());
  WAIT_FOR(fleet, fleet.queue_files("done").size() == 1);
  REQUIRE(fleet.add_task("a.md", "Work.\n").has_value());
  WAIT_FOR(fleet, sessions_in(fleet, "blocked(quota)") == 1);
  CHECK(fleet.status()->holding);
  bool const came = ToyFleet::wait_until([&] { return fleet.queue_files("done").size() == 2; }, seconds{100});
  INFO(fleet.daemon_log() << fleet.screen("pool-1"));
  CHECK(came);
  CHECK(events(fleet, "prompt", "a.md") == 1);
}

TEST_CASE("SIGTERM ends the daemon with 0 and leaves the sessions running", "[e2e][signals]") {
  auto fleet = running({});
  WAIT_FOR(fleet, sessions_in(fleet, "idle") == 2);
  CHECK(fleet.end_daemon(SIGTERM) == 0);
  CHECK_FALSE(fleet.screen("pool-1").empty());
  REQUIRE(fleet.start_daemon().has_value());
  WAIT_FOR(fleet, sessions_in(fleet, "idle") == 2);
  CHECK(events(fleet, "start") == 2);
}

TEST_CASE("SIGHUP applies a good configuration and keeps the old one at a bad one", "[e2e][signals]") {
  auto fleet = running({});
  WAIT_FOR(fleet, sessions_in(fleet, "idle") == 2);
  auto const good = read_text(fleet.config_path());
  auto more = good;
  more.replace(more.find("size: 2"), 7, "size: 3");
  write_text(fleet.config_path(), more);
  fleet.signal_daemon(SIGHUP);
  WAIT_FOR(fleet, sessions_in(fleet, "idle") == 3);
  write_text(fleet.config_path(), "accounts: [");
  fleet.signal_daemon(SIGHUP);
  WAIT_FOR(fleet, fleet.daemon_log().find("configuration not reloaded") != std::string::npos);
  CHECK(fleet.daemon_runs());
  CHECK(sessions_in(fleet, "idle") == 3);
}

TEST_CASE("SIGHUP keeps the old pattern table at a bad one and logs each of its faults", "[e2e][signals]") {
  auto fleet = running({});
  WAIT_FOR(fleet, sessions_in(fleet, "idle") == 2);
  auto const folder = std::filesystem::path(fleet.config_path()).parent_path() / "agents";
  std::filesystem::create_directory(folder);
  write_text((folder / "claude-code.yaml").string(), "agent: claude-code\nruels: []\nrules: 3\n");
  fleet.signal_daemon(SIGHUP);
  WAIT_FOR(fleet, fleet.daemon_log().find("configuration not reloaded") != std::string::npos);
  auto const log = fleet.daemon_log();
  CHECK_THAT(log, CF_CONTAINS("claude-code.yaml:2:1: unknown key 'ruels'"));
  CHECK_THAT(log, CF_CONTAINS("claude-code.yaml:3:8: rules: expected a list"));
  CHECK(sessions_in(fleet, "idle") == 2);
}

TEST_CASE("without a tmux server the daemon waits, says so, and goes on when one appears", "[e2e]") {
  ToyFleetOptions options;
  options.settings["tmux.start_server"] = "false";
  auto fleet = running(options);
  WAIT_FOR(fleet, fleet.status().has_value());
  WAIT_FOR(fleet, fleet.daemon_log().find("ready") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(fleet.tmux_socket()));
  auto environment = own_environment();
  environment.erase("TMUX");
  environment["FAKE_AGENT_SCRIPT"] = fleet.folder() + "/script.json";
  environment["FAKE_AGENT_LOG"] = fleet.folder() + "/agent.log";
  auto const started = run_program(
      {"/usr/bin/tmux", "-u", "-S", fleet.tmux_socket(), "new-session", "-d", "-s", "mine", "sleep 300"}, environment);
  REQUIRE(started.status == 0);
  WAIT_FOR(fleet, sessions_in(fleet, "idle") == 2);
}
