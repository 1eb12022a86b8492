#include "core/looking.hpp"

#include <algorithm>

namespace failover::core {
namespace {

constexpr Duration close_look = std::chrono::milliseconds{500};
constexpr Duration settle_look = std::chrono::seconds{2};

/// Its turn tries an account for all the others.
bool is_a_probe(State const& state, SessionState const& session) {
  auto const account = state.accounts.find(session.account);
  return session.phase == Phase::working && account != state.accounts.end() && account->second.unproven;
}

bool waits_for_a_screen(State const& state, SessionState const& session) {
  return session.pane && !session.bare_shell &&
         (session.phase == Phase::starting || session.recovery || session.suspicion || !session.reading ||
          is_a_probe(state, session));
}

bool has_panes(State const& state) {
  return std::any_of(state.sessions.begin(), state.sessions.end(),
                     [](auto const& s) { return s.second.pane.has_value(); });
}

MonoTime due(std::optional<Moment> const& last, Duration interval) {
  return last ? last->mono + interval : MonoTime{};
}

MonoTime captures_due(Config const& config, State const& state) {
  return due(state.live.captured_at, look_interval(config, state));
}

/// A task that was written where it lies gives one hint when it is closed, too early to be taken.
MonoTime scan_due(Config const& config, State const& state) {
  auto const& rescan = config.dispatcher.rescan;
  return due(state.live.scanned_at, state.live.queue.settling > 0 ? std::min(settle_look, rescan) : rescan);
}

}  // namespace

Duration look_interval(Config const& config, State const& state) {
  bool const close = std::any_of(state.sessions.begin(), state.sessions.end(),
                                 [&](auto const& session) { return waits_for_a_screen(state, session.second); });
  return close ? std::min(close_look, config.quota.poll_interval) : config.quota.poll_interval;
}

void look_around(Step& step) {
  auto& live = step.state.live;
  auto const& config = step.config;
  auto const now = step.now.mono;
  if (live.stopping) return;
  if (!live.listing_panes && due(live.listed_at, config.tmux.sweep) <= now) {
    live.listing_panes = true;
    if (!live.reading_accounts) {
      live.reading_accounts = true;
      step.ask(effect::ReadAccounts{});
    }
    step.ask(effect::ListPanes{});
  }
  if (!live.capturing && live.tmux_up.value_or(false) && has_panes(step.state) &&
      captures_due(config, step.state) <= now) {
    live.capturing = true;
    std::vector<PaneRef> panes;
    for (auto const& [name, session] : step.state.sessions)
      if (session.pane) panes.push_back(*session.pane);
    step.ask(effect::CapturePanes{std::move(panes)});
  }
  if (!live.scanning_queue && (live.queue_dirty || scan_due(config, step.state) <= now)) {
    live.scanning_queue = true;
    live.queue_dirty = false;
    step.ask(effect::ScanQueue{});
  }
}

std::optional<MonoTime> look_deadline(Config const& config, State const& state) {
  auto const& live = state.live;
  if (live.stopping) return std::nullopt;
  std::optional<MonoTime> next;
  auto const consider = [&](MonoTime at) { next = next ? std::min(*next, at) : at; };
  if (!live.listing_panes) consider(due(live.listed_at, config.tmux.sweep));
  if (!live.capturing && live.tmux_up.value_or(false) && has_panes(state)) consider(captures_due(config, state));
  if (!live.scanning_queue) consider(live.queue_dirty ? MonoTime{} : scan_due(config, state));
  return next;
}

}  // namespace failover::core
