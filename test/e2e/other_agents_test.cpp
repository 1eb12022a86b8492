#include "daemon/toy_fleet.hpp"
#include "test/support/catch.hpp"
#include "test/support/program.hpp"
#include "test/support/toy_fleet_looks.hpp"

#include <filesystem>

using failover::daemon::ToyFleet;
using failover::daemon::ToyFleetOptions;
using namespace failover::test;
using std::chrono::seconds;

// Codex, Gemini CLI and opencode by a program that draws their screens: a fleet of each starts, takes a task, is seen
// at work and at rest, and has its limit understood.

namespace {

ToyFleetOptions fleet_of(std::string const& agent) {
  ToyFleetOptions options;
  options.accounts = {{"main", 1, 3600}, {"spare", 1000, 3600}};
  options.pool = 1;
  options.settings = {{"sessions.agent", agent},
                      {"sessions.command", "[" CF_SOURCE_DIR "/test/other_agent/other_agent.py, " + agent + "]"},
                      {"watcher.quiet", "3s"}};
  options.environment = {{"OTHER_AGENT_SECONDS", "2"}};
  return options;
}

/// A fleet of the agent, at rest. `table`: a file of the user's for it.
ToyFleet started(std::string const& agent, std::string const& table = "") {
  auto fleet = ToyFleet::make(fleet_of(agent));
  REQUIRE(fleet.has_value());
  for (auto const* account : {"main", "spare"})
    write_text(fleet->folder() + "/accounts/" + account + "/auth.json", "{}");
  auto const tables = std::filesystem::path(fleet->config_path()).parent_path() / "agents";
  std::filesystem::create_directory(tables);
  if (!table.empty()) write_text((tables / (agent + ".yaml")).string(), table);
  REQUIRE(fleet->start_daemon().has_value());
  return std::move(*fleet);
}

/// It takes a task, works, and rests; the task's end is told by a file.
void works_off_a_task(ToyFleet& fleet) {
  WAIT_FOR(fleet, sessions_in(fleet, "idle") == 1);
  REQUIRE(fleet.add_task("first.md", "Work.\n").has_value());
  WAIT_FOR(fleet, sessions_in(fleet, "working") == 1);
  WAIT_FOR(fleet, fleet.queue_files("done").size() == 1);
  WAIT_FOR(fleet, sessions_in(fleet, "idle") == 1);
  CHECK(events(fleet, "prompt", "first.md") == 1);
  CHECK(events(fleet, "prompt") == 1);
}

/// The account's second turn meets its wall: the account is exhausted, and the other one becomes active.
void moves_at_the_wall(ToyFleet& fleet, std::string const& rule) {
  REQUIRE(fleet.add_task("second.md", "Work.\n").has_value());
  WAIT_FOR(fleet, events(fleet, "wall") == 1);
  WAIT_FOR(fleet, fleet.link_target() == "spare");
  WAIT_FOR(fleet, sessions_in(fleet, "held") == 1);
  auto const status = fleet.status();
  REQUIRE(status.has_value());
  CHECK(status->standings.at("main") == "exhausted");
  REQUIRE(status->swaps.size() == 1);
  CHECK(status->swaps[0].rule == rule);
  CHECK(events(fleet, "prompt", "second.md") == 1);
  CHECK(events(fleet, "prompt") == 2);
  CHECK_THAT(fleet.daemon_log(), CF_CONTAINS("cannot be resumed by id"));
}

}  // namespace

TEST_CASE("a codex fleet works, and changes its account at the limit", "[e2e][agents]") {
  auto fleet = started("codex");
  works_off_a_task(fleet);
  moves_at_the_wall(fleet, "quota.hit");
}

TEST_CASE("a gemini fleet works, and changes its account at the limit", "[e2e][agents]") {
  auto fleet = started("gemini");
  works_off_a_task(fleet);
  moves_at_the_wall(fleet, "quota.individual");
}

TEST_CASE("an opencode fleet works, and changes its account where the user gave it a variable", "[e2e][agents]") {
  auto fleet = started("opencode", "agent: opencode\nextends: opencode\nprofile: {account_variable: XDG_DATA_HOME}\n");
  works_off_a_task(fleet);
  moves_at_the_wall(fleet, "quota.five_hour");
}

TEST_CASE("the end of a codex task is seen on its screen too", "[e2e][agents]") {
  auto fleet = started("codex");
  WAIT_FOR(fleet, sessions_in(fleet, "idle") == 1);
  std::string const text = "Say something, and forget the file.\n";
  REQUIRE(fleet.add_task("quiet.md", text).has_value());
  WAIT_FOR(fleet, fleet.queue_files("done").size() == 1);
}

TEST_CASE("opencode's accounts are not switched as it comes, and the daemon says so at its start", "[e2e][agents]") {
  auto fleet = started("opencode");
  WAIT_FOR(fleet, !fleet.daemon_runs());
  CHECK_THAT(fleet.daemon_log(), CF_CONTAINS("opencode has no variable that names an account's directory"));
}

TEST_CASE("an idle codex session of the pool is started anew on the account that became active", "[e2e][agents]") {
  auto options = fleet_of("codex");
  options.pool = 2;
  auto fleet = ToyFleet::make(options);
  REQUIRE(fleet.has_value());
  for (auto const* account : {"main", "spare"})
    write_text(fleet->folder() + "/accounts/" + account + "/auth.json", "{}");
  REQUIRE(fleet->start_daemon().has_value());
  WAIT_FOR(*fleet, sessions_in(*fleet, "idle") == 2);
  for (auto const* name : {"a.md", "b.md"}) REQUIRE(fleet->add_task(name, "Work.\n").has_value());
  WAIT_FOR(*fleet, events(*fleet, "wall") == 1);
  WAIT_FOR(*fleet, sessions_in(*fleet, "held") == 1);
  WAIT_FOR(*fleet, events(*fleet, "start") == 3);
  WAIT_FOR(*fleet, sessions_in(*fleet, "idle") == 1);
  REQUIRE(fleet->add_task("c.md", "Work.\n").has_value());
  WAIT_FOR(*fleet, events(*fleet, "done", "c.md") == 1);
  std::string account;
  for (auto const& event : fleet->agent_events())
    if (event.event == "done") account = event.account;
  CHECK(account == "spare");
}
