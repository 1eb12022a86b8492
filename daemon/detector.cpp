#include "daemon/detector.hpp"

#include "adapters/pattern_file.hpp"
#include "adapters/zone_lookup.hpp"
#include "core/classify.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace failover::daemon {
namespace {

constexpr std::size_t most_remembered = 128;       ///< screens: a fleet's panes
constexpr std::size_t longest_remembered = 65536;  ///< bytes of one

/// The last screens and what was read of them. A reading with a time of reset depends on when it was made (a clock is
/// its next occurrence, a duration counts from now) and is not kept; any other is the same at every instant.
class ReadingMemory {
 public:
  [[nodiscard]] core::Reading const* find(std::string_view screen) const {
    for (auto const& known : known_)
      if (known.screen == screen) return &known.reading;
    return nullptr;
  }

  void keep(std::string_view screen, core::Reading const& reading) {
    if (reading.seen.resets_at || screen.size() > longest_remembered) return;
    if (known_.size() < most_remembered) {
      known_.push_back({std::string(screen), reading});
      return;
    }
    known_[oldest_] = {std::string(screen), reading};
    oldest_ = (oldest_ + 1) % most_remembered;
  }

 private:
  struct Known {
    std::string screen = {};
    core::Reading reading = {};
  };
  std::vector<Known> known_;
  std::size_t oldest_ = 0;
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
