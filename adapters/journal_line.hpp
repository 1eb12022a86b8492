#pragma once

#include "adapters/heard.hpp"
#include "core/config.hpp"
#include "core/event.hpp"
#include "core/result.hpp"
#include "core/state.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// The lines of a journal: what the engine was told, what it did, and all that it takes to do it again.
///
/// A segment is a line with the configuration and the whole state, then a line a step. Each segment stands for itself.
namespace failover::adapters {

inline constexpr std::int64_t journal_version = 1;

struct JournalSegment {
  std::string program = {};  ///< the version that wrote it
  std::string because = {};  ///< why it begins: `start`, `reload`, `new file`, `gap`
  std::uint64_t lost = 0;    ///< steps before it that are not in the journal
  bool dry_run = false;
  core::Now now = {};
  core::Config config = {};
  core::State state = {};
  bool operator==(JournalSegment const&) const = default;
};

struct JournalStep {
  std::uint64_t number = 0;  ///< of the process's life
  core::Now now = {};
  core::Event event = {};
  std::vector<std::pair<core::PaneRef, core::Reading>> readings = {};  ///< that are not as they were before
  std::vector<Heard::Message> messages = {};
  std::vector<std::string> effects = {};  ///< of adapters/acting_effects.hpp
  bool operator==(JournalStep const&) const = default;
};

using JournalLine = std::variant<JournalSegment, JournalStep>;

/// Writes lines, each with its line break. What an event or a reading repeats is not written again within a segment; a
/// look at the queue is written as what changed since the one before.
class JournalEncoder {
 public:
  [[nodiscard]] std::string segment(JournalSegment const& segment);

  /// `event` as the engine was told it, and `heard` from it. Of the texts only what core decides by is written.
  [[nodiscard]] std::string step(std::uint64_t number, core::Event const& event, core::Now now, Heard const& heard,
                                 std::vector<std::string> const& effects);

 private:
  void forget_gone(core::event::PanesListed const& listed);

  std::map<std::string_view, std::string> last_events_ = {};  ///< by type, as JSON
  std::map<core::PaneRef, core::Reading> last_readings_ = {};
  core::QueueListing last_listing_ = {};
};

/// Reads them back, in order.
class JournalDecoder {
 public:
  /// unsupported for a line of a newer version, invalid for anything else that a JournalEncoder would not have written.
  [[nodiscard]] core::Result<JournalLine> take(std::string_view line);

 private:
  std::map<std::string, core::Event> last_events_ = {};
  core::QueueListing last_listing_ = {};
};

}  // namespace failover::adapters
