#include "adapters/deadline.hpp"

#include <utility>

#include <boost/asio/error.hpp>

namespace failover::adapters {

Deadline::Deadline(boost::asio::any_io_executor const& executor, core::Duration after, std::function<void()> on_expiry)
    : timer_(executor, after), state_(std::make_shared<Armed>()) {
  state_->on_expiry = std::move(on_expiry);
  timer_.async_wait([state = state_](boost::system::error_code const& error) {
    if (error == boost::asio::error::operation_aborted || !state->live) return;
    state->expired = true;
    state->on_expiry();
  });
}

Deadline::~Deadline() {
  state_->live = false;
}

}  // namespace failover::adapters
