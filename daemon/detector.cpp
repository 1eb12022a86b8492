#include "daemon/detector.hpp"

#include "adapters/pattern_file.hpp"
#include "adapters/zone_lookup.hpp"
#include "core/classify.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace failover::daemon {
namespace {

constexpr std::size_t most_remembered = 1024;  ///< screens
constexpr std::size_t most_bytes = std::size_t{8} << 20;
constexpr std::size_t longest_remembered = 65536;  ///< bytes of one screen

/// The last screens at rest and what was read of them. A reading with a time of reset depends on when it was made (a
/// clock is its next occurrence, a duration counts from now) and is not kept; any other is the same at every instant.
class ReadingMemory {
 public:
  [[nodiscard]] core::Reading const* find(std::string_view screen) const {
    auto const known = known_.find(screen);
    return known == known_.end() ? nullptr : &known->second;
  }

  void keep(std::string_view screen, core::Reading const& reading) {
    bool const changes_soon = reading.seen.state == core::ScreenState::working;
    if (changes_soon || reading.seen.resets_at || screen.size() > longest_remembered) return;
    while (!order_.empty() && (order_.size() >= most_remembered || bytes_ + screen.size() > most_bytes))
      forget_oldest();
    auto const [entry, added] = known_.emplace(screen, reading);
    if (!added) return;
    order_.push_back(&entry->first);
    bytes_ += screen.size();
  }

 private:
  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  void forget_oldest() {
    auto const oldest = known_.find(*order_.front());
    order_.pop_front();
    bytes_ -= oldest->first.size();
    known_.erase(oldest);
  }

  std::unordered_map<std::string, core::Reading, TextHash, std::equal_to<>> known_ = {};
  std::deque<std::string const*> order_ = {};  ///< the oldest first
  std::size_t bytes_ = 0;                      ///< of all texts
};

}  // namespace

core::Result<core::AgentReader> make_agent_reader(std::string const& agent, std::string const& pattern_directory) {
  auto table = adapters::find_pattern_table(agent, pattern_directory);
  if (!table) return table.error();
  auto const shared = std::make_shared<core::PatternTable const>(std::move(*table));
  auto const memory = std::make_shared<ReadingMemory>();
  auto const zones = adapters::system_zones();
  core::AgentReader reader;
  reader.screen = [shared, memory, zones](std::string_view screen, core::WallTime now) {
    if (auto const* known = memory->find(screen)) return *known;
    auto reading = core::read_screen(*shared, screen, now, zones, "");
    memory->keep(screen, reading);
    return reading;
  };
  reader.message = [shared, zones](std::string_view message, core::WallTime at) {
    return core::read_message(*shared, message, at, zones, "");
  };
  return reader;
}

}  // namespace failover::daemon
