#pragma once

#include "adapters/heard.hpp"
#include "adapters/journal.hpp"
#include "adapters/journal_line.hpp"
#include "core/engine.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace failover::daemon {

/// One step as the loop took it.
struct SeenStep {
  core::Event const& news;
  core::Effects const& effects;
  core::Now now;
};

/// Has the journal tell all that the engine was told and did, so that `replay` can do it again. A dry run leaves no
/// journal.
class Recorder {
 public:
  struct Options {
    std::string program = {};  ///< the version
    bool dry_run = false;
  };

  /// `journal` must outlive it.
  Recorder(adapters::Journal& journal, Options options);

  /// The reader for an engine whose steps are recorded.
  [[nodiscard]] core::AgentReader listening(core::AgentReader reader) const;

  /// The steps that follow are this engine's, from this state on.
  void begin(std::string_view because, core::Engine const& engine, core::State const& state, core::Now now);

  /// `state` is the one after the step.
  void stepped(core::Engine const& engine, core::State const& state, SeenStep const& step);

 private:
  adapters::Journal& journal_;
  Options options_;
  std::shared_ptr<adapters::Heard> heard_;
  adapters::JournalEncoder encoder_ = {};
  std::uint64_t steps_ = 0;
};

}  // namespace failover::daemon
