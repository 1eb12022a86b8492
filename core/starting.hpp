#pragma once

#include "core/event.hpp"
#include "core/step.hpp"
#include "core/wanted.hpp"

#include <cstdint>
#include <optional>

/// How agents are started and started again: within a budget, and a few at a time.
namespace failover::core {

/// A fleet that is started whole comes up in groups: an agent needs most of a processor until it shows its prompt.
inline constexpr std::int64_t starts_side_by_side = 4;

/// Makes a session that is missing, with its agent.
void start(Step& step, WantedSession const& wanted);

/// Starts the agent of a dead pane of ours again, in its conversation where it had one.
void restart_dead(Step& step, SessionName const& name);

/// The agent was found ended, for the first time. Status 0 after some time at work is no crash: the start that led
/// there is taken out of the budget.
void note_end(Step& step, SessionName const& name, std::optional<std::int64_t> status);

/// Looks again at what is wanted when starts had to wait for others and now need not.
void go_on_with_starts(Step& step);

void on_session_started(Step& step, event::SessionStarted const& started);
/// For a session that is not in recovery.
void on_agent_restarted(Step& step, event::AgentRestarted const& restarted);

/// Restarts idle sessions of ours that are behind on an account that was left, where it takes a restart to move them:
/// in SwitchMode::per_session, and with an agent of which no version picks up a new login. One that is not of the pool
/// stays when its conversation is not known.
void move_idle_sessions(Step& step);

/// Holds what was started and has shown nothing to read for `sessions.start_timeout`.
void hold_failed_starts(Step& step);

}  // namespace failover::core
