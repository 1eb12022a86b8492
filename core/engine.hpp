#pragma once

#include "core/config.hpp"
#include "core/effect.hpp"
#include "core/event.hpp"
#include "core/state.hpp"
#include "core/step.hpp"

#include <optional>

namespace failover::core {

struct EngineOptions {
  bool dry_run = false;  ///< watch, decide and log, change nothing
};

/// The whole of the program's judgement: news in, requests out.
///
/// Pure: the same state, events and times in the same order give the same effects. Each effect that has an answer must
/// be answered exactly once. The state may be saved and restored between any two steps; what was asked for and not
/// answered before the end of a process is found out by looking at the world again.
class Engine {
 public:
  Engine(Config config, AgentReader read, EngineOptions options = {});

  /// Takes one piece of news. Effects are in order; see core/effect.hpp for what SaveState promises.
  [[nodiscard]] Effects step(State& state, Event const& event, Now now) const;

  /// When to send a Tick, if nothing else happens before.
  [[nodiscard]] std::optional<MonoTime> next_deadline(State const& state, Now now) const;

  [[nodiscard]] Config const& config() const { return config_; }
  [[nodiscard]] EngineOptions const& options() const { return options_; }

 private:
  Config config_;
  AgentReader read_;
  EngineOptions options_;
};

}  // namespace failover::core
