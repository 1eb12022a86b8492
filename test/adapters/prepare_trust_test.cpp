#include "adapters/prepare_trust.hpp"

#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"
#include "test/support/unprivileged.hpp"

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>

using namespace failover::adapters;
using failover::core::ErrorKind;
using failover::test::file_bytes;
using failover::test::holds_unprivileged;
using failover::test::names_in;
using failover::test::put_file;
using failover::test::ScratchDirectory;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

AgentLockTimes const at_once{0ms, 1ms, 10s};

/// An account's directory, and one to work in.
struct Place {
  ScratchDirectory scratch = {};
  std::string account = scratch / "account";
  std::string work = scratch / "work";
  std::string file = account + "/.claude.json";
  std::string lock = file + ".lock";

  Place() {
    fs::create_directory(account);
    fs::create_directory(work);
  }
  [[nodiscard]] failover::core::Result<bool> prepare() const { return prepare_trust(account, work, at_once); }
};

std::string with_w(std::string const& text) {
  auto const result = with_trust(text, "/w");
  REQUIRE(result);
  return *result;
}

void set_age(std::string const& path, std::chrono::seconds age) {
  auto const then = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() - age);
  timespec const times[2] = {{then, 0}, {then, 0}};
  REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
}

mode_t mode_of(std::string const& path) {
  struct stat info {};
  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return info.st_mode & 07777U;
}

void refuses(Place const& place, ErrorKind kind, std::string const& words) {
  auto const outcome = place.prepare();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().kind == kind);
  CHECK_THAT(outcome.error().detail, CF_CONTAINS(words));
}

}  // namespace

TEST_CASE("both keys are added and every other byte stays", "[adapters][prepare_trust]") {
  CHECK(with_w("{\n  \"theme\": \"dark\"\n}\n") ==
        "{\n  \"theme\": \"dark\",\n  \"hasCompletedOnboarding\": true,\n  \"projects\": {\n    \"/w\": {\n      "
        "\"hasTrustDialogAccepted\": true\n    }\n  }\n}\n");
  CHECK(with_w(R"({"n":1e400,"n":12345678901234567890.10,"é":"\u00e9\/😀","projects":{"/v":{ "a" :[ ] }}})") ==
        R"({"n":1e400,"n":12345678901234567890.10,"é":"\u00e9\/😀","projects":{"/v":{ "a" :[ ] },)"
        R"("/w":{"hasTrustDialogAccepted":true}},"hasCompletedOnboarding":true})");
  CHECK(with_w("\xEF\xBB\xBF{ }") != "{ }");
  CHECK_THAT(with_w("\xEF\xBB\xBF{ }"), CF_CONTAINS("\xEF\xBB\xBF{"));
}

TEST_CASE("an answer of no becomes yes, other answers stay", "[adapters][prepare_trust]") {
  CHECK(with_w(R"({"hasCompletedOnboarding" :false, "projects":{"/w":{"hasTrustDialogAccepted":  null,"x":false}}})") ==
        R"({"hasCompletedOnboarding" :true, "projects":{"/w":{"hasTrustDialogAccepted":  true,"x":false}}})");
}

TEST_CASE("a second time changes nothing", "[adapters][prepare_trust]") {
  for (std::string const text : {"{}", "{\r\n\t\"a\" : 1\r\n}", R"({"projects":{}})", R"({"projects":{"/w":{}}})"})
    CHECK(with_w(with_w(text)) == with_w(text));
}

TEST_CASE("no key is written that lifts a permission or approves a key", "[adapters][prepare_trust]") {
  auto const from_nothing = with_w("{}");
  CHECK_THAT(from_nothing, !CF_CONTAINS("bypass") && !CF_CONTAINS("ermission") && !CF_CONTAINS("piKey") &&
                               !CF_CONTAINS("approved") && !CF_CONTAINS("allowedTools"));
  std::string const theirs =
      R"({"bypassPermissionsModeAccepted":false,"customApiKeyResponses":{"approved":[],"rejected":["x"]})";
  CHECK_THAT(with_w(theirs + "}"), CF_CONTAINS(theirs + ","));
}

TEST_CASE("a text that cannot be edited safely is refused with its place", "[adapters][prepare_trust]") {
  for (std::string const text :
       {"", "  ", "[]", "null", "{", "{\"a\":1,}", "{} x", "{\"projects\":[]}", "{\"projects\":{\"/w\":true}}",
        "{\"projects\":{},\"projects\":{}}", "{\"projects\":{\"/w\":{},\"\\u002fw\":{}}}",
        "{\"hasCompletedOnboarding\":true,\"hasCompletedOnboarding\":false}"}) {
    CAPTURE(text);
    auto const result = with_trust(text, "/w");
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::invalid);
    CHECK_THAT(result.error().detail, CF_CONTAINS("line "));
  }
}

TEST_CASE("a directory's name is written as JSON", "[adapters][prepare_trust]") {
  auto const result = with_trust("{}", "/a \"b\"\\\n");
  REQUIRE(result);
  CHECK_THAT(*result, CF_CONTAINS(R"("/a \"b\"\\\n")"));
  CHECK(with_trust(*result, "/a \"b\"\\\n") == *result);
}

TEST_CASE("the account's file is edited under the real name of the directory, its mode kept",
          "[adapters][prepare_trust]") {
  Place const place;
  put_file(place.file, R"({"a":1})");
  fs::permissions(place.file, fs::perms{0640});
  fs::create_directory_symlink(place.work, place.scratch / "alias");
  fs::create_directory_symlink(place.account, place.scratch / "link");
  CHECK(prepare_trust(place.scratch / "link", place.scratch / "alias", at_once) == true);
  CHECK(file_bytes(place.file) == R"({"a":1,"hasCompletedOnboarding":true,"projects":{")" +
                                      fs::canonical(place.work).string() + R"(":{"hasTrustDialogAccepted":true}}})");
  CHECK(mode_of(place.file) == 0640);
  CHECK(names_in(place.account) == std::set<std::string>{".claude.json"});
}

TEST_CASE("a file that has the keys is not touched and asks for no lock", "[adapters][prepare_trust]") {
  Place const place;
  REQUIRE(place.prepare() == true);
  auto const before = fs::last_write_time(place.file);
  fs::create_directory(place.lock);
  CHECK(place.prepare() == false);
  CHECK(fs::last_write_time(place.file) == before);
  CHECK(fs::exists(place.lock));
}

TEST_CASE("a missing file is made for its owner alone", "[adapters][prepare_trust]") {
  Place const place;
  CHECK(place.prepare() == true);
  CHECK(mode_of(place.file) == 0600);
  CHECK(file_bytes(place.file) == *with_trust("{}\n", fs::canonical(place.work).string()));
}

TEST_CASE("nothing is written while an agent holds the lock", "[adapters][prepare_trust]") {
  Place const place;
  put_file(place.file, "{}");
  fs::create_directory(place.lock);
  refuses(place, ErrorKind::unavailable, place.lock + " is held");
  set_age(place.lock, -1h);  // the clock was set back
  refuses(place, ErrorKind::unavailable, "remove that directory");
  CHECK(file_bytes(place.file) == "{}");
  CHECK(fs::exists(place.lock));
}

TEST_CASE("a lock that is let go in time is waited for", "[adapters][prepare_trust]") {
  Place const place;
  fs::create_directory(place.lock);
  std::thread agent{[&] { fs::remove(place.lock); }};
  auto const outcome = prepare_trust(place.account, place.work, {30s, 1ms, 1h});
  agent.join();
  CHECK(outcome == true);
  CHECK_FALSE(fs::exists(place.lock));
}

TEST_CASE("a stale lock is taken over, what is no lock is left", "[adapters][prepare_trust]") {
  Place const place;
  fs::create_directory(place.lock);
  set_age(place.lock, 11s);
  SECTION("an empty directory") {
    CHECK(place.prepare() == true);
    CHECK_FALSE(fs::exists(place.lock));
  }
  SECTION("a directory with something in it") {
    put_file(place.lock + "/x", "theirs");
    set_age(place.lock, 11s);
    refuses(place, ErrorKind::already_exists, place.lock);
    CHECK(file_bytes(place.lock + "/x") == "theirs");
  }
  SECTION("a file") {
    fs::remove(place.lock);
    put_file(place.lock, "theirs");
    set_age(place.lock, 11s);
    refuses(place, ErrorKind::invalid, "is no lock of the agent");
    CHECK(file_bytes(place.lock) == "theirs");
  }
}

TEST_CASE("a lock that others took for stale is neither trusted nor removed", "[adapters][prepare_trust]") {
  Place const place;
  {
    auto const lock = AgentLock::take(place.file, at_once);
    REQUIRE(lock);
    CHECK(lock->still_held());
    fs::create_directory(place.scratch / "other");
    fs::rename(place.scratch / "other", place.lock);
    CHECK_FALSE(lock->still_held());
  }
  CHECK(fs::exists(place.lock));
}

TEST_CASE("a lock that we hold for too long is not relied on", "[adapters][prepare_trust]") {
  Place const place;
  auto const lock = AgentLock::take(place.file, {0ms, 1ms, 0ms});
  REQUIRE(lock);
  REQUIRE_FALSE(lock->still_held());
  CHECK(lock->still_held().error().kind == ErrorKind::unavailable);
}

TEST_CASE("after a refusal the file is as it was and the lock is gone", "[adapters][prepare_trust]") {
  Place const place;
  std::string text = "{\"a\": 1,}";
  SECTION("broken JSON") {
    put_file(place.file, text);
    refuses(place, ErrorKind::invalid, place.file + ": ");
  }
  SECTION("hard links") {
    text = "{}";
    put_file(place.file, text);
    fs::create_hard_link(place.file, place.scratch / "second");
    refuses(place, ErrorKind::unsupported, "hard links");
  }
  CHECK(file_bytes(place.file) == text);
  CHECK(names_in(place.account) == std::set<std::string>{".claude.json"});
}

TEST_CASE("a link to the file stays a link", "[adapters][prepare_trust]") {
  Place const place;
  auto const shared = place.scratch / "shared.json";
  fs::create_symlink(shared, place.file);
  refuses(place, ErrorKind::not_found, "leads to nothing");
  put_file(shared, "{}");
  CHECK(place.prepare() == true);
  CHECK(fs::is_symlink(place.file));
  CHECK_THAT(file_bytes(shared), CF_CONTAINS("hasTrustDialogAccepted"));
}

TEST_CASE("what is missing or has no name in JSON is named", "[adapters][prepare_trust]") {
  Place const place;
  auto const fails = [&](std::string const& account, std::string const& work, ErrorKind kind) {
    auto const outcome = prepare_trust(account, work, at_once);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().kind == kind);
  };
  fails(place.scratch / "none", place.work, ErrorKind::not_found);
  fails(place.account, place.scratch / "none", ErrorKind::not_found);
  fails(place.account, "", ErrorKind::not_found);
  fs::create_directory(place.scratch / "\xff");
  fails(place.account, place.scratch / "\xff", ErrorKind::unsupported);
  CHECK(names_in(place.account).empty());
}

TEST_CASE("a directory that may not be written is named and nothing stays behind", "[adapters][prepare_trust]") {
  Place const place;
  put_file(place.file, "{}");
  fs::permissions(place.scratch.str(), fs::perms{0755});
  fs::permissions(place.account, fs::perms{0555});
  CHECK(holds_unprivileged([&] {
    auto const outcome = place.prepare();
    return !outcome && outcome.error().kind == ErrorKind::permission;
  }));
  CHECK(file_bytes(place.file) == "{}");
}

TEST_CASE("writers that keep to the lock lose nothing of one another", "[adapters][prepare_trust]") {
  Place const place;
  std::vector<std::thread> writers;
  std::atomic<int> written = 0;
  for (int number = 0; number < 4; ++number) {
    auto const work = place.work + "/" + std::to_string(number);
    fs::create_directory(work);
    writers.emplace_back([&, work] { written += prepare_trust(place.account, work, {60s, 1ms, 1h}) == true ? 1 : 0; });
  }
  for (auto& writer : writers) writer.join();
  CHECK(written == 4);
  for (int number = 0; number < 4; ++number)
    CHECK(prepare_trust(place.account, place.work + "/" + std::to_string(number), at_once) == false);
}
