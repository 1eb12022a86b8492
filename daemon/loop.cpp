#include "daemon/loop.hpp"

#include "adapters/clock.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

namespace failover::daemon {
namespace {

constexpr core::Duration slow_turn = std::chrono::milliseconds{100};
/// However many deadlines lie in the past, the loop leaves the processor to others in between.
constexpr core::Duration shortest_sleep = std::chrono::milliseconds{5};

}  // namespace

Loop::Loop(boost::asio::any_io_executor const& executor, std::unique_ptr<core::Engine> engine, core::State state,
           HandOut hand_out)
    : executor_(executor),
      timer_(executor),
      engine_(std::move(engine)),
      state_(std::move(state)),
      hand_out_(std::move(hand_out)) {}

void Loop::post(core::Event event) {
  news_.push_back(std::move(event));
  schedule();
}

void Loop::replace(std::unique_ptr<core::Engine> engine) {
  engine_ = std::move(engine);
}

void Loop::schedule() {
  if (std::exchange(scheduled_, true)) return;
  boost::asio::post(executor_, [this] { turn(); });
}

void Loop::turn() {
  scheduled_ = false;
  auto const now = adapters::read_clock();
  last_turn_ = now;
  // Only what had come before this turn: what it brings about waits for the next one.
  auto news = std::exchange(news_, {});
  for (auto const& event : news) take(event, now);
  auto const took = adapters::read_clock().mono - now.mono;
  if (took > slow_turn) {
    ++slow_turns_;
    hand_out_({core::effect::Log{core::LogLevel::warning, "slow loop turn", {{"ms", std::to_string(took.count())}}}});
  }
  arm_timer(now);
}

void Loop::take(core::Event const& event, core::Now now) {
  auto effects = engine_->step(state_, event, now);
  if (observe_) observe_(event, effects, now);
  hand_out_(std::move(effects));
}

void Loop::arm_timer(core::Now now) {
  auto const deadline = engine_->next_deadline(state_, now);
  if (!deadline) {
    timer_.cancel();
    return;
  }
  timer_.expires_after(std::max(*deadline - now.mono, shortest_sleep));
  timer_.async_wait([this](boost::system::error_code const& error) {
    if (!error) post(core::event::Tick{});
  });
}

}  // namespace failover::daemon
