#include "adapters/lock_file.hpp"

#include "adapters/errno_error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

/// "pid 123" as the holder wrote it; it may be between taking the lock and writing.
std::string holder_of(UniqueFd const& lock) {
  std::array<char, 20> buffer{};
  auto const length = ::pread(lock.get(), buffer.data(), buffer.size(), 0);
  std::string_view text{buffer.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
  text = text.substr(0, text.find('\n'));
  bool const number =
      !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return number ? "pid " + std::string(text) : "pid not known yet";
}

}  // namespace

core::Result<UniqueFd> take_lock(std::string const& dir) {
  auto const path = dir + "/lock";
  // CLOEXEC: a child that inherited the descriptor would hold the lock after us (tmux lives for weeks).
  UniqueFd lock{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600)};
  if (!lock.valid()) return errno_error(errno, "cannot open the lock file " + path);
  while (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return errno_error(errno, "cannot lock " + path);
    return core::Error{core::ErrorKind::already_exists,
                       "another claude-failover (" + holder_of(lock) + ") runs on " + dir + "; stop it first"};
  }
  auto const pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(lock.get(), 0) != 0 || ::pwrite(lock.get(), pid.data(), pid.size(), 0) < 0)
    return errno_error(errno, "cannot write our process id to " + path);
  return lock;
}

}  // namespace failover::adapters
