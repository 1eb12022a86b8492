#include "adapters/history_sharing.hpp"

#include "test/support/catch.hpp"
#include "test/support/file_holder.hpp"
#include "test/support/killed_run.hpp"
#include "test/support/scratch_directory.hpp"

#include <filesystem>
#include <map>

#include <sys/stat.h>
#include <unistd.h>

namespace adapters = failover::adapters;
namespace core = failover::core;
namespace fs = std::filesystem;
using adapters::HistoryDirection;
using adapters::HistoryState;
using failover::test::file_bytes;
using failover::test::put_file;
using failover::test::ScratchDirectory;

namespace {

using Files = std::map<std::string, std::string>;

void put_files(std::string const& root, Files const& files) {
  for (auto const& [name, bytes] : files) {
    auto const path = fs::path{root} / name;
    fs::create_directories(path.parent_path());
    put_file(path.string(), bytes);
  }
}

Files files_in(std::string const& root) {
  Files files;
  for (auto const& entry : fs::recursive_directory_iterator{root})
    if (entry.is_regular_file()) files[fs::relative(entry.path(), root).string()] = file_bytes(entry.path().string());
  return files;
}

bool is_link(std::string const& path) {
  return fs::is_symlink(fs::symlink_status(path));
}

/// Two accounts with credentials that nobody may open, and histories of their own.
struct Fleet {
  ScratchDirectory scratch = {};
  core::Config config = {};
  std::string shared = scratch / "state/history/projects";
  std::string main = scratch / "main/projects";
  std::string spare = scratch / "spare/projects";
  Files const of_main{{"-home-me-a/one.jsonl", "row 1\nrow 2\n"}, {"-home-me-a/deep/er.txt", "text"}};
  Files const of_spare{{"-home-me-a/one.jsonl", "row 1\n"}, {"-home-me-b/two.jsonl", "row\n"}};

  Fleet() {
    put_files(main, of_main);
    put_files(spare, of_spare);
    config.state.dir = scratch / "state";
    config.accounts = {{.name = core::AccountName{"main"}, .config_dir = scratch / "main"},
                       {.name = core::AccountName{"spare"}, .config_dir = scratch / "spare"}};
  }

  [[nodiscard]] adapters::HistoryPlan plan(HistoryDirection direction = HistoryDirection::share) const {
    auto plan = adapters::plan_history(config, direction, std::nullopt);
    REQUIRE(plan);
    return std::move(*plan);
  }

  [[nodiscard]] adapters::HistoryPlan run(HistoryDirection direction = HistoryDirection::share) const {
    auto done = plan(direction);
    adapters::carry_out(done);
    return done;
  }

  [[nodiscard]] std::vector<HistoryState> states() const {
    std::vector<HistoryState> states;
    for (auto const& account : plan().accounts) states.push_back(account.state);
    return states;
  }

  [[nodiscard]] Files all() const {
    return {{"-home-me-a/one.jsonl", "row 1\nrow 2\n"},
            {"-home-me-a/deep/er.txt", "text"},
            {"-home-me-b/two.jsonl", "row\n"}};
  }
};

void refuses(adapters::AccountHistory const& account, core::ErrorKind kind, std::string const& text) {
  REQUIRE(account.refused);
  CHECK(account.refused->kind == kind);
  CHECK_THAT(account.refused->detail, CF_CONTAINS(text));
}

using States = std::vector<HistoryState>;

}  // namespace

TEST_CASE("every account's history is brought to one place, and its own stays beside", "[adapters][history]") {
  Fleet const fleet;
  auto const plan = fleet.plan();
  CHECK(plan.shared == fleet.shared);
  CHECK(plan.changes());
  CHECK(plan.accounts[0].merge.files.size() == 2);
  CHECK(plan.accounts[1].merge.files.size() == 1);
  CHECK(plan.accounts[1].merge.there == 1);  // what main is going to bring is longer
  CHECK_FALSE(fs::exists(fleet.scratch / "state"));
  auto const done = fleet.run();
  for (auto const& account : done.accounts) {
    CHECK_FALSE(account.refused);
    CHECK(account.left.empty());
  }
  CHECK(fs::read_symlink(fleet.main) == fleet.shared);
  CHECK(fs::read_symlink(fleet.spare) == fleet.shared);
  CHECK(files_in(fleet.shared) == fleet.all());
  CHECK(done.accounts[0].kept == fleet.main + ".before-sharing");
  CHECK(files_in(fleet.main + ".before-sharing") == fleet.of_main);
  CHECK(files_in(fleet.spare + ".before-sharing") == fleet.of_spare);
  CHECK(failover::test::names_in(fleet.scratch / "main") ==
        std::set<std::string>{"projects", "projects.before-sharing"});
  CHECK(fs::status(fleet.shared).permissions() == fs::perms::owner_all);
  CHECK(fleet.states() == States{HistoryState::shared, HistoryState::shared});
  CHECK_FALSE(fleet.plan().changes());
}

TEST_CASE("of two files that begin the same the longer one stays, whoever has it", "[adapters][history]") {
  Fleet const fleet;
  put_files(fleet.spare, {{"-home-me-a/one.jsonl", "row 1\nrow 2\nrow 3\n"}});
  CHECK_FALSE(fleet.run().accounts[1].refused);
  CHECK(files_in(fleet.shared).at("-home-me-a/one.jsonl") == "row 1\nrow 2\nrow 3\n");
}

TEST_CASE("an account whose files conflict is refused with their names and left as it is", "[adapters][history]") {
  Fleet const fleet;
  put_files(fleet.spare, {{"-home-me-a/one.jsonl", "another row\n"}});
  refuses(fleet.plan().accounts[1], core::ErrorKind::refused, "-home-me-a/one.jsonl");
  auto const done = fleet.run();
  CHECK_FALSE(done.accounts[0].refused);
  refuses(done.accounts[1], core::ErrorKind::refused, "1 files have other contents");
  CHECK(fleet.states() == States{HistoryState::shared, HistoryState::separate});
  CHECK(files_in(fleet.shared) == fleet.of_main);
  CHECK(files_in(fleet.spare).at("-home-me-a/one.jsonl") == "another row\n");
}

TEST_CASE("links, FIFOs and a file where the other has a directory are refused", "[adapters][history]") {
  Fleet const fleet;
  SECTION("link") {
    fs::create_symlink("/etc/passwd", fleet.main + "/link");
    refuses(fleet.plan().accounts[0], core::ErrorKind::refused, "link is a symlink");
  }
  SECTION("FIFO") {
    REQUIRE(::mkfifo((fleet.main + "/fifo").c_str(), 0600) == 0);
    refuses(fleet.plan().accounts[0], core::ErrorKind::refused, "fifo is a FIFO");
  }
  SECTION("file and directory") {
    put_files(fleet.shared, {{"-home-me-a", "a file"}});
    refuses(fleet.run().accounts[0], core::ErrorKind::refused, "-home-me-a");
  }
  CHECK_FALSE(is_link(fleet.main));
}

TEST_CASE("while a process has a file of the history open the account is refused with its pid", "[adapters][history]") {
  Fleet const fleet;
  {
    failover::test::FileHolder const holder{fleet.main + "/-home-me-a/one.jsonl"};
    auto const done = fleet.run();
    refuses(done.accounts[0], core::ErrorKind::unavailable, "pid " + std::to_string(holder.pid()));
    CHECK_FALSE(done.accounts[1].refused);
  }
  CHECK_FALSE(fleet.run().accounts[0].refused);
  failover::test::FileHolder const holder{fleet.shared + "/-home-me-a/one.jsonl"};
  refuses(fleet.run(HistoryDirection::separate).accounts[0], core::ErrorKind::unavailable,
          "pid " + std::to_string(holder.pid()));
}

TEST_CASE("an account without a history gets the link, one without a directory waits", "[adapters][history]") {
  Fleet const fleet;
  fs::remove_all(fleet.main);
  fs::remove_all(fleet.scratch / "spare");
  CHECK(fleet.states() == States{HistoryState::none, HistoryState::no_account});
  auto const done = fleet.run();
  CHECK_FALSE(done.accounts[0].refused);
  CHECK(fs::read_symlink(fleet.main) == fleet.shared);
  CHECK_FALSE(fs::exists(fleet.scratch / "spare"));
}

TEST_CASE("two names of one account are worked on once", "[adapters][history]") {
  Fleet fleet;
  fs::create_directory_symlink(fleet.scratch / "main", fleet.scratch / "alias");
  fleet.config.accounts[1].config_dir = fleet.scratch / "alias";
  CHECK(fleet.states() == States{HistoryState::separate, HistoryState::same_account});
  CHECK_FALSE(fleet.run().accounts[1].refused);
}

TEST_CASE("a link that leads elsewhere, or to a shared directory that is gone, is refused", "[adapters][history]") {
  Fleet const fleet;
  fs::remove_all(fleet.main);
  fs::create_directory_symlink(fleet.spare, fleet.main);
  refuses(fleet.plan().accounts[0], core::ErrorKind::refused, "and not to " + fleet.shared);
  fs::remove(fleet.main);
  fs::create_symlink(fleet.shared, fleet.main);
  refuses(fleet.plan().accounts[0], core::ErrorKind::refused, "which is not there");
}

TEST_CASE("the directory that the accounts share already is the default", "[adapters][history]") {
  Fleet const fleet;
  put_files(fleet.scratch / "mine", {{"x.jsonl", "x\n"}});
  fs::remove_all(fleet.main);
  fs::create_directory_symlink(fleet.scratch / "mine", fleet.main);
  auto const plan = fleet.plan();
  CHECK(plan.shared == fs::canonical(fleet.scratch / "mine"));
  CHECK(plan.accounts[0].state == HistoryState::shared);
}

TEST_CASE("a shared directory in or around an account, or that is a file, is refused", "[adapters][history]") {
  Fleet const fleet;
  put_file(fleet.scratch / "file", "x");
  for (auto const& bad :
       {fleet.main, fleet.scratch / "main/other/place", fleet.scratch.str(), fleet.scratch / "file"}) {
    auto const plan = adapters::plan_history(fleet.config, HistoryDirection::share, bad);
    REQUIRE_FALSE(plan);
    CHECK(plan.error().kind == core::ErrorKind::invalid);
  }
}

TEST_CASE("separating gives each account a copy of all, also of what was written since", "[adapters][history]") {
  Fleet const fleet;
  REQUIRE_FALSE(fleet.run().accounts[0].refused);
  put_files(fleet.main, {{"-home-me-c/three.jsonl", "new\n"}});
  auto const done = fleet.run(HistoryDirection::separate);
  auto expected = fleet.all();
  expected["-home-me-c/three.jsonl"] = "new\n";
  for (auto const& account : done.accounts) {
    CHECK_FALSE(account.refused);
    CHECK_FALSE(is_link(account.projects));
    CHECK(files_in(account.projects) == expected);
  }
  CHECK(files_in(fleet.shared) == expected);
  CHECK(files_in(fleet.main + ".before-sharing") == fleet.of_main);
  CHECK(fleet.states() == States{HistoryState::separate, HistoryState::separate});
  CHECK_FALSE(fleet.plan(HistoryDirection::separate).changes());
  CHECK(fleet.run().accounts[0].kept == fleet.main + ".before-sharing-2");
}

TEST_CASE("a run that was stopped while it copied goes on", "[adapters][history]") {
  Fleet const fleet;
  put_files(fleet.shared, {{"-home-me-a/one.jsonl", "row 1\nro"}, {"-home-me-a/.failover-copying.tmp", "half"}});
  fs::create_symlink(fleet.scratch / "old", fleet.main + ".failover-sharing");
  CHECK(fleet.states() == States{HistoryState::separate, HistoryState::separate});
  CHECK_FALSE(fleet.run().accounts[0].refused);
  CHECK(files_in(fleet.main + "/-home-me-a").at("one.jsonl") == "row 1\nrow 2\n");
  CHECK_FALSE(is_link(fleet.main + ".failover-sharing"));
}

TEST_CASE("a run that was stopped after the exchange brings what was written meanwhile", "[adapters][history]") {
  Fleet const fleet;
  REQUIRE_FALSE(fleet.run().accounts[0].refused);
  fs::rename(fleet.main + ".before-sharing", fleet.main + ".failover-sharing");
  put_files(fleet.main + ".failover-sharing", {{"-home-me-a/one.jsonl", "row 1\nrow 2\nlast own row\n"},
                                               {"-home-me-a/late.jsonl", "late\n"},
                                               {"-home-me-a/deep/er.txt", "edited in the last instant"}});
  put_files(fleet.shared, {{"-home-me-a/one.jsonl", "row 1\nrow 2\nfirst shared row\n"}});
  CHECK(fleet.states() == States{HistoryState::half_shared, HistoryState::shared});
  auto const done = fleet.run();
  CHECK_FALSE(done.accounts[0].refused);
  CHECK(done.accounts[0].left == std::vector<std::string>{"-home-me-a/deep/er.txt"});
  CHECK(file_bytes(fleet.shared + "/-home-me-a/one.jsonl") == "row 1\nrow 2\nfirst shared row\nlast own row\n");
  CHECK(file_bytes(fleet.shared + "/-home-me-a/late.jsonl") == "late\n");
  CHECK(file_bytes(fleet.shared + "/-home-me-a/deep/er.txt") == "text");
  CHECK(file_bytes(fleet.main + ".before-sharing/-home-me-a/deep/er.txt") == "edited in the last instant");
  CHECK(fleet.states() == States{HistoryState::shared, HistoryState::shared});
}

TEST_CASE("a separation that was stopped at either side of the exchange is finished", "[adapters][history]") {
  Fleet const fleet;
  REQUIRE_FALSE(fleet.run().accounts[0].refused);
  SECTION("with half a copy") {
    put_files(fleet.main + ".failover-separating", {{"-home-me-a/one.jsonl", "not this"}});
    CHECK(fleet.states() == States{HistoryState::shared, HistoryState::shared});
  }
  SECTION("with what came to the shared one since") {
    put_files(fleet.main + ".failover-separating", {{"-home-me-a/one.jsonl", "row 1\n"}});
    fs::rename(fleet.main, fleet.scratch / "link");
    fs::rename(fleet.main + ".failover-separating", fleet.main);
    fs::rename(fleet.scratch / "link", fleet.main + ".failover-separating");
    CHECK(fleet.states() == States{HistoryState::half_separate, HistoryState::shared});
  }
  auto const done = fleet.run(HistoryDirection::separate);
  CHECK_FALSE(done.accounts[0].refused);
  CHECK(files_in(fleet.main) == fleet.all());
  CHECK_FALSE(fs::exists(fs::symlink_status(fleet.main + ".failover-separating")));
  CHECK(fleet.states() == States{HistoryState::separate, HistoryState::separate});
}

TEST_CASE("killed at any moment, the next run ends right and no row is lost", "[adapters][history]") {
  Fleet fleet;
  fleet.config.accounts.pop_back();
  auto expected = fleet.of_main;
  bool shared = false;
  for (long round = 0; round < 40; ++round) {
    auto const name = "-home-me-r/" + std::to_string(round) + ".jsonl";
    expected[name] = std::string(2000, 'r') + "\n";
    put_files(fleet.main, {{name, expected[name]}});
    auto const direction = shared ? HistoryDirection::separate : HistoryDirection::share;
    failover::test::run_and_kill(
        [&] {
          auto plan = adapters::plan_history(fleet.config, direction, std::nullopt);
          if (plan) adapters::carry_out(*plan);
        },
        500 + (round * 977) % 20'000);
    REQUIRE(files_in(fs::canonical(fleet.main)) == expected);  // there at every instant
    auto const done = fleet.run(direction);
    REQUIRE_FALSE(done.accounts[0].refused);
    shared = !shared;
    REQUIRE(is_link(fleet.main) == shared);
    REQUIRE(files_in(fs::canonical(fleet.main)) == expected);
  }
}
