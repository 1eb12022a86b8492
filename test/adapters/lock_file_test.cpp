#include "adapters/lock_file.hpp"

#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"

#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace adapters = failover::adapters;
namespace core = failover::core;
using failover::test::file_bytes;
using failover::test::put_file;
using failover::test::ScratchDirectory;

TEST_CASE("a second lock on a directory is refused and names the first process", "[adapters][lock_file]") {
  ScratchDirectory const scratch;
  auto const first = adapters::take_lock(scratch.str());
  REQUIRE(first);
  auto const own_pid = std::to_string(::getpid());
  CHECK(file_bytes(scratch / "lock") == own_pid + "\n");
  auto const second = adapters::take_lock(scratch.str());
  REQUIRE_FALSE(second);
  CHECK(second.error().kind == core::ErrorKind::already_exists);
  CHECK_THAT(second.error().detail, CF_CONTAINS("pid " + own_pid) && CF_CONTAINS(scratch.str()));
}

TEST_CASE("a lock is free again when its descriptor is closed", "[adapters][lock_file]") {
  ScratchDirectory const scratch;
  { REQUIRE(adapters::take_lock(scratch.str())); }
  CHECK(adapters::take_lock(scratch.str()));
}

TEST_CASE("a lock file that a dead process left does not stop the start", "[adapters][lock_file]") {
  ScratchDirectory const scratch;
  put_file(scratch / "lock", "4194304999999\n");
  REQUIRE(adapters::take_lock(scratch.str()));
  CHECK(file_bytes(scratch / "lock") == std::to_string(::getpid()) + "\n");
}

TEST_CASE("children do not inherit the lock", "[adapters][lock_file]") {
  ScratchDirectory const scratch;
  auto const lock = adapters::take_lock(scratch.str());
  REQUIRE(lock);
  CHECK((::fcntl(lock->get(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("of many processes that start at once exactly one gets the lock", "[adapters][lock_file]") {
  ScratchDirectory const scratch;
  int start[2];
  REQUIRE(::pipe2(start, O_CLOEXEC) == 0);
  int hold[2];
  REQUIRE(::pipe2(hold, O_CLOEXEC) == 0);
  std::vector<pid_t> children;
  for (int number = 0; number < 20; ++number) {
    auto const child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      char byte = 0;
      ::close(start[1]);
      ::close(hold[1]);
      (void)!::read(start[0], &byte, 1);  // until the parent closes its end
      auto const lock = adapters::take_lock(scratch.str());
      if (lock) (void)!::read(hold[0], &byte, 1);  // keep it until every other has tried
      ::_exit(lock ? 0 : lock.error().kind == core::ErrorKind::already_exists ? 75 : 1);
    }
    children.push_back(child);
  }
  ::close(start[1]);
  int holders = 0;
  int refused = 0;
  while (refused + holders < 19) {
    int status = 0;
    REQUIRE(::waitpid(-1, &status, 0) > 0);
    REQUIRE(WIFEXITED(status));
    REQUIRE(WEXITSTATUS(status) == 75);
    ++refused;
  }
  ::close(hold[1]);
  int status = 0;
  REQUIRE(::waitpid(-1, &status, 0) > 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) ++holders;
  CHECK(holders == 1);
  CHECK(refused == 19);
  ::close(start[0]);
  ::close(hold[0]);
}

TEST_CASE("a lock in a missing directory says so", "[adapters][lock_file]") {
  ScratchDirectory const scratch;
  auto const outcome = adapters::take_lock(scratch / "missing");
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().kind == core::ErrorKind::not_found);
}
