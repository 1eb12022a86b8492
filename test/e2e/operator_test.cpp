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
namespace fs = std::filesystem;

namespace {

auto command(ToyFleet const& fleet, std::vector<std::string> words) {
  words.insert(words.begin(), std::string(CF_BIN_DIR) + "/claude-failover");
  words.insert(words.end(), {"--config", fleet.config_path()});
  return run_program(words, own_environment());
}

ToyFleet started(ToyFleetOptions options = {}) {
  auto fleet = ToyFleet::make(std::move(options));
  REQUIRE(fleet.has_value());
  REQUIRE(fleet->start_daemon().has_value());
  WAIT_FOR(*fleet, sessions_in(*fleet, "idle") == 2);
  return std::move(*fleet);
}

/// Keys of a person at pool-1.
void type(ToyFleet const& fleet, std::string const& keys) {
  auto const result = run_program(
      {"/usr/bin/env", "tmux", "-S", fleet.tmux_socket(), "send-keys", "-t", "=pool-1:", keys}, own_environment());
  REQUIRE(result.status == 0);
}

/// As `accounts share-history` leaves it.
void share_history(ToyFleet const& fleet) {
  auto const shared = fs::path(fleet.folder()) / "history";
  fs::create_directory(shared);
  for (char const* const name : {"main", "spare"}) {
    auto const projects = fs::path(fleet.folder()) / "accounts" / name / "projects";
    fs::remove_all(projects);
    fs::create_directory_symlink(shared, projects);
  }
}

}  // namespace

TEST_CASE("the operator swaps, and status and explain tell of it", "[e2e][operator]") {
  auto fleet = started();
  CHECK(command(fleet, {"swap"}).status == 64);  // no terminal to ask on
  CHECK(command(fleet, {"swap", "nobody", "--yes"}).status == 1);
  CHECK(command(fleet, {"swap", "--dry-run"}).out == "would switch to spare\n");
  CHECK(fleet.link_target() == "main");
  auto const swapped = command(fleet, {"swap", "spare", "--yes"});
  INFO(swapped.err);
  CHECK(swapped.status == 0);
  CHECK_THAT(swapped.out, CF_CONTAINS("main -> spare"));
  CHECK(fleet.link_target() == "spare");
  CHECK_THAT(command(fleet, {"explain", "--swap", "1"}).out, CF_CONTAINS("because: operator_asked"));
  CHECK(command(fleet, {"explain", "--swap", "9"}).status == 1);
  CHECK_THAT(command(fleet, {"status"}).out, CF_CONTAINS("operator_asked"));
}

TEST_CASE("with the brake on a wall moves nothing, also after a restart, and off again all goes on",
          "[e2e][operator]") {
  ToyFleetOptions options;
  options.accounts = {{"main", 0, 3600}, {"spare", 1000, 3600}};
  auto fleet = started(std::move(options));
  CHECK(command(fleet, {"brake", "on", "--reason", "lunch"}).status == 0);
  // A person's own prompt meets the limit.
  type(fleet, "build it");
  WAIT_FOR(fleet, fleet.screen("pool-1").find("build it") != std::string::npos);
  type(fleet, "Enter");
  WAIT_FOR(fleet, sessions_in(fleet, "blocked(quota)") == 1);
  CHECK_THAT(command(fleet, {"status"}).out, CF_CONTAINS("The brake is on"));
  CHECK_THAT(command(fleet, {"explain"}).out, CF_CONTAINS("refused: brake"));
  CHECK(fleet.end_daemon(SIGTERM) == 0);
  REQUIRE(fleet.start_daemon().has_value());
  WAIT_FOR(fleet, fleet.status() && fleet.status()->standings["main"] == "exhausted");
  CHECK(fleet.link_target() == "main");
  CHECK(events(fleet, "prompt") == 1);
  CHECK(command(fleet, {"brake", "off"}).status == 0);
  WAIT_FOR(fleet, events(fleet, "done") == 1);
  CHECK(fleet.link_target() == "spare");
  CHECK(events(fleet, "prompt") == 2);  // his, and our one to go on
}

TEST_CASE("a held session and a disabled account are left alone until they are given back", "[e2e][operator]") {
  auto fleet = started();
  CHECK(command(fleet, {"hold", "pool-1"}).status == 0);
  WAIT_FOR(fleet, sessions_in(fleet, "held") == 1);
  CHECK(command(fleet, {"account", "disable", "main"}).status == 0);
  WAIT_FOR(fleet, fleet.link_target() == "spare");
  CHECK(command(fleet, {"swap", "main", "--yes"}).status == 1);
  CHECK(command(fleet, {"account", "enable", "main"}).status == 0);
  CHECK(command(fleet, {"account", "enable", "nobody"}).status == 1);
  CHECK(command(fleet, {"swap", "main", "--yes"}).status == 0);
  CHECK(command(fleet, {"release", "pool-1"}).status == 0);
  WAIT_FOR(fleet, sessions_in(fleet, "idle") == 2);
  CHECK(command(fleet, {"hold", "nobody"}).status == 1);
}

TEST_CASE("the operator's commands say that the daemon is down", "[e2e][operator]") {
  auto fleet = ToyFleet::make({});
  REQUIRE(fleet.has_value());
  auto const result = command(*fleet, {"brake", "on"});
  CHECK(result.status != 0);
  CHECK_THAT(result.err, CF_CONTAINS("no daemon answers"));
}

TEST_CASE("without a link only the stopped session moves, in its conversation", "[e2e][per_session]") {
  ToyFleetOptions options;
  options.accounts = {{"main", 1, 3600}, {"spare", 1000, 3600}};
  options.settings = {{"switch.mode", "per_session"}};
  auto made = ToyFleet::make(std::move(options));
  REQUIRE(made.has_value());
  auto fleet = std::move(*made);
  share_history(fleet);
  REQUIRE(fleet.start_daemon().has_value());
  WAIT_FOR(fleet, sessions_in(fleet, "idle") == 2);
  for (char const* const name : {"a.md", "b.md"}) REQUIRE(fleet.add_task(name, "Work.\n").has_value());
  WAIT_FOR(fleet, fleet.queue_files("done").size() == 2);
  CHECK(fleet.link_target() == "main");  // nobody's business
  std::map<std::string, std::set<std::string>> accounts;
  for (auto const& event : fleet.agent_events())
    if (event.event == "done" || event.event == "wall") accounts[event.conversation].insert(event.account);
  std::size_t moved = 0;
  for (auto const& [conversation, used] : accounts) moved += used == std::set<std::string>{"main", "spare"} ? 1U : 0U;
  CHECK(moved >= 1);
  CHECK(fleet.status()->swaps.size() == 1);
}
