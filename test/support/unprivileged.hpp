#pragma once

#include <functional>
#include <stdexcept>

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace failover::test {

/// Runs the check in a child process that is not root and tells whether it returned true. Permissions do not bind
/// root, so a test of them needs another user; a test that already runs as one keeps its own.
[[nodiscard]] inline bool holds_unprivileged(std::function<bool()> const& check) {
  auto const child = ::fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) {
    constexpr uid_t nobody = 65534;
    if (::geteuid() == 0 && ::setresuid(nobody, nobody, nobody) != 0) ::_exit(2);
    ::_exit(check() ? 0 : 1);
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child) throw std::runtime_error("cannot wait");
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace failover::test
