#pragma once

#include <csignal>
#include <functional>
#include <stdexcept>
#include <time.h>

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace failover::test {

/// Runs the work in a child process and kills it after so many microseconds, wherever it is then.
inline void run_and_kill(std::function<void()> const& work, long microseconds) {
  auto const child = ::fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) {
    work();
    ::_exit(0);
  }
  timespec const moment{0, microseconds * 1000};
  (void)::nanosleep(&moment, nullptr);
  ::kill(child, SIGKILL);
  (void)::waitpid(child, nullptr, 0);
}

}  // namespace failover::test
