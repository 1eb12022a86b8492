#include "daemon/runner.hpp"

#include "core/answers.hpp"

#include <exception>
#include <utility>
#include <variant>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

namespace failover::daemon {

Runner::Runner(adapters::TaskGroup& tasks, Perform perform, Post post, WriteLog write_log)
    : tasks_(tasks), perform_(std::move(perform)), post_(std::move(post)), write_log_(std::move(write_log)) {}

void Runner::run(core::Effects batch) {
  std::optional<core::Effect> save;
  core::Effects after_save;
  for (auto& effect : batch) {
    if (auto const* line = std::get_if<core::effect::Log>(&effect))
      write_log_(*line);
    else if (std::holds_alternative<core::effect::SaveState>(effect))
      save = std::move(effect);
    else if (save)
      after_save.push_back(std::move(effect));
    else
      start(std::move(effect));
  }
  if (!save) return;
  ++in_flight_;
  tasks_.spawn("save state", save_then(std::move(*save), std::move(after_save)));
}

void Runner::start(core::Effect effect) {
  if (!taking_) {
    refuse({effect}, {core::ErrorKind::cancelled, "the daemon is stopping"});
    return;
  }
  ++in_flight_;
  std::string lane = core::lane_of(effect);
  if (lane.empty()) {
    tasks_.spawn("effect", run_one(std::move(effect)));
    return;
  }
  auto const [queue, fresh] = lanes_.try_emplace(lane);
  queue->second.push_back(std::move(effect));
  if (fresh) tasks_.spawn("lane " + lane, run_lane(lane));
}

void Runner::refuse(core::Effects const& effects, core::Error const& error) {
  for (auto const& effect : effects)
    if (auto event = core::failure_of(effect, error)) post_(std::move(*event));
}

boost::asio::awaitable<void> Runner::save_then(core::Effect save, core::Effects rest) {
  auto saved = co_await answer(std::move(save));
  --in_flight_;
  auto const outcome = std::get<core::event::StateSaved>(*saved).outcome;
  post_(std::move(*saved));
  if (outcome)
    run(std::move(rest));
  else
    refuse(rest, {outcome.error().kind, "not done, for the state could not be saved: " + outcome.error().detail});
}

boost::asio::awaitable<void> Runner::run_one(core::Effect effect) {
  auto event = co_await answer(std::move(effect));
  --in_flight_;
  if (event) post_(std::move(*event));
}

boost::asio::awaitable<void> Runner::run_lane(std::string lane) {
  while (!lanes_.at(lane).empty()) {
    core::Effect effect = std::move(lanes_.at(lane).front());
    lanes_.at(lane).pop_front();
    auto event = co_await answer(std::move(effect));
    --in_flight_;
    if (event) post_(std::move(*event));
  }
  lanes_.erase(lane);
}

boost::asio::awaitable<std::optional<core::Event>> Runner::answer(core::Effect effect) {
  std::optional<core::Error> failure;
  try {
    core::Effect request = effect;
    auto event = co_await perform_(std::move(request));
    co_return event;
  } catch (boost::system::system_error const& error) {
    bool const stopped = error.code() == boost::asio::error::operation_aborted;
    failure = core::Error{stopped ? core::ErrorKind::cancelled : core::ErrorKind::io, error.what()};
  } catch (std::exception const& error) {
    failure = core::Error{core::ErrorKind::io, error.what()};
  }
  co_return core::failure_of(effect, *failure);
}

}  // namespace failover::daemon
