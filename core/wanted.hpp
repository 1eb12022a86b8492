#pragma once

#include "core/config.hpp"
#include "core/state.hpp"

#include <string>
#include <vector>

/// Which sessions there ought to be.
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

}  // namespace failover::core
