#include "daemon/detector.hpp"

#include "adapters/pattern_file.hpp"
#include "adapters/zone_lookup.hpp"
#include "core/classify.hpp"

#include <memory>
#include <utility>

namespace failover::daemon {

core::Result<core::AgentReader> make_agent_reader(std::string const& agent, std::string const& pattern_directory) {
  auto table = adapters::find_pattern_table(agent, pattern_directory);
  if (!table) return table.error();
  auto const shared = std::make_shared<core::PatternTable const>(std::move(*table));
  auto const zones = adapters::system_zones();
  core::AgentReader reader;
  reader.screen = [shared, zones](std::string_view screen, core::WallTime now) {
    return core::read_screen(*shared, screen, now, zones, "");
  };
  reader.message = [shared, zones](std::string_view message, core::WallTime at) {
    return core::read_message(*shared, message, at, zones, "");
  };
  return reader;
}

}  // namespace failover::daemon
