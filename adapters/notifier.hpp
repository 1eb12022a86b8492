#pragma once

#include "core/config.hpp"
#include "core/world.hpp"

#include <optional>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace failover::adapters {

/// Sends messages over the channels that are configured.
///
/// Tokens are read from their files at each sending, so that a changed token works without a reload. Keeps no queue,
/// no order and no count of attempts: that is decided in core.
class Notifier {
 public:
  Notifier(boost::asio::any_io_executor executor, core::NotificationsConfig config)
      : executor_(std::move(executor)), config_(std::move(config)) {}

  /// Sends one message over `message.channel`, within `notifications.timeout`. Nothing on success. Does not throw; the
  /// awaitable may outlive us and keeps the configuration it began with. A channel that is not configured is a
  /// permanent failure. No detail holds a token, not even one that a service quotes.
  [[nodiscard]] boost::asio::awaitable<std::optional<core::SendFailure>> send(core::Message message);

  /// The configuration of every later sending.
  void replace(core::NotificationsConfig config) { config_ = std::move(config); }

 private:
  boost::asio::any_io_executor executor_;
  core::NotificationsConfig config_;
};

}  // namespace failover::adapters
