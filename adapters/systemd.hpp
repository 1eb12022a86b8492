#pragma once

#include "core/time.hpp"

#include <optional>
#include <string>

namespace failover::adapters {

/// Tells the service manager how we are (sd_notify(3)). Without one every call does nothing.
///
/// The messages are advice: one that cannot be sent at once is dropped, and nothing waits or fails for it. A status
/// is one line. Children must not inherit NOTIFY_SOCKET; that is the business of who starts them.
class SystemdNotify {
 public:
  SystemdNotify() = default;

  /// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
  [[nodiscard]] static SystemdNotify from_environment();

  [[nodiscard]] bool has_manager() const { return !socket_.empty(); }

  void ready(std::string const& status) const;
  /// A reload begins; ready() ends it. Sends MONOTONIC_USEC, which newer managers insist on.
  void reloading() const;
  void stopping() const;
  void watchdog() const;
  void status(std::string const& text) const;

  /// How often to call watchdog(): half of what the manager waits. Nothing when it does not watch us.
  [[nodiscard]] std::optional<core::Duration> watchdog_interval() const { return watchdog_interval_; }

 private:
  void send(std::string const& message) const;

  std::string socket_ = {};  ///< a path, or "@name" in the abstract name space; "" = nobody listens
  std::optional<core::Duration> watchdog_interval_ = {};
};

}  // namespace failover::adapters
