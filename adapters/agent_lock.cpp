#include "adapters/agent_lock.hpp"

#include "adapters/errno_error.hpp"

#include <cerrno>
#include <optional>
#include <thread>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

using core::Error;
using core::ErrorKind;
using core::Result;

std::optional<struct stat> look_at(std::string const& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return std::nullopt;
  return info;
}

/// A time in the future is no age: the clock was set, and the holder may be alive.
bool is_stale(struct stat const& info, std::chrono::milliseconds stale_after) {
  std::chrono::system_clock::time_point const refreshed{std::chrono::duration_cast<std::chrono::system_clock::duration>(
      std::chrono::seconds{info.st_mtim.tv_sec} + std::chrono::nanoseconds{info.st_mtim.tv_nsec})};
  return std::chrono::system_clock::now() - refreshed > stale_after;
}

/// True when the lock was made, false when somebody holds it.
Result<bool> try_to_make(std::string const& path, std::chrono::milliseconds stale_after) {
  if (::mkdir(path.c_str(), 0700) == 0) return true;
  if (errno != EEXIST) return errno_error(errno, "cannot make the agent's lock " + path);
  auto const holder = look_at(path);
  if (!holder || !is_stale(*holder, stale_after)) return false;
  if (!S_ISDIR(holder->st_mode))
    return Error{ErrorKind::invalid, path + " is no lock of the agent, which makes a directory: remove it"};
  // rmdir takes an empty directory only, so nothing of anybody's can be lost with it.
  if (::rmdir(path.c_str()) != 0 && errno != ENOENT) return errno_error(errno, "cannot remove the stale lock " + path);
  return false;
}

}  // namespace

AgentLock::AgentLock(std::string path, dev_t device, ino_t inode, std::chrono::milliseconds good_for)
    : path_(std::move(path)), device_(device), inode_(inode), until_(std::chrono::steady_clock::now() + good_for) {}

AgentLock::AgentLock(AgentLock&& other) noexcept
    : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_), until_(other.until_) {}

AgentLock::~AgentLock() {
  if (!path_.empty() && is_ours()) ::rmdir(path_.c_str());  // what stays after a failure grows stale
}

Result<AgentLock> AgentLock::take(std::string const& file, AgentLockTimes const& times) {
  auto const path = file + ".lock";
  auto const deadline = std::chrono::steady_clock::now() + times.wait;
  bool last_try = false;
  while (true) {
    auto const made = try_to_make(path, times.stale_after);
    if (!made) return made.error();
    if (*made) break;
    if (last_try)
      return Error{ErrorKind::unavailable,
                   path + " is held, an agent is writing; if none runs in this account, remove that directory"};
    last_try = std::chrono::steady_clock::now() >= deadline;
    std::this_thread::sleep_for(times.look);
  }
  auto const own = look_at(path);
  if (!own) return Error{ErrorKind::unavailable, path + " was taken away as soon as it was made; try again"};
  return AgentLock{path, own->st_dev, own->st_ino, times.stale_after};
}

bool AgentLock::is_ours() const {
  auto const now = look_at(path_);
  return now && now->st_dev == device_ && now->st_ino == inode_;
}

Result<void> AgentLock::still_held() const {
  if (is_ours() && std::chrono::steady_clock::now() < until_) return {};
  return Error{ErrorKind::unavailable, path_ + " was lost, the disk was too slow; nothing was written, try again"};
}

}  // namespace failover::adapters
