#include "core/status.hpp"

#include "core/dispatch.hpp"
#include "core/enum_names.hpp"
#include "core/fitting.hpp"
#include "core/keyboard.hpp"
#include "core/quota_policy.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace failover::core {
namespace {

constexpr EnumNames<HealthReason, 5> health_reasons{{
    {HealthReason::loop_stalled, "loop_stalled"},
    {HealthReason::tmux_down, "tmux_down"},
    {HealthReason::last_poll_too_old, "last_poll_too_old"},
    {HealthReason::state_not_writable, "state_not_writable"},
    {HealthReason::accounts_unusable, "accounts_unusable"},
}};

constexpr std::array error_kinds{
    ErrorKind::timed_out, ErrorKind::cancelled,      ErrorKind::not_found,
    ErrorKind::refused,   ErrorKind::unavailable,    ErrorKind::invalid,
    ErrorKind::io,        ErrorKind::no_space,       ErrorKind::permission,
    ErrorKind::too_large, ErrorKind::already_exists, ErrorKind::unsupported,
};

Instant instant(Moment moment, Now now) {
  return {moment.wall, std::max(elapsed(moment, now), Duration::zero())};
}

Instant instant(WallTime wall, Now now) {
  return {wall, now.wall - wall};
}

/// A moment that was never set is no instant.
std::optional<Instant> known(Moment moment, Now now) {
  if (moment == Moment{}) return std::nullopt;
  return instant(moment, now);
}

template <class Time>
std::optional<Instant> known(std::optional<Time> const& time, Now now) {
  if (!time) return std::nullopt;
  return instant(*time, now);
}

AccountDirectory const* directory_of(Live const& live, AccountName const& name) {
  if (!live.accounts_known) return nullptr;
  for (auto const& directory : live.accounts.directories)
    if (directory.name == name) return &directory;
  return nullptr;
}

AccountState standing_of(State const& state, AccountName const& name) {
  auto const found = state.accounts.find(name);
  return found == state.accounts.end() ? AccountState{} : found->second;
}

std::optional<WindowStatus> window_status(std::optional<WindowUse> const& use, Now now) {
  if (!use) return std::nullopt;
  bool const said = use->resets_at != WallTime{};
  if (said && use->resets_at <= now.wall) return std::nullopt;
  WindowStatus status{use->used_percent, {}};
  if (said) status.resets_at = instant(use->resets_at, now);
  return status;
}

AccountStatus account_status(AccountConfig const& config, State const& state, Now now) {
  auto const standing = standing_of(state, config.name);
  AccountStatus status;
  status.name = config.name;
  status.standing = config.disabled || standing.disabled ? "disabled" : std::string{to_string(standing.kind)};
  status.active = config.name == state.active;
  status.since = known(standing.since, now);
  status.rule = standing.rule;
  status.reported_by = standing.reported_by;
  status.exhausted_total = standing.exhausted_total;
  if (standing.kind == StandingKind::exhausted) {
    status.window = standing.window;
    status.resets_at = instant(release_of(standing, now), now);
    status.until_assumed = standing.until_assumed;
  }
  status.unproven = standing.unproven;
  if (standing.model_limited_until > now.wall) status.model_limited_until = instant(standing.model_limited_until, now);
  if (standing.use) {
    status.five_hour = window_status(standing.use->five_hour, now);
    status.weekly = window_status(standing.use->weekly, now);
    status.use_told = instant(standing.use->told.wall, now);
  }
  if (auto const* directory = directory_of(state.live, config.name)) {
    status.present = directory->present;
    status.logged_in = directory->logged_in;
  }
  return status;
}

SessionStatus session_status(Config const& config, SessionName const& name, SessionState const& session, Now now) {
  SessionStatus status;
  status.name = name;
  status.kind = session.kind;
  status.phase = session.phase;
  status.since = known(session.since, now);
  status.account = session.account;
  status.task = session.task;
  status.hold_reason = session.hold_reason;
  if (session.recovery) {
    status.recovery = session.recovery->step;
    status.recovery_attempts = session.recovery->attempts;
  }
  status.person_types = person_types(config, session, now);
  return status;
}

std::int64_t& count_of(QueueStatus& queue, TaskPlace place) {
  switch (place) {
    case TaskPlace::pending:
      return queue.pending;
    case TaskPlace::claimed:
      return queue.claimed;
    case TaskPlace::done:
      return queue.done;
    case TaskPlace::failed:
      return queue.failed;
    case TaskPlace::held:
      break;
  }
  return queue.held;
}

void add_pending(QueueStatus& queue, Config const& config, State const& state, Now now) {
  for (auto& task : pending_tasks(config, state, queue.stopped_by, now)) {
    if (!task.waits_for.empty()) ++queue.waiting[task.waits_for.substr(0, task.waits_for.find(':'))];
    if (queue.next.size() >= max_pending_in_order) continue;
    queue.next.push_back({task.file->id, task.file->title, task.file->request.priority, std::move(task.waits_for),
                          instant(task.file->changed_at, now)});
  }
}

QueueStatus queue_status(Config const& config, State const& state, Now now, bool dry_run) {
  QueueStatus queue;
  queue.readable = state.live.queue_problem.empty();
  std::optional<WallTime> oldest;
  for (auto const& task : state.live.queue.tasks) {
    ++count_of(queue, task.place);
    if (task.place == TaskPlace::pending) oldest = std::min(oldest.value_or(task.changed_at), task.changed_at);
  }
  queue.oldest_pending = known(oldest, now);
  queue.stopped_by = dispatch_gate(config, state, now, dry_run);
  add_pending(queue, config, state, now);
  for (auto const& [id, task] : state.tasks)
    queue.in_flight.push_back({id, task.file.title, task.session, task.phase, known(task.claimed_at, now)});
  return queue;
}

SwapStatus swap_status(Swap const& swap, Now now) {
  SwapStatus status;
  status.id = swap.id;
  status.from = swap.from;
  status.to = swap.to;
  status.phase = swap.phase;
  status.decided = instant(swap.decided, now);
  status.ended = known(swap.ended, now);
  status.trigger_session = swap.trigger_session;
  status.rule = swap.rule;
  status.resets_at = known(swap.resets_at, now);
  status.unrecovered = swap.unrecovered;
  status.abort_reason = swap.abort_reason;
  status.cause = swap.cause;
  return status;
}

std::vector<SwapStatus> newest_swaps(State const& state, Now now) {
  std::vector<SwapStatus> swaps;
  if (state.swap) swaps.push_back(swap_status(*state.swap, now));
  for (auto past = state.past_swaps.rbegin(); past != state.past_swaps.rend(); ++past)
    if (swaps.size() < max_reported_swaps) swaps.push_back(swap_status(*past, now));
  return swaps;
}

/// The problem's leading word where it is one of ours; its further text may name paths and stays out.
std::string problem_word(std::string const& problem) {
  if (problem.empty()) return {};
  for (auto const kind : error_kinds)
    if (problem.substr(0, problem.find_first_of(": ")) == to_string(kind)) return std::string{to_string(kind)};
  return std::string{to_string(ErrorKind::unavailable)};
}

std::optional<Instant> earliest_reset(std::vector<AccountStatus> const& accounts) {
  std::optional<Instant> earliest;
  for (auto const& account : accounts)
    if (account.resets_at && account.standing != "disabled" && (!earliest || account.resets_at->at < earliest->at))
      earliest = account.resets_at;
  return earliest;
}

bool may_become_usable(AccountConfig const& account, State const& state) {
  auto const standing = standing_of(state, account.name);
  if (account.disabled || standing.disabled) return false;
  auto const kind = standing.kind;
  if (kind == StandingKind::auth_broken || kind == StandingKind::spend_blocked) return false;
  auto const* directory = directory_of(state.live, account.name);
  return directory == nullptr || (directory->present && directory->logged_in);
}

std::optional<Moment> newest_look(Live const& live) {
  if (!live.listed_at || !live.captured_at) return live.listed_at ? live.listed_at : live.captured_at;
  return live.listed_at->mono > live.captured_at->mono ? live.listed_at : live.captured_at;
}

/// A session that was found a moment ago has not been captured yet, which is no fault.
bool poll_too_old(Config const& config, State const& state, Now now) {
  auto const limit = poll_age_limit(config);
  auto const too_old = [&](std::optional<Moment> const& at) { return !at || elapsed(*at, now) > limit; };
  if (too_old(newest_look(state.live))) return true;
  auto const watched = std::any_of(state.sessions.begin(), state.sessions.end(), [&](auto const& entry) {
    return entry.second.pane && elapsed(entry.second.since, now) > limit;
  });
  return watched && too_old(state.live.captured_at);
}

void forget_age(std::optional<Instant>& instant) {
  if (instant) instant->age = {};
}

StatusReport without_time(StatusReport report) {
  report.made = {};
  report.uptime = {};
  report.config_read.age = {};
  report.listed.reset();
  report.captured.reset();
  report.scanned.reset();
  forget_age(report.next_reset);
  forget_age(report.brake_since);
  forget_age(report.frozen_until);
  forget_age(report.queue.oldest_pending);
  for (auto& account : report.accounts) {
    forget_age(account.since);
    forget_age(account.resets_at);
    forget_age(account.use_told);
    forget_age(account.model_limited_until);
    if (account.five_hour) forget_age(account.five_hour->resets_at);
    if (account.weekly) forget_age(account.weekly->resets_at);
  }
  for (auto& session : report.sessions) forget_age(session.since);
  for (auto& task : report.queue.next) forget_age(task.since);
  for (auto& task : report.queue.in_flight) forget_age(task.since);
  for (auto& swap : report.swaps) {
    swap.decided.age = {};
    forget_age(swap.ended);
    forget_age(swap.resets_at);
  }
  return report;
}

}  // namespace

StatusReport report(Config const& config, State const& state, Now now, BuildInfo const& build) {
  StatusReport status;
  status.build = build;
  status.state_version = state.version;
  status.made = {now.wall, Duration::zero()};
  status.uptime = std::max(elapsed(build.started, now), Duration::zero());
  status.config_read = instant(build.reloaded_at.value_or(build.started), now);
  status.active_account = state.active;
  for (auto const& account : config.accounts) status.accounts.push_back(account_status(account, state, now));
  for (auto const& [name, session] : state.sessions)
    status.sessions.push_back(session_status(config, name, session, now));
  status.queue = queue_status(config, state, now, build.dry_run);
  status.swaps = newest_swaps(state, now);
  status.holding = state.holding;
  status.next_reset = earliest_reset(status.accounts);
  status.last_refusal = state.live.last_refusal;
  status.brake = state.brake.on;
  if (state.brake.on) status.brake_since = instant(state.brake.since, now);
  if (state.brake.on) status.brake_reason = state.brake.reason;
  if (state.frozen_since && elapsed(*state.frozen_since, now) < config.switching.freeze)
    status.frozen_until = instant(state.frozen_since->wall + config.switching.freeze, now);
  status.tmux_up = state.live.tmux_up;
  if (status.tmux_up == false) status.tmux_problem = problem_word(state.live.tmux_problem);
  status.listed = known(state.live.listed_at, now);
  status.drift = state.live.drifts;
  status.captured = known(state.live.captured_at, now);
  status.scanned = known(state.live.scanned_at, now);
  status.outbox = static_cast<std::int64_t>(state.outbox.size());
  status.state_writable = state.live.state_problem.empty();
  status.counters = state.counters;
  return status;
}

bool same_but_for_time(StatusReport const& one, StatusReport const& other) {
  return without_time(one) == without_time(other);
}

std::string_view to_string(HealthReason reason) {
  return name_of(health_reasons, reason);
}

Duration poll_age_limit(Config const& config) {
  return 2 * std::max(config.quota.poll_interval, config.tmux.sweep) + config.tmux.command_timeout;
}

Health health(Config const& config, State const& state, Now now, std::optional<Moment> last_turn) {
  Health health;
  if (last_turn && elapsed(*last_turn, now) > poll_age_limit(config))
    health.reasons.push_back(HealthReason::loop_stalled);
  if (state.live.tmux_up == false)
    health.reasons.push_back(HealthReason::tmux_down);
  else if (poll_too_old(config, state, now))
    health.reasons.push_back(HealthReason::last_poll_too_old);
  if (!state.live.state_problem.empty()) health.reasons.push_back(HealthReason::state_not_writable);
  if (std::none_of(config.accounts.begin(), config.accounts.end(),
                   [&](auto const& account) { return may_become_usable(account, state); }))
    health.reasons.push_back(HealthReason::accounts_unusable);
  return health;
}

}  // namespace failover::core
