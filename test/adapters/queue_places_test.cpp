#include "adapters/queue_places.hpp"

#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"

#include <filesystem>
#include <sched.h>

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace adapters = failover::adapters;
namespace core = failover::core;
namespace fs = std::filesystem;
using failover::test::names_in;
using failover::test::put_file;
using failover::test::ScratchDirectory;

namespace {

using Names = std::set<std::string>;

void refuses(std::string const& root, core::ErrorKind kind, std::string const& words) {
  auto const outcome = adapters::prepare_queue(root);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().kind == kind);
  CHECK_THAT(outcome.error().detail, CF_CONTAINS(words));
}

}  // namespace

TEST_CASE("a queue is made for its owner alone, parents included", "[adapters][queue]") {
  ScratchDirectory const scratch;
  auto const root = scratch / "state/queue";
  REQUIRE(adapters::prepare_queue(root));
  CHECK(names_in(root) == Names{"claimed", "done", "failed", "held", "pending", "signals", "tmp"});
  for (auto const& path : {scratch / "state", root, root + "/pending", root + "/signals"})
    CHECK((fs::status(path).permissions() & fs::perms::mask) == fs::perms::owner_all);
}

TEST_CASE("preparing a queue that is in use keeps what is in it", "[adapters][queue]") {
  ScratchDirectory const scratch;
  auto const root = scratch / "queue";
  REQUIRE(adapters::prepare_queue(root));
  put_file(root + "/pending/a.md", "do it");
  put_file(root + "/done/b.md.id", "done");
  put_file(root + "/done/.failover-0123456789abcdef.tmp", "of a crash");
  REQUIRE(adapters::prepare_queue(root));
  CHECK(names_in(root + "/pending") == Names{"a.md"});
  CHECK(names_in(root + "/done") == Names{"b.md.id"});
}

TEST_CASE("what stands in the way of a queue is named and left alone", "[adapters][queue]") {
  ScratchDirectory const scratch;
  auto const root = scratch / "queue";
  fs::create_directory(root);
  put_file(root + "/pending", "a file");
  refuses(root, core::ErrorKind::invalid, "/pending is not a directory");
  fs::remove(root + "/pending");
  fs::create_directory(scratch / "other");
  fs::create_directory_symlink(scratch / "other", root + "/pending");
  refuses(root, core::ErrorKind::invalid, "/pending is not a directory");
  CHECK(fs::is_symlink(root + "/pending"));
  put_file(scratch / "file", "");
  CHECK_FALSE(adapters::prepare_queue(scratch / "file/queue"));
}

TEST_CASE("the queue's directory itself may be reached by a link", "[adapters][queue]") {
  ScratchDirectory const scratch;
  fs::create_directory(scratch / "real");
  fs::permissions(scratch / "real", fs::perms::owner_all);
  fs::create_directory_symlink(scratch / "real", scratch / "queue");
  REQUIRE(adapters::prepare_queue(scratch / "queue"));
  CHECK(names_in(scratch / "real").size() == 7);
}

TEST_CASE("a queue that others may write to is refused with the cure", "[adapters][queue]") {
  ScratchDirectory const scratch;
  auto const root = scratch / "queue";
  REQUIRE(adapters::prepare_queue(root));
  fs::permissions(root + "/pending", fs::perms::group_write, fs::perm_options::add);
  refuses(root, core::ErrorKind::permission, "chmod go-w");
  fs::permissions(root + "/pending", fs::perms::owner_all);
  fs::permissions(root, fs::perms::others_write, fs::perm_options::add);
  refuses(root, core::ErrorKind::permission, "chmod go-w");
}

TEST_CASE("a queue of another user is refused", "[adapters][queue]") {
  ScratchDirectory const scratch;
  if (::geteuid() != 0) {
    WARN("only root can make what belongs to another user");
    return;
  }
  auto const root = scratch / "queue";
  REQUIRE(adapters::prepare_queue(root));
  REQUIRE(::chown((root + "/held").c_str(), 65534, 65534) == 0);
  refuses(root, core::ErrorKind::permission, "belongs to user 65534");
}

TEST_CASE("a queue on two file systems is refused", "[adapters][queue]") {
  ScratchDirectory const scratch;
  auto const root = scratch / "queue";
  REQUIRE(adapters::prepare_queue(root));
  auto const child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // A mount of our own that ends with this process.
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("none", (root + "/held").c_str(), "tmpfs", 0, "mode=0700") != 0)
      ::_exit(77);
    auto const outcome = adapters::prepare_queue(root);
    ::_exit(!outcome && outcome.error().detail.find("another file system") != std::string::npos ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77)
    WARN("no private mount can be made here");
  else
    CHECK(WEXITSTATUS(status) == 0);
}
