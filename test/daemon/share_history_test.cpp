#include "daemon/cli/share_history.hpp"

#include "adapters/lock_file.hpp"
#include "daemon/cli/command_line.hpp"
#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"

#include <filesystem>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <sys/stat.h>

using namespace failover;
using namespace failover::daemon;
using adapters::HistoryDirection;
using test::file_bytes;
using test::put_file;
namespace fs = std::filesystem;

namespace {

/// Accounts "main" with one conversation and "spare" with none.
struct Fleet {
  test::ScratchDirectory scratch = {};
  core::Config config = {};
  std::string shared = scratch / "state/history/projects";
  std::string projects = scratch / "main/projects";

  Fleet() {
    fs::create_directories(projects);
    put_file(projects + "/one.jsonl", "row\n");
    put_file(scratch / "main/.credentials.json", "never opened");
    REQUIRE(::chmod((scratch / "main/.credentials.json").c_str(), 0) == 0);
    fs::create_directory(scratch / "spare");
    config.state.dir = scratch / "state";
    for (auto const* name : {"main", "spare"})
      config.accounts.push_back({.name = core::AccountName{name}, .config_dir = scratch / name});
  }

  [[nodiscard]] std::string config_file() const {
    auto const path = scratch / "config.yaml";
    put_file(path, "accounts:\n  - {name: main, config_dir: " + (scratch / "main") +
                       "}\n  - {name: spare, config_dir: " + (scratch / "spare") +
                       "}\nstate: {dir: " + config.state.dir + ", runtime: " + (scratch / "run") + "}\n");
    return path;
  }
};

ShareHistoryOptions with(Consent consent, HistoryDirection direction = HistoryDirection::share) {
  ShareHistoryOptions options;
  options.direction = direction;
  options.ask = [consent](std::string const&) { return consent; };
  return options;
}

int run(std::vector<char const*> words) {
  words.insert(words.begin(), "claude-failover");
  return run_command_line(static_cast<int>(words.size()), words.data());
}

}  // namespace

TEST_CASE("sharing and separating are told, a line an account", "[daemon][share_history]") {
  Fleet const fleet;
  auto const heading = "shared history: " + fleet.shared;
  CHECK(share_history(fleet.config, with(Consent::given)) ==
        CommandOutput{0,
                      heading + "\nmain: shared; its own directory stays as " + fleet.projects +
                          ".before-sharing, yours to remove\nspare: shared; it had no history yet\n",
                      ""});
  CHECK(share_history(fleet.config, with(Consent::nobody_to_ask)) ==
        CommandOutput{0, heading + "\nmain: already shared\nspare: already shared\n", ""});
  CHECK(share_history(fleet.config, with(Consent::given, HistoryDirection::separate)) ==
        CommandOutput{0,
                      heading + " (stays as it is)\nmain: has its own copy of all again\n"
                                "spare: has its own copy of all again\n",
                      ""});
  CHECK(share_history(fleet.config, with(Consent::nobody_to_ask, HistoryDirection::separate)).out ==
        heading + " (stays as it is)\nmain: not shared\nspare: not shared\n");
  CHECK(file_bytes(fleet.scratch / "spare/projects/one.jsonl") == "row\n");
}

TEST_CASE("a dry run of sharing shows the plan and changes nothing", "[daemon][share_history]") {
  Fleet const fleet;
  auto options = with(Consent::refused);
  options.dry_run = true;
  CHECK(share_history(fleet.config, options).out ==
        "shared history: " + fleet.shared +
            "\nmain: would bring 1 file (0.0 MB; 0 there already), and be shared\n"
            "spare: would be shared; it has no history yet\n");
  CHECK(test::names_in(fleet.scratch.str()) == std::set<std::string>{"main", "spare"});
  CHECK(test::names_in(fleet.scratch / "main") == std::set<std::string>{".credentials.json", "projects"});
}

TEST_CASE("sharing without consent or beside a daemon changes nothing", "[daemon][share_history]") {
  Fleet const fleet;
  CHECK(share_history(fleet.config, with(Consent::refused)).exit_code == 1);
  CHECK(share_history(fleet.config, with(Consent::nobody_to_ask)).exit_code == 64);
  auto const lock = adapters::take_lock(fleet.config.state.dir);
  REQUIRE(lock);
  CHECK(share_history(fleet.config, with(Consent::given)).exit_code == 75);
  CHECK_FALSE(fs::is_symlink(fleet.projects));
}

TEST_CASE("a refused account does not stop the others and gives the exit code", "[daemon][share_history]") {
  Fleet const fleet;
  fs::create_symlink("/etc/passwd", fleet.projects + "/link");
  auto const output = share_history(fleet.config, with(Consent::given));
  CHECK(output.exit_code == 1);
  CHECK(output.out == "shared history: " + fleet.shared + "\nspare: shared; it had no history yet\n");
  CHECK_THAT(output.err, CF_CONTAINS("claude-failover: main: cannot share link is a symlink"));
}

TEST_CASE("with JSON sharing is an object with an object an account", "[daemon][share_history]") {
  Fleet const fleet;
  fs::create_directories(fleet.scratch / "spare/projects");
  put_file(fleet.scratch / "spare/projects/one.jsonl", "another\n");
  auto options = with(Consent::given);
  options.format = ReportFormat::json;
  auto const output = share_history(fleet.config, options);
  CHECK(output.exit_code == 1);
  CHECK(output.err.empty());
  auto const parsed = boost::json::parse(output.out);
  CHECK(parsed.at("directory") == boost::json::value(fleet.shared));
  CHECK(parsed.at("accounts").at(0) == boost::json::value{{"account", "main"},
                                                          {"projects", fleet.projects},
                                                          {"state", "separate"},
                                                          {"changed", true},
                                                          {"kept", fleet.projects + ".before-sharing"}});
  CHECK(parsed.at("accounts").at(1).at("changed") == false);
  CHECK(parsed.at("accounts").at(1).at("conflicts") == boost::json::array{"one.jsonl"});
}

TEST_CASE("accounts share-history is a command of accounts, which alone still shows them", "[daemon][share_history]") {
  Fleet const fleet;
  auto const config = fleet.config_file();
  CHECK(run({"accounts", "share-history", "-c", config.c_str(), "--dry-run"}) == 0);
  CHECK_FALSE(fs::is_symlink(fleet.projects));
  CHECK(run({"accounts", "share-history", "-c", config.c_str(), "--yes"}) == 0);
  CHECK(fs::is_symlink(fleet.projects));
  CHECK(run({"accounts", "share-history", "-c", config.c_str(), "--undo", "--yes", "--json"}) == 0);
  CHECK_FALSE(fs::is_symlink(fleet.projects));
  auto const inside = fleet.scratch / "main/inside";
  CHECK(run({"accounts", "share-history", "-c", config.c_str(), "--yes", "--dir", inside.c_str()}) == 78);
  CHECK(run({"accounts", "-c", config.c_str()}) != 64);
  CHECK_FALSE(fs::is_symlink(fleet.projects));
}
