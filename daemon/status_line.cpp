#include "daemon/status_line.hpp"

#include "core/quota_policy.hpp"
#include "core/step.hpp"

#include <algorithm>

namespace failover::daemon {
namespace {

bool up(core::SessionState const& session) {
  return session.phase != core::Phase::missing && session.phase != core::Phase::dead &&
         session.phase != core::Phase::held;
}

}  // namespace

std::string status_line(core::State const& state, core::Now now) {
  if (state.live.tmux_up == false) return "no tmux server: waiting for one";
  auto const running =
      std::count_if(state.sessions.begin(), state.sessions.end(), [](auto const& entry) { return up(entry.second); });
  auto const& tasks = state.live.queue.tasks;
  auto const queued = std::count_if(tasks.begin(), tasks.end(),
                                    [](auto const& task) { return task.place == core::TaskPlace::pending; });
  std::string line = state.active.empty() ? "no active account" : state.active.str() + " active";
  line += ", " + std::to_string(running) + " of " + std::to_string(state.sessions.size()) + " sessions up, " +
          std::to_string(queued) + " queued";
  if (state.holding) line += ", holding";
  if (auto const reset = core::earliest_release(state, now))
    line += ", next reset in " + core::spoken(std::max(*reset - now.wall, core::Duration::zero()));
  return line;
}

}  // namespace failover::daemon
