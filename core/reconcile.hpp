#pragma once

#include "core/config.hpp"
#include "core/event.hpp"
#include "core/step.hpp"

#include <string>
#include <vector>

/// Wanted sessions and seen sessions → what to start, what to notice, what to leave alone.
namespace failover::core {

struct WantedSession {
  SessionName name = {};
  SessionKind kind = SessionKind::pool;
  std::string workdir = {};
  bool operator==(WantedSession const&) const = default;
};

/// Pool and dedicated sessions of the configuration. Adopted ones are found, not wanted.
[[nodiscard]] std::vector<WantedSession> wanted_sessions(SessionsConfig const& config);

/// Whether a session made by the user is watched: its name equals a pattern, or begins as one that ends in `*`.
[[nodiscard]] bool adopts(SessionsConfig const& config, SessionName const& name);

void on_panes_listed(Step& step, event::PanesListed const& listed);
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
