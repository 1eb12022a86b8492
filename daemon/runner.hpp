#pragma once

#include "adapters/task_group.hpp"
#include "core/effect.hpp"
#include "core/event.hpp"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

namespace failover::daemon {

/// Carries out one effect and says what came of it. Nothing for an effect without an answer.
using Perform = std::function<boost::asio::awaitable<std::optional<core::Event>>(core::Effect effect)>;

/// Runs batches of effects: in their lanes, after the state where the batch says so, each answered exactly once.
///
/// Log lines are written at once and in order. Several SaveStates in a batch are one, for the state they mean is the
/// same. Effects of one lane run one after another; those without a lane start at once. What follows a SaveState in a
/// batch is started when that save succeeded, and else answered with its error, undone. After `stop_taking()` new
/// effects are answered as cancelled.
class Runner {
 public:
  using Post = std::function<void(core::Event)>;
  using WriteLog = std::function<void(core::effect::Log const&)>;

  Runner(adapters::TaskGroup& tasks, Perform perform, Post post, WriteLog write_log);

  void run(core::Effects batch);
  void stop_taking() { taking_ = false; }

  /// Effects that have no answer yet.
  [[nodiscard]] std::size_t in_flight() const { return in_flight_; }

 private:
  void start(core::Effect effect);
  void refuse(core::Effects const& effects, core::Error const& error);
  boost::asio::awaitable<void> save_then(core::Effect save, core::Effects rest);
  boost::asio::awaitable<void> run_one(core::Effect effect);
  boost::asio::awaitable<void> run_lane(std::string lane);
  boost::asio::awaitable<std::optional<core::Event>> answer(core::Effect effect);

  adapters::TaskGroup& tasks_;
  Perform perform_;
  Post post_;
  WriteLog write_log_;
  std::map<std::string, std::deque<core::Effect>> lanes_ = {};
  std::size_t in_flight_ = 0;
  bool taking_ = true;
};

}  // namespace failover::daemon
