#pragma once

#include "core/config.hpp"
#include "core/state.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Which pending task may go to which session, and what each other one waits for.
///
/// A task that no session fits holds nobody up: the next in the order is looked at.
namespace failover::core {

/// Whether a session is of the sort that the author asks for, whatever it does now: its name, kind, agent and
/// directory. Without a name and a kind: any of the pool. One that is to be ended fits none.
[[nodiscard]] bool fits(Config const& config, SessionName const& name, SessionState const& session,
                        TaskRequest const& request);

/// Whether a prompt could be typed there: its agent shows its input box and does nothing. What its last turn met (a
/// server's error, a warning) does not matter.
[[nodiscard]] bool is_at_rest(SessionState const& session);

/// Why a session takes no task now, "" when it does. Words of /status.
[[nodiscard]] std::string_view why_not_free(Config const& config, State const& state, SessionState const& session,
                                            Now now);

/// Sessions that could take a task now.
[[nodiscard]] std::vector<SessionName> free_sessions(Config const& config, State const& state, Now now);

/// What a session could be given, with the one that takes it.
struct Match {
  TaskFile file = {};
  SessionName session = {};
  bool operator==(Match const&) const = default;
};

/// Pairs of ready tasks and sessions of `free`, each session once: the tasks by priority, then age, then id; a session
/// that another ready task asks for by name is taken last.
[[nodiscard]] std::vector<Match> matches(Config const& config, State const& state, std::vector<SessionName> free,
                                         Now now);

/// A pending task and why it is not given out now: `unfit`, `not_before`, `retry` (it came back a moment ago),
/// `after:<id>` (which waits or runs), `after_failed:<id>`, `after_held:<id>`, `after_unknown:<id>`,
/// `no_fitting_session`, a word of dispatch_gate(), `account:<name>` (no fitting session is on it), or what its fitting
/// sessions are: `session_busy`, `draft`, `person_types`, `session_not_ready`, `account_unusable`. "" for the moment
/// before it is given out.
struct PendingTask {
  TaskFile const* file = nullptr;  ///< never null
  std::string waits_for = {};
};

/// When the next pending task has waited for its time, or has rested after an attempt; nothing where none does.
[[nodiscard]] std::optional<MonoTime> ready_deadline(State const& state, Now now);

inline constexpr std::size_t max_pending_in_order = 100;

/// All pending tasks, the first `in_order` of them in the order in which they are given out. `gate` is what
/// dispatch_gate() says. Valid while the state's listing is.
[[nodiscard]] std::vector<PendingTask> pending_tasks(Config const& config, State const& state, std::string_view gate,
                                                     Now now, std::size_t in_order = max_pending_in_order);

}  // namespace failover::core
