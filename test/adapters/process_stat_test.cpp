#include "adapters/process_stat.hpp"

#include "test/support/catch.hpp"

#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

namespace adapters = failover::adapters;
namespace core = failover::core;

TEST_CASE("a process is told with its name, group, session and start", "[adapters][process_stat]") {
  auto const own = adapters::process_stat(::getpid());
  REQUIRE(own);
  CHECK(own->program == "adapters_test");
  CHECK(own->group == ::getpgrp());
  CHECK(own->session == ::getsid(0));
  CHECK(own->started > 0);
  CHECK(own->lives());
}

TEST_CASE("what is no process is not found", "[adapters][process_stat]") {
  for (pid_t const pid : {0, -1, 1 << 30}) {
    auto const stat = adapters::process_stat(pid);
    REQUIRE_FALSE(stat);
    CHECK(stat.error().kind == core::ErrorKind::not_found);
  }
}

TEST_CASE("a process runs while it is this very one and has not ended", "[adapters][process_stat]") {
  pid_t const child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  auto const stat = adapters::process_stat(child);
  REQUIRE(stat);
  CHECK(adapters::still_runs({child, stat->started}));
  CHECK(adapters::still_runs({child, 0}));
  CHECK_FALSE(adapters::still_runs({child, stat->started + 1}));
  REQUIRE(::kill(child, SIGKILL) == 0);
  siginfo_t info{};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) == 0);
  CHECK_FALSE(adapters::still_runs({child, stat->started}));  // ended, not yet waited for
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  CHECK_FALSE(adapters::still_runs({child, stat->started}));
}

TEST_CASE("names below /proc that are no numbers are no processes", "[adapters][process_stat]") {
  CHECK(adapters::process_number("42") == 42);
  for (char const* name : {"", "self", "42a", "4 2", "99999999999999999999"})
    CHECK_FALSE(adapters::process_number(name));
}
