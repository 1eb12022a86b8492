#include "daemon/detector.hpp"

#include "adapters/pattern_file.hpp"
#include "adapters/zone_lookup.hpp"
#include "core/classify.hpp"

#include <memory>
#include <utility>

namespace failover::daemon {

core::Result<core::ScreenReader> make_screen_reader(std::string const& agent, std::string const& pattern_directory) {
  auto table = adapters::find_pattern_table(agent, pattern_directory);
  if (!table) return table.error();
  auto const shared = std::make_shared<core::PatternTable const>(std::move(*table));
  return core::ScreenReader([shared, zones = adapters::system_zones()](std::string_view screen, core::WallTime now) {
    return core::read_screen(*shared, screen, now, zones, "");
  });
}

}  // namespace failover::daemon
