#include "adapters/replay.hpp"

#include "adapters/acting_effects.hpp"
#include "adapters/event_json.hpp"
#include "adapters/journaled.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace failover::adapters {

/// What the texts meant, as far as the journal has told.
struct Replay::Memory {
  std::map<std::string, core::Reading, std::less<>> screens = {};
  std::vector<Heard::Message> messages = {};  ///< of this step
  std::size_t unknown = 0;                    ///< in this step

  core::Reading screen(std::string_view key) {
    auto const known = screens.find(key);
    if (known != screens.end()) return known->second;
    ++unknown;
    return {};
  }
  core::Classification message(std::string_view text, core::WallTime at) {
    auto const known = std::find_if(messages.begin(), messages.end(), [&](auto const& candidate) {
      return candidate.text == text && candidate.at == at;
    });
    if (known != messages.end()) return known->said;
    ++unknown;
    return {};
  }
};

Replay::Replay() : memory_(std::make_shared<Memory>()) {}
Replay::~Replay() = default;

core::Result<std::optional<ReplayedStep>> Replay::take(std::string_view text) {
  auto line = decoder_.take(text);
  if (!line) return line.error();
  if (auto* const segment = std::get_if<JournalSegment>(&*line)) {
    *memory_ = {};
    core::AgentReader const reader{
        [memory = memory_](std::string_view key, core::WallTime) { return memory->screen(key); },
        [memory = memory_](std::string_view said, core::WallTime at) { return memory->message(said, at); }};
    engine_.emplace(segment->config, reader, core::EngineOptions{segment->dry_run});
    state_ = segment->state;
    segment_ = std::move(*segment);
    return std::optional<ReplayedStep>{};
  }
  auto& step = std::get<JournalStep>(*line);
  if (!engine_)
    return core::Error{core::ErrorKind::invalid,
                       "a step before the state that it began from: the journal's head is gone"};
  for (auto& [pane, reading] : step.readings) memory_->screens.insert_or_assign(screen_key(pane), std::move(reading));
  memory_->messages = std::move(step.messages);
  memory_->unknown = 0;
  ReplayedStep replayed;
  replayed.number = step.number;
  replayed.now = step.now;
  replayed.event = std::string(event_name(step.event));
  replayed.effects = engine_->step(state_, step.event, step.now);
  replayed.expected = std::move(step.effects);
  replayed.got = acting_effects(replayed.effects);
  replayed.unknown_texts = memory_->unknown;
  return std::optional(std::move(replayed));
}

}  // namespace failover::adapters
