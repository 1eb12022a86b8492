#include "adapters/atomic_file.hpp"

#include "adapters/errno_error.hpp"
#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"
#include "test/support/unprivileged.hpp"

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <thread>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace adapters = failover::adapters;
namespace core = failover::core;
namespace fs = std::filesystem;
using failover::test::file_bytes;
using failover::test::holds_unprivileged;
using failover::test::names_in;
using failover::test::put_file;
using failover::test::ScratchDirectory;

namespace {

using Names = std::set<std::string>;

mode_t mode_of(std::string const& path) {
  struct stat info {};
  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return info.st_mode & 07777U;
}

}  // namespace

TEST_CASE("an atomic write makes the file and leaves nothing else", "[adapters][atomic_file]") {
  ScratchDirectory const scratch;
  REQUIRE(adapters::write_file_atomically(scratch / "state.json", "one"));
  CHECK(file_bytes(scratch / "state.json") == "one");
  REQUIRE(adapters::write_file_atomically(scratch / "state.json", ""));
  CHECK(file_bytes(scratch / "state.json").empty());
  CHECK(names_in(scratch.str()) == Names{"state.json"});
}

TEST_CASE("an atomic write gives the file its mode whatever the umask is", "[adapters][atomic_file]") {
  ScratchDirectory const scratch;
  auto const before = ::umask(0077);
  auto const outcome = adapters::write_file_atomically(scratch / "settings.json", "{}", 0644);
  ::umask(before);
  REQUIRE(outcome);
  CHECK(mode_of(scratch / "settings.json") == 0644);
  REQUIRE(adapters::write_file_atomically(scratch / "state.json", "{}"));
  CHECK(mode_of(scratch / "state.json") == 0600);
}

TEST_CASE("a reader sees the old or the new bytes of an atomic write, never a mixture", "[adapters][atomic_file]") {
  ScratchDirectory const scratch;
  auto const path = scratch / "state.json";
  std::string const old_bytes(100'000, 'o');
  std::string const new_bytes(150'000, 'n');
  REQUIRE(adapters::write_file_atomically(path, old_bytes));
  std::atomic<bool> stop{false};
  std::atomic<int> mixtures{0};
  std::thread reader{[&] {
    while (!stop) {
      auto const seen = adapters::read_file(path, 1 << 20);
      if (!seen || (*seen != old_bytes && *seen != new_bytes)) ++mixtures;
    }
  }};
  bool all_written = true;
  for (int round = 0; round < 200; ++round)
    all_written =
        adapters::write_file_atomically(path, round % 2 == 0 ? new_bytes : old_bytes).has_value() && all_written;
  stop = true;
  reader.join();
  CHECK(all_written);
  CHECK(mixtures == 0);
}

TEST_CASE("a write that fails keeps the old file and removes the temporary one", "[adapters][atomic_file]") {
  ScratchDirectory const scratch;
  put_file(scratch / "state.json", "old");
  fs::permissions(scratch.str(), fs::perms::all);  // the unprivileged child must be able to write here
  CHECK(holds_unprivileged([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit const limit{1000, 1000};  // the kernel's way to make the middle of a write fail
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return false;
    auto const outcome = adapters::write_file_atomically(scratch / "state.json", std::string(5000, 'x'));
    return !outcome && outcome.error().kind == core::ErrorKind::too_large;
  }));
  CHECK(file_bytes(scratch / "state.json") == "old");
  CHECK(names_in(scratch.str()) == Names{"state.json"});
}

TEST_CASE("a system call's failure becomes an error with a kind and the place", "[adapters][errno_error]") {
  CHECK(adapters::errno_error(ENOSPC, "cannot write /x") ==
        core::Error{core::ErrorKind::no_space, "cannot write /x: No space left on device"});
  CHECK(adapters::errno_error(EDQUOT, "").kind == core::ErrorKind::no_space);
  CHECK(adapters::errno_error(EROFS, "").kind == core::ErrorKind::permission);
  CHECK(adapters::errno_error(EACCES, "").kind == core::ErrorKind::permission);
  CHECK(adapters::errno_error(ENOENT, "").kind == core::ErrorKind::not_found);
  CHECK(adapters::errno_error(EEXIST, "").kind == core::ErrorKind::already_exists);
  CHECK(adapters::errno_error(EIO, "").kind == core::ErrorKind::io);
}

TEST_CASE("a directory that may not be written is told as permission", "[adapters][atomic_file]") {
  ScratchDirectory const scratch;
  fs::permissions(scratch.str(),
                  fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read | fs::perms::others_exec);
  CHECK(holds_unprivileged([&] {
    auto const outcome = adapters::write_file_atomically(scratch / "state.json", "x");
    return !outcome && outcome.error().kind == core::ErrorKind::permission;
  }));
  CHECK(names_in(scratch.str()).empty());
}

TEST_CASE("an atomic write over a directory is refused and leaves no temporary file", "[adapters][atomic_file]") {
  ScratchDirectory const scratch;
  fs::create_directory(scratch / "state.json");
  CHECK_FALSE(adapters::write_file_atomically(scratch / "state.json", "x"));
  CHECK(names_in(scratch.str()) == Names{"state.json"});
}

TEST_CASE("an atomic write replaces a symlink and does not follow it", "[adapters][atomic_file]") {
  ScratchDirectory const scratch;
  put_file(scratch / "elsewhere", "untouched");
  fs::create_symlink(scratch / "elsewhere", scratch / "state.json");
  REQUIRE(adapters::write_file_atomically(scratch / "state.json", "new"));
  CHECK(file_bytes(scratch / "elsewhere") == "untouched");
  CHECK(fs::is_regular_file(fs::symlink_status(scratch / "state.json")));
}

TEST_CASE("temporary files are told by their name", "[adapters][atomic_file]") {
  CHECK(adapters::is_temporary_name(".failover-0123456789abcdef.tmp"));
  CHECK_FALSE(adapters::is_temporary_name("state.json"));
  CHECK_FALSE(adapters::is_temporary_name(".failover-.tmp"));
}

TEST_CASE("a flip makes the link lead to the target", "[adapters][atomic_file]") {
  ScratchDirectory const scratch;
  REQUIRE(adapters::flip_symlink(scratch / ".claude", "/accounts/a"));
  CHECK(fs::read_symlink(scratch / ".claude") == "/accounts/a");
  REQUIRE(adapters::flip_symlink(scratch / ".claude", "/accounts/b"));
  CHECK(fs::read_symlink(scratch / ".claude") == "/accounts/b");
  REQUIRE(adapters::flip_symlink(scratch / ".claude/", "/accounts/b"));  // repeated, and with a slash at the end
  CHECK(names_in(scratch.str()) == Names{".claude"});
}

TEST_CASE("a link that is flipped is never absent", "[adapters][atomic_file]") {
  ScratchDirectory const scratch;
  fs::create_directory(scratch / "a");
  fs::create_directory(scratch / "b");
  put_file(scratch / "a/who", "a");
  put_file(scratch / "b/who", "b");
  auto const link = scratch / "link";
  REQUIRE(adapters::flip_symlink(link, scratch / "a"));
  std::atomic<bool> stop{false};
  std::atomic<int> misses{0};
  std::thread reader{[&] {
    while (!stop) {
      int const fd = ::open((link + "/who").c_str(), O_RDONLY | O_CLOEXEC);
      if (fd < 0)
        ++misses;
      else
        ::close(fd);
    }
  }};
  bool all_flipped = true;
  for (int round = 0; round < 500; ++round)
    all_flipped = adapters::flip_symlink(link, scratch / (round % 2 == 0 ? "b" : "a")).has_value() && all_flipped;
  stop = true;
  reader.join();
  CHECK(all_flipped);
  CHECK(misses == 0);
}

TEST_CASE("what is not a symlink is never flipped away", "[adapters][atomic_file]") {
  ScratchDirectory const scratch;
  fs::create_directory(scratch / ".claude");
  put_file(scratch / ".claude/kept", "yes");
  auto const on_directory = adapters::flip_symlink(scratch / ".claude", "/accounts/a");
  REQUIRE_FALSE(on_directory);
  CHECK(on_directory.error().kind == core::ErrorKind::already_exists);
  CHECK_THAT(on_directory.error().detail, CF_CONTAINS("adopt"));
  CHECK(file_bytes(scratch / ".claude/kept") == "yes");

  put_file(scratch / "file", "kept");
  auto const on_file = adapters::flip_symlink(scratch / "file", "/accounts/a");
  REQUIRE_FALSE(on_file);
  CHECK(on_file.error().kind == core::ErrorKind::already_exists);
  CHECK(file_bytes(scratch / "file") == "kept");
  CHECK(names_in(scratch.str()) == Names{".claude", "file"});
}

TEST_CASE("a temporary link that a crash left behind does not stop a flip", "[adapters][atomic_file]") {
  ScratchDirectory const scratch;
  fs::create_symlink("/accounts/old", scratch / ".claude");
  fs::create_symlink("/accounts/half-done", scratch / ".claude.failover-new");
  REQUIRE(adapters::flip_symlink(scratch / ".claude", "/accounts/b"));
  CHECK(fs::read_symlink(scratch / ".claude") == "/accounts/b");
  CHECK(names_in(scratch.str()) == Names{".claude"});
}

TEST_CASE("a file with the temporary link's name is not removed", "[adapters][atomic_file]") {
  ScratchDirectory const scratch;
  fs::create_symlink("/accounts/old", scratch / ".claude");
  put_file(scratch / ".claude.failover-new", "a person's");
  auto const outcome = adapters::flip_symlink(scratch / ".claude", "/accounts/b");
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().kind == core::ErrorKind::already_exists);
  CHECK(file_bytes(scratch / ".claude.failover-new") == "a person's");
  CHECK(fs::read_symlink(scratch / ".claude") == "/accounts/old");
}

TEST_CASE("a flip to a relative target or in a missing directory is refused", "[adapters][atomic_file]") {
  ScratchDirectory const scratch;
  auto const relative = adapters::flip_symlink(scratch / "link", "accounts/a");
  REQUIRE_FALSE(relative);
  CHECK(relative.error().kind == core::ErrorKind::invalid);
  auto const homeless = adapters::flip_symlink(scratch / "missing/link", "/accounts/a");
  REQUIRE_FALSE(homeless);
  CHECK(homeless.error().kind == core::ErrorKind::not_found);
}

TEST_CASE("read_file gives all bytes up to its limit", "[adapters][atomic_file]") {
  ScratchDirectory const scratch;
  std::string const bytes(70'000, 'b');
  put_file(scratch / "f", bytes);
  CHECK(adapters::read_file(scratch / "f", bytes.size()) == core::Result<std::string>{bytes});
  auto const cut = adapters::read_file(scratch / "f", bytes.size() - 1);
  REQUIRE_FALSE(cut);
  CHECK(cut.error().kind == core::ErrorKind::too_large);
  auto const endless = adapters::read_file("/proc/self/maps", 10);  // tells a size of 0 and has more
  REQUIRE_FALSE(endless);
  CHECK(endless.error().kind == core::ErrorKind::too_large);
}

TEST_CASE("read_file never waits for a FIFO or reads a directory", "[adapters][atomic_file]") {
  ScratchDirectory const scratch;
  REQUIRE(::mkfifo((scratch / "fifo").c_str(), 0600) == 0);
  for (auto const& path : {scratch / "fifo", scratch.str(), std::string{"/dev/zero"}}) {
    auto const outcome = adapters::read_file(path, 100);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().kind == core::ErrorKind::invalid);
  }
  auto const missing = adapters::read_file(scratch / "missing", 100);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == core::ErrorKind::not_found);
}
