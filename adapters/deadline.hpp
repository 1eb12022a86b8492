#pragma once

#include "core/time.hpp"

#include <chrono>
#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

namespace failover::adapters {

/// Runs one closure when a time has passed, unless destroyed before.
///
/// The closure ends the cause of a wait (kills, closes, cancels), so that the ordinary path then sees an end and
/// finishes: there is one way out, not two. Runs on the executor; after the destructor it does not run any more.
class Deadline {
 public:
  Deadline(boost::asio::any_io_executor const& executor, core::Duration after, std::function<void()> on_expiry);
  Deadline(Deadline const&) = delete;
  Deadline& operator=(Deadline const&) = delete;
  ~Deadline();

  [[nodiscard]] bool expired() const { return state_->expired; }

 private:
  struct Armed {
    bool live = true;
    bool expired = false;
    std::function<void()> on_expiry = {};
  };
  boost::asio::steady_timer timer_;
  std::shared_ptr<Armed> state_;  // shared with the handler, which may be queued already when we are destroyed
};

}  // namespace failover::adapters
