#include "adapters/turnstile.hpp"

#include <optional>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace failover::adapters {

/// One who waits; leaves the line when its frame is destroyed.
struct Turnstile::Place {
  Place(asio::any_io_executor const& executor, std::shared_ptr<Line> line_waited_in)
      : line(std::move(line_waited_in)), bell(executor, asio::steady_timer::time_point::max()) {
    line->waiting.push_back(this);
  }
  Place(Place const&) = delete;
  Place& operator=(Place const&) = delete;
  ~Place() { line->waiting.remove(this); }

  std::shared_ptr<Line> line;
  asio::steady_timer bell;
  std::optional<Pass> pass = {};
};

Turnstile::Turnstile(asio::any_io_executor executor)
    : executor_(std::move(executor)), line_(std::make_shared<Line>()) {}

Turnstile::Pass::~Pass() {
  if (!line_) return;
  if (line_->waiting.empty()) {
    line_->taken = false;
    return;
  }
  auto* const next = line_->waiting.front();
  line_->waiting.pop_front();
  next->pass.emplace(std::move(line_));
  next->bell.cancel();
}

Async<Turnstile::Pass> Turnstile::enter() {
  if (!line_->taken) {
    line_->taken = true;
    co_return Pass{line_};
  }
  Place place{executor_, line_};
  boost::system::error_code rung;
  co_await place.bell.async_wait(asio::redirect_error(asio::use_awaitable, rung));
  if (!place.pass) co_return core::Error{core::ErrorKind::cancelled, "stopped while waiting for its turn"};
  co_return std::move(*place.pass);
}

}  // namespace failover::adapters
