#pragma once

#include "adapters/async.hpp"

#include <list>
#include <memory>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

namespace failover::adapters {

/// Lets coroutines through one at a time, in the order of their coming.
class Turnstile {
 private:
  struct Line;

 public:
  /// The right to be inside; the next one is let in when it is destroyed.
  class Pass {
   public:
    explicit Pass(std::shared_ptr<Line> line) : line_(std::move(line)) {}
    Pass(Pass&&) noexcept = default;
    Pass& operator=(Pass&&) = delete;
    Pass(Pass const&) = delete;
    Pass& operator=(Pass const&) = delete;
    ~Pass();

   private:
    std::shared_ptr<Line> line_;  // outlives the turnstile: a frame may be destroyed after it
  };

  explicit Turnstile(asio::any_io_executor executor);

  /// Waits without a limit: whoever is inside has one. Fails with `cancelled` only.
  [[nodiscard]] Async<Pass> enter();

 private:
  struct Place;
  struct Line {
    bool taken = false;
    std::list<Place*> waiting = {};
  };

  asio::any_io_executor executor_;
  std::shared_ptr<Line> line_;
};

}  // namespace failover::adapters
