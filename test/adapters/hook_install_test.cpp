#include "adapters/hook_install.hpp"

#include "adapters/json_text.hpp"
#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"
#include "test/support/unprivileged.hpp"

#include <cerrno>
#include <filesystem>
#include <string>

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace failover::adapters;
using failover::core::ErrorKind;
using failover::core::Result;
using failover::test::file_bytes;
using failover::test::holds_unprivileged;
using failover::test::names_in;
using failover::test::put_file;
using failover::test::ScratchDirectory;
namespace fs = std::filesystem;

namespace {

using Names = std::set<std::string>;

HookCommands const commands{"/usr/bin/claude-failover", "/run/cf/control.sock", "/var/lib/cf/spool"};
std::string const theirs = "{\n    \"model\": \"opus\"\n}\n";

Result<SettingsEdit> plan(std::string const& directory) {
  return plan_adding(directory, commands, TheirStatusLine::keep);
}

Result<void> add(std::string const& directory) {
  auto const edit = plan(directory);
  if (!edit) return edit.error();
  return apply(*edit);
}

Result<void> remove(std::string const& directory) {
  auto const edit = plan_removing(directory);
  if (!edit) return edit.error();
  return apply(*edit);
}

std::string added(std::string const& text) {
  auto const result = add_hooks(text, commands);
  REQUIRE(result);
  return *result;
}

struct stat look_at(std::string const& path) {
  struct stat info {};
  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return info;
}

void refuses(std::string const& directory, ErrorKind kind, std::string const& words) {
  for (auto const& edit : {plan(directory), plan_removing(directory)}) {
    REQUIRE_FALSE(edit);
    CHECK(edit.error().kind == kind);
    CHECK_THAT(edit.error().detail, CF_CONTAINS(words));
  }
}

}  // namespace

TEST_CASE("installing edits the file, removing gives its bytes back", "[adapters][hook_install]") {
  ScratchDirectory const scratch;
  auto const file = scratch / "settings.json";
  put_file(file, theirs);
  auto const edit = plan(scratch.str());
  REQUIRE(edit);
  CHECK(edit->changes());
  CHECK(edit->has == InstalledHooks{6, StatusLineOwner::ours, true});
  CHECK(file_bytes(file) == theirs);
  REQUIRE(apply(*edit));
  CHECK(file_bytes(file) == added(theirs));
  auto const again = plan(scratch.str());
  REQUIRE(again);
  CHECK_FALSE(again->changes());
  REQUIRE(remove(scratch.str()));
  CHECK(file_bytes(file) == theirs);
  CHECK(names_in(scratch.str()) == Names{"settings.json", "settings.json.claude-failover.bak"});
}

TEST_CASE("a missing file is made, and removed again while it is ours alone", "[adapters][hook_install]") {
  ScratchDirectory const scratch;
  REQUIRE(remove(scratch.str()));
  REQUIRE(add(scratch.str()));
  CHECK(file_bytes(scratch / "settings.json") == settings_from_nothing(commands));
  CHECK((look_at(scratch / "settings.json").st_mode & 07777U) == 0600);
  CHECK(names_in(scratch.str()) == Names{"settings.json"});
  REQUIRE(remove(scratch.str()));
  CHECK(names_in(scratch.str()).empty());

  REQUIRE(add(scratch.str()));
  auto text = file_bytes(scratch / "settings.json");
  put_file(scratch / "settings.json", text.insert(text.rfind('}'), ",\"model\": \"opus\""));
  REQUIRE(remove(scratch.str()));
  CHECK(fs::exists(scratch / "settings.json"));
  CHECK_THAT(file_bytes(scratch / "settings.json"), CF_CONTAINS("\"model\": \"opus\""));
}

TEST_CASE("an empty file stays an empty file", "[adapters][hook_install]") {
  ScratchDirectory const scratch;
  auto const blank = GENERATE(as<std::string>{}, "", "\n");
  put_file(scratch / "settings.json", blank);
  REQUIRE(add(scratch.str()));
  CHECK(file_bytes(scratch / "settings.json") != blank);
  REQUIRE(remove(scratch.str()));
  CHECK(file_bytes(scratch / "settings.json") == blank);
}

TEST_CASE("the backup is what was there before our first entry", "[adapters][hook_install]") {
  ScratchDirectory const scratch;
  auto const backup = scratch / "settings.json.claude-failover.bak";
  put_file(scratch / "settings.json", theirs);
  REQUIRE(::chmod((scratch / "settings.json").c_str(), 0644) == 0);
  REQUIRE(add(scratch.str()));
  CHECK(file_bytes(backup) == theirs);
  CHECK((look_at(backup).st_mode & 07777U) == 0600);

  auto const moved = plan_adding(scratch.str(), {"/opt/claude-failover", "/r", "/s"}, TheirStatusLine::keep);
  REQUIRE(moved);
  REQUIRE(moved->changes());
  REQUIRE(apply(*moved));
  CHECK(file_bytes(backup) == theirs);

  REQUIRE(remove(scratch.str()));
  CHECK(file_bytes(backup) == theirs);
  put_file(scratch / "settings.json", "{}");
  REQUIRE(add(scratch.str()));
  CHECK(file_bytes(backup) == "{}");
}

TEST_CASE("mode and owner of the file stay", "[adapters][hook_install]") {
  ScratchDirectory const scratch;
  auto const file = scratch / "settings.json";
  put_file(file, theirs);
  REQUIRE(::chmod(file.c_str(), 0640) == 0);
  bool const root = ::geteuid() == 0;
  if (root) REQUIRE(::chown(file.c_str(), 1234, 2345) == 0);
  auto const before = look_at(file);
  REQUIRE(add(scratch.str()));
  auto const after = look_at(file);
  CHECK(after.st_mode == before.st_mode);
  CHECK(after.st_uid == before.st_uid);
  CHECK(after.st_gid == before.st_gid);
  CHECK(look_at(file + ".claude-failover.bak").st_uid == before.st_uid);
}

TEST_CASE("a link stays a link, what it leads to is edited", "[adapters][hook_install]") {
  ScratchDirectory const scratch;
  fs::create_directories(scratch / "dotfiles");
  fs::create_directories(scratch / "account");
  fs::create_symlink("account", scratch / "link-to-account");
  fs::create_symlink("../dotfiles/claude.json", scratch / "account/settings.json");
  put_file(scratch / "dotfiles/claude.json", theirs);
  auto const edit = plan(scratch / "link-to-account");
  REQUIRE(edit);
  CHECK(edit->file.path == fs::canonical(scratch / "dotfiles/claude.json").string());
  REQUIRE(apply(*edit));
  CHECK(fs::read_symlink(scratch / "account/settings.json") == "../dotfiles/claude.json");
  CHECK(file_bytes(scratch / "dotfiles/claude.json") == added(theirs));
  CHECK(names_in(scratch / "dotfiles") == Names{"claude.json", "claude.json.claude-failover.bak"});
  REQUIRE(remove(scratch / "link-to-account"));
  CHECK(file_bytes(scratch / "dotfiles/claude.json") == theirs);

  put_file(scratch / "dotfiles/claude.json", settings_from_nothing(commands));
  REQUIRE(remove(scratch / "account"));
  CHECK(file_bytes(scratch / "account/settings.json") == "{}\n");
}

TEST_CASE("what somebody writes between the look and the edit is kept", "[adapters][hook_install]") {
  ScratchDirectory const scratch;
  auto const file = scratch / "settings.json";
  put_file(file, theirs);
  auto const edit = plan(scratch.str());
  REQUIRE(edit);
  put_file(file, "{\"model\":\"sonnet\"}");
  auto const late = apply(*edit);
  REQUIRE_FALSE(late);
  CHECK(late.error().kind == ErrorKind::unavailable);
  CHECK_THAT(late.error().detail, CF_CONTAINS("run the command again"));
  CHECK(file_bytes(file) == "{\"model\":\"sonnet\"}");
  CHECK(names_in(scratch.str()) == Names{"settings.json"});

  fs::remove(file);
  auto const from_nothing = plan(scratch.str());
  put_file(file, theirs);
  CHECK(apply(*from_nothing).error().kind == ErrorKind::unavailable);
  CHECK(file_bytes(file) == theirs);
}

TEST_CASE("a replacing that is called off leaves the old file and nothing else", "[adapters][hook_install]") {
  ScratchDirectory const scratch;
  put_file(scratch / "a", "old");
  Replacement replacement;
  replacement.confirm = [&]() -> Result<void> {
    CHECK(names_in(scratch.str()).size() == 2);  // all is written by now
    CHECK(file_bytes(scratch / "a") == "old");
    return failover::core::Error{ErrorKind::unavailable, "no"};
  };
  CHECK(replace_file(scratch / "a", "new", replacement).error().kind == ErrorKind::unavailable);
  CHECK(file_bytes(scratch / "a") == "old");
  CHECK(names_in(scratch.str()) == Names{"a"});
}

TEST_CASE("files that are no settings are refused by name", "[adapters][hook_install]") {
  ScratchDirectory const scratch;
  auto const file = scratch / "settings.json";
  refuses(scratch / "nowhere", ErrorKind::not_found, "log in to the account first");

  fs::create_directory(file);
  refuses(scratch.str(), ErrorKind::invalid, file.substr(file.rfind("failover-test")) + " is not a regular file");
  fs::remove(file);
  REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
  refuses(scratch.str(), ErrorKind::invalid, "is not a regular file");
  fs::remove(file);
  fs::create_symlink("nothing", file);
  refuses(scratch.str(), ErrorKind::not_found, "leads to nothing");
  fs::remove(file);
  fs::create_symlink("settings.json", file);
  refuses(scratch.str(), ErrorKind::io, "settings.json");
  fs::remove(file);

  put_file(scratch / "other", theirs);
  fs::create_hard_link(scratch / "other", file);
  refuses(scratch.str(), ErrorKind::unsupported, "2 hard links");
  fs::remove(file);

  put_file(file, "{\n  \"a\": 1,\n}\n");
  refuses(scratch.str(), ErrorKind::invalid, "settings.json: line 2, column 9 (byte 10): a trailing comma");
  put_file(file, std::string(max_json_text_bytes + 1, ' '));
  refuses(scratch.str(), ErrorKind::too_large, "settings.json");
}

TEST_CASE("the credentials are not opened, not even through a link", "[adapters][hook_install]") {
  ScratchDirectory const scratch;
  put_file(scratch / ".credentials.json", "{}");
  fs::create_symlink(".credentials.json", scratch / "settings.json");
  refuses(scratch.str(), ErrorKind::invalid, "holds credentials and is not opened");
}

TEST_CASE("what this user may not change is told as permission and stays", "[adapters][hook_install]") {
  ScratchDirectory const scratch;
  auto const file = scratch / "settings.json";
  put_file(file, theirs);
  fs::permissions(file, fs::perms::owner_read | fs::perms::others_read);
  fs::permissions(scratch.str(), fs::perms::owner_all | fs::perms::others_read | fs::perms::others_exec);
  if (::geteuid() == 0) {
    CHECK(holds_unprivileged([&] {
      auto const edit = plan(scratch.str());
      return !edit && edit.error().kind == ErrorKind::permission;
    }));
    REQUIRE(::chown(file.c_str(), 65534, 65534) == 0);
  } else {
    fs::permissions(scratch.str(), fs::perms::owner_read | fs::perms::owner_exec);
  }
  CHECK(holds_unprivileged([&] {
    auto const done = add(scratch.str());
    return !done && done.error().kind == ErrorKind::permission;
  }));
  fs::permissions(scratch.str(), fs::perms::owner_all);
  CHECK(file_bytes(file) == theirs);
  CHECK(names_in(scratch.str()) == Names{"settings.json"});
}

TEST_CASE("a write that fails half-way leaves the old file", "[adapters][hook_install]") {
  ScratchDirectory const scratch;
  auto const file = scratch / "settings.json";
  put_file(file, theirs);
  fs::permissions(scratch.str(), fs::perms::all);
  if (::geteuid() == 0) REQUIRE(::chown(file.c_str(), 65534, ::getegid()) == 0);
  CHECK(holds_unprivileged([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit const limit{500, 500};  // enough for the backup, not for the new file
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return false;
    auto const done = add(scratch.str());
    return !done && done.error().kind == ErrorKind::too_large;
  }));
  CHECK(file_bytes(file) == theirs);
  CHECK(names_in(scratch.str()) == Names{"settings.json", "settings.json.claude-failover.bak"});
}

TEST_CASE("killed at any moment, the old file or the new one is there whole", "[adapters][hook_install]") {
  ScratchDirectory const scratch;
  auto const file = scratch / "settings.json";
  put_file(file, theirs);
  auto const with = added(theirs);
  for (int round = 1; round <= 30; ++round) {
    int news[2] = {-1, -1};
    REQUIRE(::pipe(news) == 0);
    auto const child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      while (add(scratch.str()) && remove(scratch.str())) (void)!::write(news[1], "x", 1);
      ::_exit(1);
    }
    ::close(news[1]);
    char told = 0;
    for (int turn = 0; turn < 1 + round % 3; ++turn) REQUIRE(::read(news[0], &told, 1) == 1);
    REQUIRE(::kill(child, SIGKILL) == 0);
    REQUIRE(::waitpid(child, nullptr, 0) == child);
    ::close(news[0]);
    auto const left = file_bytes(file);
    CHECK((left == theirs || left == with));
    CHECK(file_bytes(file + ".claude-failover.bak") == theirs);
  }
  REQUIRE(add(scratch.str()));
  REQUIRE(remove(scratch.str()));
  CHECK(file_bytes(file) == theirs);
}

TEST_CASE("the running program's own path is absolute and real", "[adapters][hook_install]") {
  auto const program = running_program();
  REQUIRE(program);
  CHECK(*program == fs::canonical("/proc/self/exe").string());
}
