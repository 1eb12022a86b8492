#include "daemon/detector.hpp"

#include "adapters/pattern_file.hpp"
#include "adapters/zone_lookup.hpp"
#include "core/classify.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace failover::daemon {
namespace {

constexpr std::size_t most_recent = 1024;  ///< screens of one generation
constexpr std::size_t most_bytes = std::size_t{1} << 20;
constexpr std::size_t longest_remembered = 65536;  ///< bytes of one screen
constexpr core::Duration generation = std::chrono::minutes{2};

/// The last screens at rest and what was read of them; those that nobody showed for two to four minutes are forgotten.
/// A reading with a time of reset depends on when it was made (a clock is its next occurrence, a duration counts from
/// now) and is not kept; any other is the same at every instant.
class ReadingMemory {
 public:
  [[nodiscard]] std::optional<core::Reading> find(std::string_view screen, core::WallTime now) {
    if (std::chrono::abs(now - begun_) >= generation) begin_generation(now);
    auto const key = std::hash<std::string_view>{}(screen);
    if (auto const recent = recent_.find(key); recent != recent_.end())
      return recent->second.screen == screen ? std::optional(recent->second.reading) : std::nullopt;
    auto const former = former_.find(key);
    if (former == former_.end() || former->second.screen != screen) return std::nullopt;
    bytes_ += screen.size();
    return recent_.insert(former_.extract(former)).position->second.reading;
  }

  void keep(std::string_view screen, core::Reading const& reading, core::WallTime now) {
    bool const changes_soon = reading.seen.state == core::ScreenState::working;
    if (changes_soon || reading.seen.resets_at || screen.size() > longest_remembered) return;
    if (recent_.size() >= most_recent || bytes_ >= most_bytes) begin_generation(now);
    auto const key = std::hash<std::string_view>{}(screen);
    if (recent_.try_emplace(key, Known{std::string(screen), reading}).second) bytes_ += screen.size();
  }

 private:
  struct Known {
    std::string screen = {};
    core::Reading reading = {};
  };

  void begin_generation(core::WallTime now) {
    former_ = std::exchange(recent_, {});
    bytes_ = 0;
    begun_ = now;
  }

  std::unordered_map<std::size_t, Known> recent_ = {};  ///< by the text's hash
  std::unordered_map<std::size_t, Known> former_ = {};
  std::size_t bytes_ = 0;  ///< of the recent texts
  core::WallTime begun_ = {};
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
    if (auto known = memory->find(screen, now)) return std::move(*known);
    auto reading = core::read_screen(*shared, screen, now, zones, "");
    memory->keep(screen, reading, now);
    return reading;
  };
  reader.message = [shared, zones](std::string_view message, core::WallTime at) {
    return core::read_message(*shared, message, at, zones, "");
  };
  return reader;
}

}  // namespace failover::daemon
