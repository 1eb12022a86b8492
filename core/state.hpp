#pragma once

#include "core/classification.hpp"
#include "core/drift.hpp"
#include "core/hook.hpp"
#include "core/names.hpp"
#include "core/observation.hpp"
#include "core/task.hpp"
#include "core/time.hpp"
#include "core/transcript.hpp"
#include "core/world.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

/// All that the engine knows. `State` is saved, but for `Live`, which is read from the world again at each start.
namespace failover::core {

enum class StandingKind { available, exhausted, auth_broken, spend_blocked };
[[nodiscard]] std::string_view to_string(StandingKind kind);
[[nodiscard]] std::optional<StandingKind> standing_from(std::string_view text);

/// How much of its windows an account has used, as an agent last told.
struct AccountUse {
  std::optional<WindowUse> five_hour = {};
  std::optional<WindowUse> weekly = {};
  Moment told = {};
  SessionName told_by = {};
  bool operator==(AccountUse const&) const = default;
};

/// One account's standing. While `kind` is exhausted an episode is open: one decision and one set of messages.
struct AccountState {
  StandingKind kind = StandingKind::available;
  Window window = Window::none;
  WallTime until = {};         ///< release of an exhausted account
  bool until_assumed = false;  ///< no believable time was seen; `quota.default_reset` stands in
  Moment since = {};
  std::string rule = {};
  SessionName reported_by = {};
  std::int64_t exhausted_total = 0;
  std::optional<AccountUse> use = {};
  bool disabled = false;  ///< by the operator: nothing new is begun on it
  bool unproven = false;  ///< back by its clock alone, and no turn has run since: one session tries it first
  WallTime model_limited_until = {};  ///< a limit of one model stands until then; the account serves the others
  std::string identity = {};          ///< digest of whose login it held when it was last known, see AccountDirectory
  WallTime login_written = {};        ///< when its credentials were last written, as of that look
  WallTime login_seen = {};           ///< when it was first seen logged in with that; unset while logged out
  std::int64_t login_deaths = 0;      ///< agents that ended at its login since its last proof of work
  bool login_warned = false;          ///< the person was told that this login is old
  bool operator==(AccountState const&) const = default;
};

enum class Phase {
  missing,
  starting,
  idle,
  working,
  blocked,
  waiting_permission,
  dialog,
  auth_needed,
  stalled,
  recovering,
  held,
  dead
};
[[nodiscard]] std::string_view to_string(Phase phase);  ///< spec words; blocked is "blocked(quota)"
[[nodiscard]] std::optional<Phase> phase_from(std::string_view text);

/// What a recovery waits for. The order is the order of escalation.
enum class RecoveryStep {
  looking,    ///< needs a fresh screen to choose the next move
  escaping,   ///< an Escape to the limit's own menu is on its way
  nudging,    ///< the continue prompt is on its way
  proving,    ///< prompt submitted; a running or finished turn must show
  restarting  ///< the agent is being restarted in its conversation
};
[[nodiscard]] std::string_view to_string(RecoveryStep step);
[[nodiscard]] std::optional<RecoveryStep> recovery_step_from(std::string_view text);

struct Recovery {
  RecoveryStep step = RecoveryStep::looking;
  std::int64_t attempts = 0;  ///< nudges and restarts made
  bool restarted = false;
  Moment began = {};
  Moment step_since = {};
  std::string last_refusal = {};
  bool submitted = false;     ///< the continue prompt was seen to be taken
  std::int64_t replaces = 0;  ///< the agent's process when its restart was asked for, 0 once there was an answer
  ConversationId left = {};   ///< could not be resumed: since then it is started anew, with a briefing
  bool operator==(Recovery const&) const = default;
};

/// A wall without a typed or timed confirmation yet.
struct Suspicion {
  std::size_t turn_hash = 0;
  Moment first_seen = {};
  std::int64_t looks = 1;  ///< at changed screens; the same text twice is one
  bool refuted = false;    ///< by the transcript: quoted text, not looked at again before it changes
  bool operator==(Suspicion const&) const = default;
};

/// How a conversation stands by its transcript.
struct Conversation {
  TranscriptRow newest = {};                ///< the row that says how its turn stands: no subagent's, no remark
  std::optional<Classification> wall = {};  ///< what that row says, where it is one of the account's limit
  std::string prompt = {};                  ///< its last prompt, in the form of Reading::newest_prompt
  WallTime prompt_at = {};
  RowPlace prompt_place = {};
  std::string request = {};  ///< its last prompt but for our own to continue, as it was written
  std::string said = {};     ///< what the agent said last in it
  bool operator==(Conversation const&) const = default;
};

/// A prompt that a session's input box did not take: nothing was typed.
struct RefusedPrompt {
  Moment at = {};
  bool draft = false;  ///< a person's text stood there
  bool operator==(RefusedPrompt const&) const = default;
};

/// How a session's pane is looked at.
struct Watching {
  std::string tty = {};                    ///< path of its terminal, "" while it is not known
  std::int64_t started = 0;                ///< of its process, see ProcessRef
  std::int64_t missed = 0;                 ///< listings in a row that did not show the pane
  bool look_wanted = false;                ///< something hints that its screen has changed since it was last asked for
  bool whole_wanted = false;               ///< its last rows, looked at alone, did not show that it works
  bool in_look = false;                    ///< the look that is under way is at its screen, too
  Moment looked_at = {};                   ///< when its screen was last asked for
  Moment looked_before = {};               ///< and when before that
  std::optional<Moment> read_whole = {};   ///< when it was asked for before all of it was last read
  std::optional<Moment> drawn_since = {};  ///< looks since then, one soon after the other, have shown something new,
  bool stood_still = false;                ///< but for the last one
  bool draws_on = false;                   ///< for so long that it is taken to go on
  bool told_orphan = false;                ///< it was said that the pane is gone and its process is not
  bool operator==(Watching const&) const = default;
};

struct SessionState {
  SessionKind kind = SessionKind::pool;
  Phase phase = Phase::missing;
  Moment since = {};  ///< of the phase
  std::optional<PaneRef> pane = {};
  std::string cwd = {};
  AccountName account = {};        ///< on which its present turn runs; empty: not known
  std::string agent_version = {};  ///< as last told, "" for not known
  AccountName begins_on = {};      ///< for which account its agent was last started anew
  Moment account_since = {};       ///< when it began to use that account; what is older says nothing of it
  bool ours = false;               ///< made by us: only such a session is ever restarted
  std::optional<ConversationId> conversation = {};
  bool conversed = false;  ///< the conversation has at least one prompt: there is something to resume
  std::optional<ConversationId> resuming = {};  ///< what its agent was started to go on with, until it shows itself
  std::optional<TaskId> task = {};
  std::optional<Recovery> recovery = {};
  WallTime blocked_until = {};  ///< while blocked: when its account's quota comes back; never: at once
  std::size_t void_turn = 0;    ///< the wall with this turn_hash belongs to a former account: no evidence any more
  std::string hold_reason = {};
  bool held_by_operator = false;              ///< until he releases it, whatever its screen shows
  std::deque<Moment> starts = {};             ///< within sessions.restart_window
  std::deque<Observation> observations = {};  ///< newest last, at most max_observations

  // Live: not saved.
  std::optional<Reading> reading = {};
  Moment read_at = {};
  Moment changed_at = {};       ///< when turn_hash last changed
  bool seen_to_change = false;  ///< changed_at is no first look, which says nothing of when it changed
  std::optional<Suspicion> suspicion = {};
  std::int64_t process = 0;               ///< the pane's first, as last listed; 0 until then
  std::int64_t ended = 0;                 ///< the process whose end was found while it resumed a conversation
  std::int64_t stale_looks = 0;           ///< looks that were under way when it was found: they may be from before
  bool bare_shell = false;                ///< of an adopted one: a shell has its terminal, as last known
  bool stale_listing = false;             ///< the listing under way may be from before its agent was last started
  std::string process_cwd = {};           ///< of the pane when it was found
  std::string project = {};               ///< name of its transcripts' directory as a hook told it, "" until then
  std::optional<WallTime> typed_at = {};  ///< last key of an attached client, as of the last look
  bool told_of_person = false;            ///< it was said that a recovery waits for him
  bool surplus = false;                   ///< of a pool that became smaller: it is ended when it is idle
  Moment end_tried = {};                  ///< when that was last asked for
  std::optional<RefusedPrompt> refused_prompt = {};  ///< the last one of a task, until one is taken
  bool busy_with_effect = false;                     ///< an effect of this session's lane has no answer yet
  Watching watching = {};
  bool operator==(SessionState const&) const = default;
};

/// A task we have claimed, from just before the claim until its file is moved on.
enum class TaskPhase { claiming, delivering, running, ending };
[[nodiscard]] std::string_view to_string(TaskPhase phase);
[[nodiscard]] std::optional<TaskPhase> task_phase_from(std::string_view text);

/// An agent's word that its turn is over.
struct TurnStop {
  Moment at = {};
  std::int64_t background = 0;  ///< what it left running
  std::string message = {};     ///< what it said last, "" when it does not tell
  bool operator==(TurnStop const&) const = default;
};

struct TaskState {
  TaskFile file = {};
  TaskPhase phase = TaskPhase::claiming;
  SessionName session = {};
  AccountName account = {};
  ClaimId claim = {};
  std::string path = {};  ///< of the claimed file
  Moment claimed_at = {};
  Moment given_at = {};    ///< when the prompt was submitted
  bool timed_out = false;  ///< reported once
  std::string doubt = {};  ///< while delivering: why nobody knows whether the prompt arrived; "" while that is not so
  Moment doubt_since = {};
  std::optional<TurnStop> stop = {};        ///< the last since its claim
  std::optional<Moment> stands_since = {};  ///< while its session waits for quota
  Duration stood = {};                      ///< so long in all before that; no part of its time
  std::vector<AccountName> accounts = {};   ///< on which it ran, in this order
  TokenUse tokens = {};
  std::string counted = {};  ///< the newest answer among them, see TranscriptRow
  WallTime counted_at = {};
  std::optional<TaskResult> ending = {};
  bool operator==(TaskState const&) const = default;
};

/// A task that was given out and came back to the queue.
struct Comeback {
  std::int64_t count = 0;     ///< so often
  std::int64_t refunded = 0;  ///< so often of these through no fault of its own
  Moment at = {};             ///< the last time
  bool operator==(Comeback const&) const = default;
};

enum class SwapPhase { planned, flipped, recovering, done, aborted };
[[nodiscard]] std::string_view to_string(SwapPhase phase);
[[nodiscard]] std::optional<SwapPhase> swap_phase_from(std::string_view text);
/// The legal moves of a swap.
[[nodiscard]] bool may_move(SwapPhase from, SwapPhase to);

/// Why the active account is left.
enum class SwapCause {
  exhausted,
  spend_blocked,
  auth_broken,
  disabled,       ///< by the operator, or in the configuration
  leaving_early,  ///< before its limit: quota.leave_at, or what is reserved of it
  operator_asked
};
[[nodiscard]] std::string_view to_string(SwapCause cause);
[[nodiscard]] std::optional<SwapCause> swap_cause_from(std::string_view text);

/// Why an account may be switched to, or not.
enum class Fitness {
  fit,
  active,
  disabled,
  exhausted,
  auth_broken,
  spend_blocked,
  directory_missing,
  not_logged_in,
  same_login,       ///< as the one that is left, under another name
  straight_return,  ///< it was left less than switch.dwell ago
  no_headroom,      ///< known to have too little more left
  headroom_unknown  ///< too little is known to leave an account early for it
};
[[nodiscard]] std::string_view to_string(Fitness fitness);
[[nodiscard]] std::optional<Fitness> fitness_from(std::string_view text);

/// One account as it stood before a decision.
struct Considered {
  AccountName account = {};
  Fitness fitness = Fitness::fit;
  std::optional<double> used_percent = {};  ///< of its fullest window; nothing: not known
  bool operator==(Considered const&) const = default;
};

struct Swap {
  std::int64_t id = 0;
  SwapPhase phase = SwapPhase::planned;
  AccountName from = {};
  AccountName to = {};
  SessionName trigger_session = {};
  std::string rule = {};
  std::string snippet = {};  ///< ≤ 120 characters of the evidence
  std::optional<WallTime> resets_at = {};
  Moment decided = {};
  std::optional<Moment> ended = {};
  std::vector<SessionName> sessions = {};  ///< blocked at the decision
  std::vector<SessionName> unrecovered = {};
  std::string abort_reason = {};
  SwapCause cause = SwapCause::exhausted;
  std::vector<Considered> considered = {};  ///< all accounts at the decision, those that were fit first
  bool operator==(Swap const&) const = default;
};

/// The operator's stop: everything is watched, nothing is changed.
struct Brake {
  bool on = false;
  Moment since = {};
  std::string reason = {};
  bool operator==(Brake const&) const = default;
};

/// An account that a person switched to, by a command or by moving the link.
struct OperatorChoice {
  AccountName account = {};
  Moment at = {};
  bool operator==(OperatorChoice const&) const = default;
};

struct OutboxEntry {
  Message message = {};
  Moment created = {};
  std::int64_t attempts = 0;
  Moment next_try = {};
  bool sending = false;  ///< live
  bool operator==(OutboxEntry const&) const = default;
};

/// Monotone since the state file was made; for /status.
struct Counters {
  std::map<std::string, std::int64_t> swaps = {};            ///< by "from\nto"
  std::map<std::string, std::int64_t> swap_failures = {};    ///< by reason
  std::map<std::string, std::int64_t> refusals = {};         ///< by reason
  std::map<std::string, std::int64_t> detections = {};       ///< by "rule\nverdict"
  std::map<std::string, std::int64_t> tasks = {};            ///< by result
  std::map<std::string, std::int64_t> notifications = {};    ///< by "channel\nresult"
  std::map<std::string, std::int64_t> session_changes = {};  ///< by kind of change: created, vanished, restarted,
                                                             ///< fresh, ended
  std::int64_t recoveries = 0;
  std::int64_t state_write_failures = 0;
  bool operator==(Counters const&) const = default;
};

/// What is known only from looking, and which looks are under way.
struct Live {
  bool accounts_known = false;
  AccountsListing accounts = {};
  Moment accounts_at = {};           ///< of the last look that told where the link leads
  std::vector<Drift> drifts = {};    ///< of that look
  std::optional<bool> tmux_up = {};  ///< nothing: not looked yet
  std::string tmux_problem = {};
  bool listing_panes = false;
  bool capturing = false;
  bool scanning_queue = false;
  bool queue_dirty = false;
  bool reading_accounts = false;
  std::optional<Moment> accounts_asked = {};  ///< when the last look at the accounts began
  bool removing_finished = false;
  std::optional<Moment> listed_at = {};
  std::optional<Moment> captured_at = {};  ///< of the last look at all screens
  bool capturing_all = false;              ///< the look that is under way is one
  bool panes_changed = false;              ///< something hints at it, and they were not listed since
  bool starts_wait = false;                ///< sessions are not started before others have shown their prompt
  std::vector<Terminal> watched = {};      ///< terminals, sorted
  std::optional<Moment> scanned_at = {};
  std::optional<Moment> janitor_at = {};
  QueueListing queue = {};
  std::string queue_problem = {};
  std::string state_problem = {};
  std::vector<std::string> followed = {};                     ///< the transcripts' directories, sorted
  bool reading_transcripts = false;                           ///< how they stand there is not all known yet
  std::map<ConversationId, Conversation> conversations = {};  ///< at most max_conversations, the newest
  std::set<TaskId> refused_tasks = {};  ///< could not be moved on, or are moved by an order; left alone until a scan
  std::int64_t failed_claims = 0;       ///< since the last scan, of files that lay where they were seen
  /// When the state that we began with was saved; unset where a newer one may have been lost.
  std::optional<WallTime> saved_at = {};
  std::uint64_t entropy = 0;  ///< seed of all random choices; the daemon sets it at its start
  bool stopping = false;
  std::int64_t proven_recoveries = 0;        ///< in a row, of those that followed one another without a pause
  std::string last_refusal = {};             ///< why the last wanted swap was not made
  std::optional<Moment> leaving_since = {};  ///< an early leave waits for the turns that run
  bool tasks_reconciled = false;  ///< what the state says of tasks was compared with the queue since the start
  bool operator==(Live const&) const = default;
};

struct State {
  std::map<AccountName, AccountState> accounts = {};
  AccountName active = {};   ///< the one that the link leads to; empty when it leads to none of ours
  Moment active_since = {};  ///< when the link was last moved, as far as we know
  std::map<SessionName, SessionState> sessions = {};
  std::map<TaskId, TaskState> tasks = {};
  std::map<TaskId, std::int64_t> attempts = {};  ///< by tasks that were given out and came back
  std::map<TaskId, Comeback> comebacks = {};
  std::optional<Swap> swap = {};     ///< the one in progress
  std::deque<Swap> past_swaps = {};  ///< newest last, at most max_past_swaps
  std::int64_t next_swap_id = 1;
  bool holding = false;  ///< nobody left: the queue waits, one message was sent
  Brake brake = {};
  std::optional<OperatorChoice> choice = {};
  std::optional<Moment> frozen_since = {};  ///< two accounts took turns: nothing is switched for switch.freeze
  std::deque<OutboxEntry> outbox = {};
  std::int64_t next_message_id = 1;
  Counters counters = {};
  std::deque<ConversationId> refused = {};    ///< agents could not resume them; newest last, at most max_refused
  std::deque<std::string> unrecognised = {};  ///< wordings about a limit that no rule knows and that were told
  std::uint64_t version = 0;                  ///< grows with each change; what ETags and savers compare
  Live live = {};
  bool operator==(State const&) const = default;
};

inline constexpr std::size_t max_past_swaps = 100;
inline constexpr std::size_t max_outbox = 500;
inline constexpr std::size_t max_unrecognised = 50;
inline constexpr std::size_t max_refused = 200;
inline constexpr std::size_t max_conversations = 512;

}  // namespace failover::core
