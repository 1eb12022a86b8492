#pragma once

#include "adapters/journal_line.hpp"
#include "core/engine.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace failover::adapters {

/// A step that the engine took again.
struct ReplayedStep {
  std::uint64_t number = 0;
  core::Now now = {};
  std::string event = {};
  core::Effects effects = {};
  std::vector<std::string> expected = {};  ///< what the journal says it did; adapters/acting_effects.hpp
  std::vector<std::string> got = {};
  std::size_t unknown_texts = 0;  ///< that the engine looked at now, and did not then
  [[nodiscard]] bool differs() const { return expected != got || unknown_texts > 0; }
};

/// Feeds a journal's lines to the engine again. The world is not touched, and no text is read anew: screens and
/// messages mean what they meant then.
class Replay {
 public:
  Replay();
  Replay(Replay const&) = delete;
  Replay& operator=(Replay const&) = delete;
  ~Replay();

  /// Nothing for a line that begins a segment. unsupported for a newer version's line, invalid for one that is none,
  /// also for a step before the first segment.
  [[nodiscard]] core::Result<std::optional<ReplayedStep>> take(std::string_view line);

  /// The segment of the lines that come, nothing before the first one. Its state is how it began.
  [[nodiscard]] std::optional<JournalSegment> const& segment() const { return segment_; }
  [[nodiscard]] core::State const& state() const { return state_; }

 private:
  struct Memory;

  std::optional<JournalSegment> segment_ = {};
  JournalDecoder decoder_ = {};
  std::shared_ptr<Memory> memory_;
  std::optional<core::Engine> engine_ = {};
  core::State state_ = {};
};

}  // namespace failover::adapters
