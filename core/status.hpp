#pragma once

#include "core/config.hpp"
#include "core/state.hpp"
#include "core/transport_counts.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What /status, /metrics, /health and the command line show, as plain values.
///
/// Nothing in here comes from a screen, names a credential or a configuration directory: whoever may connect to the
/// loopback address reads it.
namespace failover::core {

/// What the process knows of itself and the state does not.
struct BuildInfo {
  std::string version = {};   ///< "0.3.0"
  std::string revision = {};  ///< of the source, "" when not known
  Moment started = {};
  std::uint64_t slow_turns = 0;            ///< turns of the loop that took longer than 100 ms
  TransportCounts tmux_reads = {};         ///< which way screens and listings came
  std::int64_t terminals_watched = 0;      ///< whose programs' writing is told by the kernel
  bool dry_run = false;                    ///< watches and decides, changes nothing
  bool reload_ok = true;                   ///< of the newest reading of the configuration
  std::optional<Moment> reloaded_at = {};  ///< newest reading that was accepted; nothing: the one at the start
  bool operator==(BuildInfo const&) const = default;
};

/// An instant, and how long ago it was when the report was made; negative for what lies ahead.
struct Instant {
  WallTime at = {};
  Duration age = {};
  bool operator==(Instant const&) const = default;
};

/// How much of one window an account had used when an agent last told; left out once the window has ended.
struct WindowStatus {
  double used_percent = 0;
  std::optional<Instant> resets_at = {};
  bool operator==(WindowStatus const&) const = default;
};

struct AccountStatus {
  AccountName name = {};
  std::string standing = {};  ///< a StandingKind's word, or `disabled` by the operator
  bool active = false;
  Window window = Window::none;
  std::optional<Instant> resets_at = {};  ///< of an exhausted account
  bool until_assumed = false;
  std::optional<Instant> since = {};  ///< of the standing; nothing before the first change
  std::string rule = {};
  SessionName reported_by = {};
  std::int64_t exhausted_total = 0;
  std::optional<WindowStatus> five_hour = {};
  std::optional<WindowStatus> weekly = {};
  std::optional<Instant> use_told = {};  ///< when an agent told the two figures above
  std::optional<bool> present = {};      ///< its directory; nothing: not looked yet
  std::optional<bool> logged_in = {};
  bool unproven = false;                            ///< back by its clock, not tried yet
  std::optional<Instant> model_limited_until = {};  ///< a limit of one model
  bool operator==(AccountStatus const&) const = default;
};

struct SessionStatus {
  SessionName name = {};
  SessionKind kind = SessionKind::pool;
  Phase phase = Phase::missing;
  std::optional<Instant> since = {};
  AccountName account = {};
  std::optional<TaskId> task = {};
  std::string hold_reason = {};
  std::optional<RecoveryStep> recovery = {};
  std::int64_t recovery_attempts = 0;
  bool person_types = false;  ///< somebody typed there lately: nothing is typed or restarted meanwhile
  bool operator==(SessionStatus const&) const = default;
};

struct TaskStatus {
  TaskId id = {};
  std::string title = {};
  SessionName session = {};
  TaskPhase phase = TaskPhase::claiming;
  std::optional<Instant> since = {};  ///< the claim
  bool operator==(TaskStatus const&) const = default;
};

struct PendingStatus {
  TaskId id = {};
  std::string title = {};
  std::int64_t priority = 0;
  std::string waits_for = {};         ///< see PendingTask; "" for the moment before it is given out
  std::optional<Instant> since = {};  ///< its last write
  bool operator==(PendingStatus const&) const = default;
};

struct QueueStatus {
  std::int64_t pending = 0;
  std::int64_t claimed = 0;
  std::int64_t done = 0;
  std::int64_t failed = 0;
  std::int64_t held = 0;
  bool readable = true;
  std::optional<Instant> oldest_pending = {};
  std::string stopped_by = {};                       ///< why no task at all is given out, see dispatch_gate()
  std::map<std::string, std::int64_t> waiting = {};  ///< pending tasks by the word of waits_for before its colon
  std::vector<PendingStatus> next = {};              ///< in the order of giving, at most max_pending_in_order
  std::vector<TaskStatus> in_flight = {};
  bool operator==(QueueStatus const&) const = default;
};

/// A swap without the text that led to it.
struct SwapStatus {
  std::int64_t id = 0;
  AccountName from = {};
  AccountName to = {};
  SwapPhase phase = SwapPhase::planned;
  Instant decided = {};
  std::optional<Instant> ended = {};
  SessionName trigger_session = {};
  std::string rule = {};
  std::optional<Instant> resets_at = {};
  std::vector<SessionName> unrecovered = {};
  std::string abort_reason = {};
  SwapCause cause = SwapCause::exhausted;
  bool operator==(SwapStatus const&) const = default;
};

struct StatusReport {
  BuildInfo build = {};
  std::uint64_t state_version = 0;
  Instant made = {};  ///< age 0
  Duration uptime = {};
  Instant config_read = {};         ///< when the configuration in use was read
  AccountName active_account = {};  ///< empty: the link leads to none of ours
  std::vector<AccountStatus> accounts = {};
  std::vector<SessionStatus> sessions = {};
  QueueStatus queue = {};
  std::vector<SwapStatus> swaps = {};  ///< newest first, at most max_reported_swaps; the one in progress among them
  bool holding = false;
  std::optional<Instant> next_reset = {};  ///< the earliest of the exhausted accounts
  std::string last_refusal = {};
  bool brake = false;
  std::optional<Instant> brake_since = {};
  std::string brake_reason = {};
  std::optional<Instant> frozen_until = {};  ///< nothing is switched before, after a ping-pong
  std::vector<Drift> drift = {};
  std::optional<bool> tmux_up = {};
  std::string tmux_problem = {};  ///< an ErrorKind's word, "" while tmux answers
  std::optional<Instant> listed = {};
  std::optional<Instant> captured = {};
  std::optional<Instant> scanned = {};
  std::int64_t outbox = 0;
  bool state_writable = true;
  Counters counters = {};
  bool operator==(StatusReport const&) const = default;
};

inline constexpr std::size_t max_reported_swaps = 10;

/// What is known now. Accounts in the configuration's order; those the configuration no longer names are left out.
[[nodiscard]] StatusReport report(Config const& config, State const& state, Now now, BuildInfo const& build);

/// Equal but for what time alone changes: ages, and when the last looks were.
[[nodiscard]] bool same_but_for_time(StatusReport const& one, StatusReport const& other);

enum class HealthReason {
  loop_stalled,        ///< the engine has taken no news for longer than it ever sleeps
  tmux_down,           ///< no tmux server, or one that does not answer
  last_poll_too_old,   ///< the panes were not looked at for too long, or never yet
  state_not_writable,  ///< the last saving failed
  accounts_unusable    ///< none can be used, and waiting cures none: disabled, logged out, broken, spend-blocked
};
[[nodiscard]] std::string_view to_string(HealthReason reason);

struct Health {
  std::vector<HealthReason> reasons = {};
  [[nodiscard]] bool ok() const { return reasons.empty(); }
  bool operator==(Health const&) const = default;
};

/// Whether the daemon does its work. `last_turn` is when the engine last took an event; without it a stalled loop is
/// not looked for.
[[nodiscard]] Health health(Config const& config, State const& state, Now now,
                            std::optional<Moment> last_turn = std::nullopt);

/// How long the panes may go without a look before that is a fault: two intervals and one command's limit.
[[nodiscard]] Duration poll_age_limit(Config const& config);

}  // namespace failover::core
