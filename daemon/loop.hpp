#pragma once

#include "core/engine.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

namespace failover::daemon {

/// Feeds news to the engine, hands its requests on, and wakes it when time alone matters. Owns the state.
///
/// News is queued and taken in the loop's next turn, never inside the call that brings it. All calls are made on the
/// executor's one thread.
class Loop {
 public:
  using HandOut = std::function<void(core::Effects)>;
  /// Is shown each step, before its effects are handed out. The state is the one after it.
  using Observe = std::function<void(core::Event const& news, core::Effects const& effects, core::Now now)>;

  Loop(boost::asio::any_io_executor const& executor, std::unique_ptr<core::Engine> engine, core::State state,
       HandOut hand_out);

  /// The state to start from; before the first piece of news.
  void begin_with(core::State state) { state_ = std::move(state); }

  /// Who watches the steps from now on.
  void show_steps_to(Observe observe) { observe_ = std::move(observe); }

  void post(core::Event event);

  /// Replaces the engine (a reload) before the next piece of news is taken.
  void replace(std::unique_ptr<core::Engine> engine);

  [[nodiscard]] core::State const& state() const { return state_; }
  [[nodiscard]] core::Engine const& engine() const { return *engine_; }

  /// When the engine last took a piece of news.
  [[nodiscard]] std::optional<core::Moment> last_turn() const { return last_turn_; }

  /// How many turns took longer than 100 ms; each is logged too.
  [[nodiscard]] std::uint64_t slow_turns() const { return slow_turns_; }

 private:
  void schedule();
  void turn();
  void take(core::Event const& event, core::Now now);
  void arm_timer(core::Now now);

  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer timer_;
  std::unique_ptr<core::Engine> engine_;
  core::State state_;
  HandOut hand_out_;
  Observe observe_ = {};
  std::deque<core::Event> news_ = {};
  bool scheduled_ = false;
  std::optional<core::Moment> last_turn_ = {};
  std::uint64_t slow_turns_ = 0;
};

}  // namespace failover::daemon
