#pragma once

#include "core/config.hpp"
#include "core/effect.hpp"
#include "core/state.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace failover::core {

/// Reads one captured screen at an instant; core/classify.hpp with a pattern table and zones bound to it.
using ScreenReader = std::function<Reading(std::string_view screen, WallTime now)>;

/// Reads one message that the agent itself worded: of a transcript's row or a hook.
using MessageReader = std::function<Classification(std::string_view message, WallTime at)>;

/// How an agent's texts are understood.
struct AgentReader {
  ScreenReader screen = {};
  MessageReader message = {};
};

/// What every policy is handed for one step: what it may read, what it may change, where its requests go.
struct Step {
  Config const& config;
  AgentReader const& read;
  bool dry_run;  ///< decide and log, change nothing
  Now now;
  State& state;
  Effects& out;

  /// Whether anything outside may be changed: no dry run, and no brake.
  [[nodiscard]] bool may_act() const { return !dry_run && !state.brake.on; }

  void ask(Effect effect) { out.push_back(std::move(effect)); }

  /// The saved part of the state changed.
  void changed() { ++state.version; }

  /// What is asked for after this waits until the state is on disk.
  void save_first() {
    changed();
    out.push_back(effect::SaveState{});
  }

  using Fields = std::vector<std::pair<std::string, std::string>>;
  void log(LogLevel level, std::string message, Fields fields = {}) {
    out.push_back(effect::Log{level, std::move(message), std::move(fields)});
  }

  /// The next of a sequence that is determined by `State::live.entropy`.
  [[nodiscard]] std::uint64_t random();
};

/// Moves a session to a phase, notes since when, and logs the change. No-op when it is there already.
void set_phase(Step& step, SessionName const& name, Phase phase, std::string_view reason = {});

/// Stops acting on a session until the operator, or its own screen, says otherwise.
void hold_session(Step& step, SessionName const& name, std::string reason);

/// Seconds with the unit, for logs and messages: "45 s", "12 min", "3 h 20 min".
[[nodiscard]] std::string spoken(Duration duration);

}  // namespace failover::core
