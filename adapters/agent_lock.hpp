#pragma once

#include "core/result.hpp"

#include <chrono>
#include <string>

#include <sys/types.h>

namespace failover::adapters {

struct AgentLockTimes {
  std::chrono::milliseconds wait{2000};          ///< for another holder; it keeps the writer thread
  std::chrono::milliseconds look{20};            ///< between two tries
  std::chrono::milliseconds stale_after{10000};  ///< the agent's own rule: its holders refresh the lock more often
};

/// The lock that the agent itself takes before it changes a file of its configuration: the directory `<file>.lock`.
///
/// Its destructor removes the directory, unless somebody took it for stale and made another. Everything here blocks.
class AgentLock {
 public:
  /// Takes the lock of `file`, whether that exists or not; one that nobody refreshed for `stale_after` is removed
  /// first. `unavailable` when it is still held after `wait`; else why it cannot be made.
  [[nodiscard]] static core::Result<AgentLock> take(std::string const& file, AgentLockTimes const& times);

  AgentLock(AgentLock&& other) noexcept;
  AgentLock& operator=(AgentLock&&) = delete;
  AgentLock(AgentLock const&) = delete;
  AgentLock& operator=(AgentLock const&) = delete;
  ~AgentLock();

  /// Whether everybody else still has to respect it: `unavailable` when it grew stale in our hands or was taken.
  [[nodiscard]] core::Result<void> still_held() const;

 private:
  AgentLock(std::string path, dev_t device, ino_t inode, std::chrono::milliseconds good_for);
  [[nodiscard]] bool is_ours() const;

  std::string path_ = {};  ///< "" = moved from
  dev_t device_ = 0;
  ino_t inode_ = 0;
  std::chrono::steady_clock::time_point until_ = {};
};

}  // namespace failover::adapters
