#include "adapters/adopt_directory.hpp"

#include "test/support/catch.hpp"
#include "test/support/file_holder.hpp"
#include "test/support/killed_run.hpp"
#include "test/support/scratch_directory.hpp"
#include "test/support/unprivileged.hpp"

#include <atomic>
#include <filesystem>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace adapters = failover::adapters;
namespace core = failover::core;
namespace fs = std::filesystem;
using adapters::AdoptDirection;
using adapters::AdoptState;
using failover::test::file_bytes;
using failover::test::names_in;
using failover::test::put_file;
using failover::test::ScratchDirectory;

namespace {

core::AccountName const main_account{"main"};
core::AccountName const spare_account{"spare"};

/// A user who has a real directory where the link should be, and two accounts without directories.
struct Home {
  ScratchDirectory scratch = {};
  core::Config config = {};
  std::string link = scratch / ".claude";
  std::string main = scratch / "accounts/main";
  std::string spare = scratch / "accounts/spare";

  Home() {
    fs::create_directory(link);
    put_file(link + "/who", "me");
    config.switching.link = link;
    config.accounts = {{.name = main_account, .config_dir = main}, {.name = spare_account, .config_dir = spare}};
  }

  void mark() const {
    fs::create_directories(scratch / "accounts");
    fs::create_symlink(main, main);
  }

  void by_hand() const {
    fs::create_directories(scratch / "accounts");
    fs::rename(link, main);
    fs::create_symlink(main, link);
  }

  [[nodiscard]] bool is_adopted() const {
    return fs::is_symlink(link) && fs::read_symlink(link) == main && fs::is_directory(fs::symlink_status(main)) &&
           file_bytes(link + "/who") == "me";
  }

  [[nodiscard]] bool is_untouched() const {
    return fs::is_directory(fs::symlink_status(link)) && !fs::exists(fs::symlink_status(main)) &&
           file_bytes(link + "/who") == "me";
  }

  [[nodiscard]] core::Result<void> adopt() const {
    auto const plan = adapters::plan_adopting(config, std::nullopt);
    if (!plan) return plan.error();
    return adapters::carry_out(*plan);
  }

  [[nodiscard]] core::Result<void> undo() const {
    auto const plan = adapters::plan_undoing(config, std::nullopt);
    if (!plan) return plan.error();
    return adapters::carry_out(*plan);
  }
};

void refuses(core::Result<adapters::AdoptPlan> const& plan, core::ErrorKind kind, std::string const& text) {
  REQUIRE_FALSE(plan);
  CHECK(plan.error().kind == kind);
  CHECK_THAT(plan.error().detail, CF_CONTAINS(text));
}

}  // namespace

TEST_CASE("a real directory becomes the first missing account's, with the link in its place", "[adapters][adopt]") {
  Home const home;
  auto const plan = adapters::plan_adopting(home.config, std::nullopt);
  REQUIRE(plan);
  CHECK(plan->account == main_account);
  CHECK(plan->state == AdoptState::untouched);
  CHECK(plan->changes());
  CHECK(home.is_untouched());  // planning made nothing
  CHECK_FALSE(fs::exists(home.scratch / "accounts"));
  REQUIRE(adapters::carry_out(*plan));
  CHECK(home.is_adopted());
  CHECK(names_in(home.scratch.str()) == std::set<std::string>{".claude", "accounts"});
  CHECK(names_in(home.scratch / "accounts") == std::set<std::string>{"main"});
}

TEST_CASE("adopting again finds it done", "[adapters][adopt]") {
  Home const home;
  REQUIRE(home.adopt());
  auto const again = adapters::plan_adopting(home.config, std::nullopt);
  REQUIRE(again);
  CHECK(again->state == AdoptState::adopted);
  CHECK(again->account == main_account);
  CHECK_FALSE(again->changes());
  REQUIRE(adapters::carry_out(*again));
  CHECK(home.is_adopted());
}

TEST_CASE("undoing puts the directory back, and again finds it done", "[adapters][adopt]") {
  Home const home;
  REQUIRE(home.adopt());
  REQUIRE(home.undo());
  CHECK(home.is_untouched());
  auto const again = adapters::plan_undoing(home.config, std::nullopt);
  REQUIRE(again);
  CHECK_FALSE(again->changes());
  REQUIRE(adapters::carry_out(*again));
  CHECK(home.is_untouched());
}

TEST_CASE("a crash after the mark is finished by adopting and taken back by undoing", "[adapters][adopt]") {
  Home const home;
  home.mark();
  auto const on = adapters::plan_adopting(home.config, std::nullopt);
  REQUIRE(on);
  CHECK(on->state == AdoptState::marked);
  auto const back = adapters::plan_undoing(home.config, std::nullopt);
  REQUIRE(back);
  CHECK(back->state == AdoptState::marked);
  SECTION("adopt") {
    REQUIRE(adapters::carry_out(*on));
    CHECK(home.is_adopted());
  }
  SECTION("undo") {
    REQUIRE(adapters::carry_out(*back));
    CHECK(home.is_untouched());
  }
}

TEST_CASE("an adoption that was begun for the second account goes on for it", "[adapters][adopt]") {
  Home home;
  fs::create_directories(home.scratch / "accounts");
  fs::create_symlink(home.spare, home.spare);
  auto const plan = adapters::plan_adopting(home.config, std::nullopt);
  REQUIRE(plan);
  CHECK(plan->account == spare_account);
}

TEST_CASE("a link that was made by hand, by another path, can be undone", "[adapters][adopt]") {
  Home const home;
  home.by_hand();
  fs::remove(home.link);
  fs::create_symlink("accounts/main", home.link);
  REQUIRE(home.undo());
  CHECK(home.is_untouched());
}

TEST_CASE("while it is adopted the path is never absent and leads to the same files at every instant",
          "[adapters][adopt]") {
  Home const home;
  std::atomic<bool> stop{false};
  std::atomic<int> phase{0};  // odd while adopting
  std::atomic<int> misses{0};
  std::atomic<int> absences{0};
  std::atomic<int> reads{0};
  std::thread reader{[&] {
    struct stat info {};
    while (!stop) {
      int const before = phase;
      int const fd = ::open((home.link + "/who").c_str(), O_RDONLY | O_CLOEXEC);
      // Undoing takes the name away that an open in the middle of its way may just have read from the link.
      if (fd < 0 && before % 2 == 1 && before == phase) ++misses;
      if (fd >= 0) ::close(fd);
      if (::lstat(home.link.c_str(), &info) != 0) ++absences;
      ++reads;
    }
  }};
  bool all = true;
  for (int round = 0; round < 300; ++round) {
    ++phase;
    all = home.adopt().has_value() && all;
    ++phase;
    all = home.undo().has_value() && all;
  }
  stop = true;
  reader.join();
  CHECK(all);
  CHECK(reads > 0);
  CHECK(misses == 0);
  CHECK(absences == 0);
  CHECK(home.is_untouched());
}

TEST_CASE("killed at any moment, it is in one of the three states and the next run ends right", "[adapters][adopt]") {
  Home const home;
  for (long round = 0; round < 40; ++round) {
    failover::test::run_and_kill(
        [&] {
          while (home.adopt() && home.undo()) continue;
        },
        200 + (round * 137) % 3000);
    bool const marked = fs::is_symlink(home.main) && fs::read_symlink(home.main) == home.main;
    bool const one_of_three =
        home.is_adopted() || home.is_untouched() || (marked && fs::is_directory(fs::symlink_status(home.link)));
    REQUIRE(one_of_three);
    REQUIRE(file_bytes(home.link + "/who") == "me");
    REQUIRE((round % 2 == 0 ? home.adopt() : home.undo()));
    REQUIRE((round % 2 == 0 ? home.is_adopted() : home.is_untouched()));
  }
}

TEST_CASE("what stands in the way is refused with its name, and nothing changes", "[adapters][adopt]") {
  Home home;
  SECTION("no such account") {
    refuses(adapters::plan_adopting(home.config, core::AccountName{"x"}), core::ErrorKind::invalid, "no account");
    refuses(adapters::plan_undoing(home.config, core::AccountName{"x"}), core::ErrorKind::invalid, "no account");
  }
  SECTION("the account has a directory") {
    fs::create_directories(home.main);
    refuses(adapters::plan_adopting(home.config, main_account), core::ErrorKind::refused, "exists already");
    fs::create_directories(home.spare);
    refuses(adapters::plan_adopting(home.config, std::nullopt), core::ErrorKind::refused, "add an account");
  }
  SECTION("a link of somebody else's at the account's directory") {
    fs::create_directories(home.scratch / "accounts");
    fs::create_symlink("/nowhere", home.main);
    refuses(adapters::plan_adopting(home.config, main_account), core::ErrorKind::refused, "exists already");
  }
  SECTION("the account's directory would lie in the one to be moved") {
    home.config.accounts[0].config_dir = home.link + "/accounts/main";
    refuses(adapters::plan_adopting(home.config, std::nullopt), core::ErrorKind::invalid, "one inside the other");
  }
  SECTION("the directory to be moved lies in the account's") {
    home.config.accounts[0].config_dir = home.scratch.str();
    refuses(adapters::plan_adopting(home.config, main_account), core::ErrorKind::invalid, "one inside the other");
  }
  SECTION("another file system") {
    home.config.accounts[0].config_dir = "/dev/shm/failover-adopt-test/main";
    struct stat there {};
    struct stat here {};
    if (::stat("/dev/shm", &there) != 0 || ::stat(home.link.c_str(), &here) != 0 || there.st_dev == here.st_dev)
      home.config.accounts[0].config_dir = "/proc/failover-adopt-test/main";
    refuses(adapters::plan_adopting(home.config, std::nullopt), core::ErrorKind::unsupported, "one file system");
  }
  CHECK(file_bytes(home.link + "/who") == "me");
  CHECK(fs::is_directory(fs::symlink_status(home.link)));
}

TEST_CASE("a link that is absent, a file, or leads elsewhere is refused", "[adapters][adopt]") {
  Home home;
  SECTION("absent") {
    fs::remove_all(home.link);
    refuses(adapters::plan_adopting(home.config, std::nullopt), core::ErrorKind::invalid, "ln -s " + home.main);
    refuses(adapters::plan_undoing(home.config, std::nullopt), core::ErrorKind::invalid, "does not exist");
  }
  SECTION("a file") {
    fs::remove_all(home.link);
    put_file(home.link, "x");
    refuses(adapters::plan_adopting(home.config, std::nullopt), core::ErrorKind::invalid, "neither");
  }
  SECTION("to no account") {
    fs::remove_all(home.link);
    fs::create_symlink("/usr", home.link);
    refuses(adapters::plan_adopting(home.config, std::nullopt), core::ErrorKind::refused, "symlink already");
    refuses(adapters::plan_undoing(home.config, std::nullopt), core::ErrorKind::refused, "no account's directory");
  }
  SECTION("to another account than the wished one") {
    home.by_hand();
    refuses(adapters::plan_adopting(home.config, spare_account), core::ErrorKind::refused, "leads to account main");
    refuses(adapters::plan_undoing(home.config, spare_account), core::ErrorKind::refused, "leads to account main");
    CHECK(home.is_adopted());
  }
  SECTION("to an account whose directory is gone") {
    fs::remove_all(home.link);
    fs::create_symlink(home.main, home.link);
    refuses(adapters::plan_adopting(home.config, std::nullopt), core::ErrorKind::refused, "is not there");
    refuses(adapters::plan_undoing(home.config, std::nullopt), core::ErrorKind::refused, "is not there");
  }
  SECTION("undoing an account whose directory is a link itself") {
    home.by_hand();
    fs::rename(home.main, home.scratch / "real");
    fs::create_symlink(home.scratch / "real", home.main);
    refuses(adapters::plan_undoing(home.config, std::nullopt), core::ErrorKind::refused, "but a symlink");
  }
}

TEST_CASE("another user's directory is refused", "[adapters][adopt]") {
  Home const home;
  fs::permissions(home.scratch.str(), fs::perms::all);
  if (::geteuid() != 0) return;  // only root can make a directory that is not the checking user's
  CHECK(failover::test::holds_unprivileged([&] {
    auto const plan = adapters::plan_adopting(home.config, std::nullopt);
    return !plan && plan.error().kind == core::ErrorKind::permission;
  }));
}

TEST_CASE("who uses the directory, links that will break and the file beside it are told", "[adapters][adopt]") {
  Home const home;
  CHECK(adapters::plan_adopting(home.config, std::nullopt)->notes.empty());
  put_file(home.link + ".json", R"({"primaryApiKey": "secret"})");
  fs::create_symlink("../dotfiles/skills", home.link + "/skills");
  failover::test::FileHolder const holder{home.link + "/who"};
  auto const plan = adapters::plan_adopting(home.config, std::nullopt);
  REQUIRE(plan);
  REQUIRE(plan->notes.size() == 3);
  CHECK_THAT(plan->notes[0], CF_CONTAINS("pid " + std::to_string(holder.pid())));
  CHECK_THAT(plan->notes[1], CF_CONTAINS("skills leads to ../dotfiles/skills"));
  CHECK_THAT(plan->notes[2], CF_CONTAINS("cp -p " + home.link + ".json " + home.main + "/.claude.json"));
  REQUIRE(adapters::carry_out(*plan));
  CHECK_FALSE(fs::exists(home.main + "/.claude.json"));
  CHECK(file_bytes(home.link + ".json") == R"({"primaryApiKey": "secret"})");
}
