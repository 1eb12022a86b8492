#include "adapters/carry_conversation.hpp"

#include "test/support/catch.hpp"
#include "test/support/killed_run.hpp"
#include "test/support/scratch_directory.hpp"
#include "test/support/unprivileged.hpp"

#include <chrono>
#include <filesystem>
#include <map>
#include <time.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace adapters = failover::adapters;
namespace core = failover::core;
namespace fs = std::filesystem;
using core::ErrorKind;
using failover::test::file_bytes;
using failover::test::put_file;
using failover::test::ScratchDirectory;

namespace {

using Files = std::map<std::string, std::string>;

std::string const id = "0b0e8d5c-1d7f-4c7e-9a55-6f0d5b1f7a01";
std::string const folder = "-home-me-work";
std::string const own = folder + "/" + id + ".jsonl";
std::string const subagent = folder + "/" + id + "/subagents/agent-a1.jsonl";
std::string const tool_result = folder + "/" + id + "/tool-results/t1.txt";
std::string const sibling = folder + "/agent-b2.jsonl";
std::string const of_sibling = R"({"type":"user","sessionId":")" + id + "\"}\n";

Files files_in(std::string const& root) {
  Files files;
  if (!fs::exists(root)) return files;
  for (auto const& entry : fs::recursive_directory_iterator{root, fs::directory_options::follow_directory_symlink})
    if (entry.is_regular_file()) files[fs::relative(entry.path(), root).string()] = file_bytes(entry.path().string());
  return files;
}

/// Three accounts without any history.
struct Accounts {
  ScratchDirectory scratch = {};
  std::string a = scratch / "a";
  std::string b = scratch / "b";
  std::string c = scratch / "c";
  core::ConversationId conversation{id};

  Accounts() {
    for (auto const& account : {a, b, c}) fs::create_directory(account);
  }

  static void put(std::string const& account, Files const& files) {
    for (auto const& [name, bytes] : files) {
      auto const path = fs::path{account} / "projects" / name;
      fs::create_directories(path.parent_path());
      put_file(path.string(), bytes);
    }
  }

  [[nodiscard]] static Files of(std::string const& account) { return files_in(account + "/projects"); }

  [[nodiscard]] core::Result<adapters::CarryReport> carry(std::string const& to, pid_t ending = 0) const {
    return adapters::carry_conversation(conversation, {a, b, c}, to, ending);
  }

  [[nodiscard]] adapters::CarryReport carried(std::string const& to) const {
    auto report = carry(to);
    INFO((report ? std::string{} : report.error().detail));
    REQUIRE(report);
    return std::move(*report);
  }
};

void refuses(core::Result<adapters::CarryReport> const& report, ErrorKind kind, std::string const& text) {
  REQUIRE_FALSE(report);
  CHECK(report.error().kind == kind);
  CHECK_THAT(report.error().detail, CF_CONTAINS(text));
}

struct stat look(std::string const& path) {
  struct stat info {};
  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return info;
}

}  // namespace

TEST_CASE("a conversation goes to the account that lacks it with all that belongs to it", "[adapters][carry]") {
  Accounts const accounts;
  Files const whole{{own, "row 1\nrow 2\n"}, {subagent, "row\n"}, {tool_result, "out"}, {sibling, of_sibling}};
  Files others = whole;
  others[folder + "/another.jsonl"] = "row\n";
  others[folder + "/agent-c3.jsonl"] = R"({"sessionId":"another"})";
  others["-home-me-else/notes.txt"] = "text";
  Accounts::put(accounts.a, others);
  auto const source = accounts.a + "/projects/" + own;
  ::chmod(source.c_str(), 0644);
  timespec const times[2] = {{1'700'000'000, 5}, {1'700'000'000, 7}};
  REQUIRE(::utimensat(AT_FDCWD, source.c_str(), times, 0) == 0);

  auto const report = accounts.carried(accounts.b);
  CHECK(report.found);
  CHECK(report.files == 4);
  CHECK(report.bytes == 12 + 4 + 3 + of_sibling.size());
  CHECK(report.left.empty());
  CHECK(Accounts::of(accounts.b) == whole);
  CHECK(Accounts::of(accounts.a) == others);
  auto const copy = look(accounts.b + "/projects/" + own);
  CHECK((copy.st_mode & 0777U) == 0600);
  CHECK(copy.st_mtim.tv_sec == 1'700'000'000);
  CHECK(copy.st_mtim.tv_nsec == 7);
  CHECK((look(accounts.b + "/projects/" + folder + "/" + id).st_mode & 0777U) == 0700);
}

TEST_CASE("carrying over once more changes nothing", "[adapters][carry]") {
  Accounts const accounts;
  Accounts::put(accounts.a, {{own, "row 1\n"}, {subagent, "row\n"}});
  CHECK(accounts.carried(accounts.b).files == 2);
  auto const before = look(accounts.b + "/projects/" + own);
  auto const again = accounts.carried(accounts.b);
  CHECK(again == adapters::CarryReport{.found = true});
  CHECK(look(accounts.b + "/projects/" + own).st_ino == before.st_ino);
}

TEST_CASE("a conversation that no account has is not found, and no directory is made", "[adapters][carry]") {
  Accounts const accounts;
  Accounts::put(accounts.a, {{folder + "/another.jsonl", "row\n"}, {subagent, "row\n"}});
  CHECK(accounts.carried(accounts.b) == adapters::CarryReport{});
  CHECK_FALSE(fs::exists(accounts.b + "/projects"));
  CHECK(accounts.carried(accounts.scratch / "absent") == adapters::CarryReport{});
}

TEST_CASE("a beginning at the target is replaced by the whole", "[adapters][carry]") {
  Accounts const accounts;
  Accounts::put(accounts.a, {{own, "row 1\nrow 2\n"}, {subagent, "r 1\nr 2\n"}});
  Accounts::put(accounts.b, {{own, "row 1\n"}, {subagent, "r 1\n"}});
  CHECK(accounts.carried(accounts.b).files == 2);
  CHECK(Accounts::of(accounts.b) == Accounts::of(accounts.a));
}

TEST_CASE("a longer copy at the target stays, and what it lacks beside it is brought", "[adapters][carry]") {
  Accounts const accounts;
  Accounts::put(accounts.a, {{own, "row 1\n"}, {subagent, "row\n"}});
  Accounts::put(accounts.b, {{own, "row 1\nrow 2\n"}});
  CHECK(accounts.carried(accounts.b).files == 1);
  CHECK(Accounts::of(accounts.b) == Files{{own, "row 1\nrow 2\n"}, {subagent, "row\n"}});
}

TEST_CASE("of several copies the longest is carried", "[adapters][carry]") {
  Accounts const accounts;
  Accounts::put(accounts.a, {{own, "row 1\nrow 2\n"}, {tool_result, "whole"}});
  Accounts::put(accounts.b, {{own, "row 1\n"}, {tool_result, "other"}});
  auto const report = accounts.carried(accounts.c);
  CHECK(Accounts::of(accounts.c) == Accounts::of(accounts.a));
  CHECK(report.left == std::vector<std::string>{accounts.b + "/projects/" + tool_result});
}

TEST_CASE("two copies that go on differently are refused with both names, and nothing is copied", "[adapters][carry]") {
  Accounts const accounts;
  Files const first{{own, "row 1\nrow 2\n"}};
  Files const second{{own, "row 1\nrow 3\nrow 4\n"}};
  Accounts::put(accounts.a, first);
  Accounts::put(accounts.b, second);
  for (auto const& to : {accounts.a, accounts.b, accounts.c}) {
    auto const report = accounts.carry(to);
    refuses(report, ErrorKind::refused, accounts.a + "/projects/" + own);
    refuses(report, ErrorKind::refused, accounts.b + "/projects/" + own);
    refuses(report, ErrorKind::refused, "share-history");
  }
  CHECK(Accounts::of(accounts.a) == first);
  CHECK(Accounts::of(accounts.b) == second);
  CHECK_FALSE(fs::exists(accounts.c + "/projects"));
}

TEST_CASE("a subagent's rows that go on differently are refused, too", "[adapters][carry]") {
  Accounts const accounts;
  Accounts::put(accounts.a, {{own, "row 1\nrow 2\n"}, {subagent, "r 1\nr 2\n"}});
  Accounts::put(accounts.b, {{own, "row 1\n"}, {subagent, "r 1\nr 3\n"}});
  refuses(accounts.carry(accounts.b), ErrorKind::refused, subagent);
  CHECK(Accounts::of(accounts.b).at(own) == "row 1\n");
}

TEST_CASE("accounts that share their projects, or a folder of them, have nothing to carry", "[adapters][carry]") {
  Accounts const accounts;
  Accounts::put(accounts.a, {{own, "row 1\n"}});
  SECTION("projects") {
    fs::create_symlink(accounts.a + "/projects", accounts.b + "/projects");
  }
  SECTION("the folder") {
    fs::create_directory(accounts.b + "/projects");
    fs::create_symlink(accounts.a + "/projects/" + folder, accounts.b + "/projects/" + folder);
  }
  SECTION("the account") {
    fs::remove(accounts.b);
    fs::create_symlink(accounts.a, accounts.b);
  }
  CHECK(accounts.carried(accounts.b) == adapters::CarryReport{.found = true});
  CHECK(Accounts::of(accounts.a) == Files{{own, "row 1\n"}});
}

TEST_CASE("a conversation is carried through the switch link, and to projects that lie elsewhere",
          "[adapters][carry]") {
  Accounts const accounts;
  Accounts::put(accounts.a, {{own, "row 1\n"}});
  fs::create_directory(accounts.scratch / "elsewhere");
  fs::create_symlink(accounts.scratch / "elsewhere", accounts.b + "/projects");
  fs::create_symlink(accounts.b, accounts.scratch / "link");
  CHECK(accounts.carried(accounts.scratch / "link").files == 1);
  CHECK(files_in(accounts.scratch / "elsewhere") == Files{{own, "row 1\n"}});
  CHECK(fs::is_symlink(accounts.b + "/projects"));
}

TEST_CASE("links and FIFOs of a conversation are left out, and told", "[adapters][carry]") {
  Accounts const accounts;
  Accounts::put(accounts.a, {{own, "row 1\n"}, {subagent, "row\n"}});
  auto const beside = accounts.a + "/projects/" + folder + "/" + id;
  fs::create_symlink("/etc/hostname", beside + "/link");
  REQUIRE(::mkfifo((beside + "/fifo").c_str(), 0600) == 0);
  auto const report = accounts.carried(accounts.b);
  CHECK(report.files == 2);
  CHECK(report.left.size() == 2);
  CHECK(Accounts::of(accounts.b) == Files{{own, "row 1\n"}, {subagent, "row\n"}});
}

TEST_CASE("an id that is no file's name is refused", "[adapters][carry]") {
  Accounts accounts;
  for (auto const* bad : {"", "..", "../a", "a/b", "a b"}) {
    accounts.conversation = core::ConversationId{bad};
    refuses(accounts.carry(accounts.b), ErrorKind::invalid, "no name of a file");
  }
}

TEST_CASE("a target that may not be written to is named, and nothing is left there", "[adapters][carry]") {
  Accounts const accounts;
  Accounts::put(accounts.a, {{own, "row 1\n"}});
  Accounts::put(accounts.b, {{folder + "/another.jsonl", "row\n"}});
  auto const closed = accounts.b + "/projects/" + folder;
  fs::permissions(accounts.scratch.str(), fs::perms::all);
  REQUIRE(::chmod(closed.c_str(), 0555) == 0);
  CHECK(failover::test::holds_unprivileged([&] {
    auto const report = accounts.carry(accounts.b);
    return !report && report.error().kind == ErrorKind::permission &&
           report.error().detail.find(closed) != std::string::npos;
  }));
  CHECK(Accounts::of(accounts.b).size() == 1);
}

TEST_CASE("what cannot be brought beside it keeps the conversation itself back", "[adapters][carry]") {
  Accounts const accounts;
  Accounts::put(accounts.a, {{own, "row 1\n"}, {subagent, "row\n"}});
  Files const in_the_way{{folder + "/" + id, "no directory"}};
  Accounts::put(accounts.b, in_the_way);
  CHECK_FALSE(accounts.carry(accounts.b));
  CHECK(Accounts::of(accounts.b) == in_the_way);
}

TEST_CASE("what a source gains while it is copied is copied again, or the copy is given up", "[adapters][carry]") {
  Accounts const accounts;
  Accounts::put(accounts.a, {{own, std::string(1 << 16, 'x') + "\n"}});
  auto const source = accounts.a + "/projects/" + own;
  auto const writer = ::fork();
  REQUIRE(writer >= 0);
  if (writer == 0) {
    int const file = ::open(source.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    while (::write(file, "row\n", 4) == 4) continue;
    ::_exit(0);
  }
  int given_up = 0;
  // The writer needs a processor of its own at the right moment.
  auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  for (int round = 0; round < 5 || (given_up == 0 && std::chrono::steady_clock::now() < deadline); ++round) {
    auto const report = accounts.carry(accounts.b);
    bool const there = fs::exists(accounts.b + "/projects/" + own);
    if (report || there) CHECK(file_bytes(source).starts_with(file_bytes(accounts.b + "/projects/" + own)));
    if (report) continue;
    CHECK(report.error().kind == ErrorKind::unavailable);
    ++given_up;
  }
  CHECK(given_up > 0);
  ::kill(writer, SIGKILL);
  (void)::waitpid(writer, nullptr, 0);
  REQUIRE(accounts.carry(accounts.b));
  CHECK(Accounts::of(accounts.b) == Accounts::of(accounts.a));
}

TEST_CASE(
    "killed at any point, the conversation is at the target whole or not at all, and the next call makes it whole",
    "[adapters][carry]") {
  Files const whole{{own, std::string(1 << 18, 'x')}, {subagent, std::string(1 << 17, 'y')}, {tool_result, "out"}};
  constexpr int moments = 16;
  long whole_time = 0;
  for (int round = 0; round <= moments; ++round) {
    Accounts const accounts;
    Accounts::put(accounts.a, whole);
    auto const began = std::chrono::steady_clock::now();
    if (round > 0)
      failover::test::run_and_kill([&] { (void)accounts.carry(accounts.b); }, whole_time * round / moments);
    if (auto const found = Accounts::of(accounts.b); found.contains(own)) CHECK(found == whole);
    CHECK(Accounts::of(accounts.a) == whole);
    (void)accounts.carried(accounts.b);
    CHECK(Accounts::of(accounts.b) == whole);
    auto const took = std::chrono::steady_clock::now() - began;
    if (round == 0) whole_time = static_cast<long>(std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  }
}
