#include "daemon/status_line.hpp"

#include <algorithm>

#include "core/quota_policy.hpp"
#include "core/step.hpp"

namespace failover::daemon {
namespace {

template <class T>
void keep(T const& running, T& fresh, char const* key, std::vector<std::string>& kept) {
  if (running == fresh) return;
  fresh = running;
  kept.emplace_back(key);
}

bool up(core::SessionState const& session) {
  return session.phase != core::Phase::missing && session.phase != core::Phase::dead &&
         session.phase != core::Phase::held;
}

}  // namespace

std::string status_line(core::Config const&, core::State const& state, core::Now now) {
  if (state.live.tmux_up == false) return "no tmux server: waiting for one";
  auto const running = std::count_if(state.sessions.begin(), state.sessions.end(),
                                     [](auto const& entry) { return up(entry.second); });
  auto const& tasks = state.live.queue.tasks;
  auto const queued = std::count_if(tasks.begin(), tasks.end(),
                                    [](auto const& task) { return task.place == core::TaskPlace::pending; });
  std::string line = state.active.empty() ? "no active account" : state.active.str() + " active";
  line += ", " + std::to_string(running) + " of " + std::to_string(state.sessions.size()) + " sessions up, " +
          std::to_string(queued) + " queued";
  if (state.holding) line += ", holding";
  if (auto const reset = core::earliest_release(state))
    line += ", next reset in " + core::spoken(std::max(*reset - now.wall, core::Duration::zero()));
  return line;
}

std::vector<std::string> keep_what_needs_a_restart(core::Config const& running, core::Config& fresh) {
  std::vector<std::string> kept;
  keep(running.http, fresh.http, "http", kept);
  keep(running.state, fresh.state, "state", kept);
  keep(running.tmux, fresh.tmux, "tmux", kept);
  keep(running.dispatcher, fresh.dispatcher, "dispatcher", kept);
  keep(running.switching.link, fresh.switching.link, "switch.link", kept);
  keep(running.switching.mode, fresh.switching.mode, "switch.mode", kept);
  return kept;
}

}  // namespace failover::daemon
