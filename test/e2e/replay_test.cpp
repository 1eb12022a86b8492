#include "daemon/toy_fleet.hpp"
#include "test/support/catch.hpp"
#include "test/support/program.hpp"

#include <csignal>
#include <filesystem>
#include <string>

#include <sys/stat.h>

using failover::daemon::ToyFleet;
using failover::daemon::ToyFleetOptions;
using namespace failover::test;
using std::chrono::seconds;

namespace {

auto replay(std::string const& journal, std::string const& option = "") {
  std::vector<std::string> command{std::string(CF_BIN_DIR) + "/claude-failover", "replay", journal};
  if (!option.empty()) command.push_back(option);
  return run_program(command, own_environment());
}

std::string journal_of(ToyFleet const& fleet) {
  for (auto const& entry : std::filesystem::recursive_directory_iterator(fleet.folder()))
    if (entry.path().filename() == "events.jsonl") return entry.path().string();
  return {};
}

/// As if the configuration that the journal begins with had said so.
void disable(std::string& journal, std::string const& account) {
  std::string const name = "{\"name\":\"" + account + "\",\"config_dir\":";
  std::string const key = "\"disabled\":";
  for (auto at = journal.find(name); at != std::string::npos; at = journal.find(name, at + 1))
    journal.replace(journal.find(key, at) + key.size(), 5, "true");
}

}  // namespace

TEST_CASE("the journal of a fail-over is replayed to the same decisions, and to others with another configuration",
          "[e2e][replay]") {
  ToyFleetOptions options;
  options.accounts = {{"main", 1, 3600}, {"spare", 1000, 3600}};
  auto fleet = ToyFleet::make(std::move(options));
  REQUIRE(fleet.has_value());
  REQUIRE(fleet->start_daemon().has_value());
  auto const idle = [&] {
    auto const status = fleet->status();
    return status && status->sessions_in("idle") == 2;
  };
  REQUIRE(ToyFleet::wait_until(idle, seconds{40}));
  for (char const* name : {"a.md", "b.md", "c.md"}) REQUIRE(fleet->add_task(name, "Secret-work.\n").has_value());
  bool const worked = ToyFleet::wait_until([&] { return fleet->queue_files("done").size() == 3; }, seconds{60});
  INFO(fleet->daemon_log());
  REQUIRE(worked);
  fleet->signal_daemon(SIGHUP);
  REQUIRE(ToyFleet::wait_until([&] { return fleet->daemon_log().find("configuration reloaded") != std::string::npos; },
                               seconds{20}));
  CHECK(fleet->end_daemon(SIGTERM) == 0);

  auto const journal = journal_of(*fleet);
  REQUIRE_FALSE(journal.empty());
  struct stat facts {};
  REQUIRE(::stat(journal.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777U) == 0600U);
  auto const text = read_text(journal);
  CHECK(text.find("Secret-work") == std::string::npos);

  auto const same = replay(journal);
  INFO(same.out << same.err);
  CHECK(same.status == 0);
  for (char const* told : {"quota wall", "account exhausted", "swap planned", "-> flip_link spare", "swap flipped",
                           "task given", "2 segments: the same decisions"})
    CHECK_THAT(same.out, CF_CONTAINS(told));
  CHECK_THAT(replay(journal, "--json").out, CF_CONTAINS("\"what\":\"swap planned\""));
  CHECK(replay(journal, "--quiet").out.empty());

  auto const copy = fleet->folder() + "/copy.jsonl";
  auto other = text;
  disable(other, "spare");
  write_text(copy, other);
  auto const differs = replay(copy);
  CHECK(differs.status == 1);
  CHECK_THAT(differs.out, CF_CONTAINS("expected  flip_link spare"));

  write_text(copy, text.substr(0, text.size() - 20));
  CHECK(replay(copy).status == 0);  // a crash tore the last line

  auto const second_line = text.find('\n') + 1;
  write_text(copy, text.substr(0, second_line) + "no line\n" + text.substr(second_line));
  auto const broken = replay(copy);
  CHECK(broken.status == 1);
  CHECK_THAT(broken.err, CF_CONTAINS("line 2:"));

  write_text(copy, "{\"v\":2}\n");
  CHECK(replay(copy).status == 78);
  write_text(copy, "hello\n");
  CHECK(replay(copy).status == 1);
  CHECK(replay(fleet->folder() + "/nothing.jsonl").status == 74);
  CHECK(run_program({std::string(CF_BIN_DIR) + "/claude-failover", "replay"}, own_environment()).status == 64);
}
