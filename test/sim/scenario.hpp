#pragma once

#include "core/config.hpp"
#include "test/sim/chance.hpp"

#include <cstdint>

namespace failover::sim {

/// What goes wrong in one run, in percent of the chances that it has. A run has some of them, not all: a fault that is
/// always there hides what another would show.
struct Faults {
  std::int64_t late = 0;             ///< an effect takes up to half a minute
  std::int64_t failing = 0;          ///< an effect does nothing and says so
  std::int64_t unknown = 0;          ///< an effect is reported as failed, and was done or not
  std::int64_t capture_missing = 0;  ///< a pane, or all, could not be read
  std::int64_t capture_stale = 0;    ///< a pane is shown as it was before
  std::int64_t hints_lost = 0;       ///< of what is written to a terminal, or of its end
  std::int64_t hints_late = 0;
  std::int64_t rows_late = 0;
  std::int64_t rows_lost = 0;
  std::int64_t rows_doubled = 0;
  std::int64_t hooks_lost = 0;
  std::int64_t hooks_late = 0;
  std::int64_t hooks_doubled = 0;
  std::int64_t quotes = 0;  ///< a running turn shows a wall that is a tool's output
  std::int64_t save_failing = 0;
  std::int64_t usage_late = 0;
  std::int64_t usage_old = 0;    ///< figures of some time ago, told as of then
  std::int64_t usage_wrong = 0;  ///< figures that were never so

  // Of each quarter of an hour.
  std::int64_t crashes = 0;
  std::int64_t deaths = 0;  ///< of an agent
  std::int64_t tmux_ends = 0;
  std::int64_t tmux_mute = 0;  ///< no answer for a while
  std::int64_t clock_forward = 0;
  std::int64_t clock_back = 0;
  std::int64_t operator_flips = 0;
  std::int64_t operator_swaps = 0;
  std::int64_t operator_accounts = 0;  ///< an account is disabled, and enabled later
  std::int64_t operator_brakes = 0;
  std::int64_t operator_tasks = 0;  ///< something is ordered of a task by its id
  std::int64_t operator_holds = 0;
  std::int64_t reloads = 0;  ///< an account is switched off or on
  std::int64_t persons = 0;  ///< a person types into a session
  std::int64_t drafts = 0;
};

struct Scenario {
  core::Config config = {};
  Faults faults = {};
  bool transcripts = true;
  bool hooks = true;
  bool old_agents = false;              ///< some keep their login until they are restarted
  bool same_login = false;              ///< the last two accounts are one login directory
  std::int64_t permissions = 0;         ///< percent of requests that ask a person
  std::int64_t bare_walls = 0;          ///< percent of walls that tell no reset
  std::int64_t menus = 0;               ///< percent of walls under the limit's own menu
  std::int64_t model_limits = 0;        ///< percent of requests that meet a limit of the model only
  std::int64_t spend_limits = 0;        ///< percent of requests that meet the account's spend limit, until it is raised
  std::int64_t broken_logins = 0;       ///< percent of requests that find the login broken, until a person logs in
  bool usage = false;                   ///< agents tell how much is used
  std::int64_t no_signal = 0;           ///< percent of tasks whose end is only a quiet screen
  std::int64_t failing_tasks = 0;       ///< percent of tasks that say that they failed
  bool spinners = false;                ///< agents draw on while their turns begin
  std::int64_t lost_conversations = 0;  ///< percent of conversations that no agent can resume
  std::int64_t tasks = 0;
  core::Duration window = {};  ///< of an account's quota
  std::int64_t quota = 0;      ///< requests in a window, at most
  core::Duration faulty_for = {};
  core::Duration calm_for = {};
};

[[nodiscard]] Scenario draw_scenario(Chance& chance);

/// The same with what is drawn apart, so that it changes nothing of the runs that do without.
[[nodiscard]] Scenario with_lost_conversations(Scenario scenario, Chance apart);

}  // namespace failover::sim
