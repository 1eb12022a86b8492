#include "adapters/pattern_file.hpp"
#include "core/classify.hpp"
#include "test/fuzz/require.hpp"
#include "test/support/fixed_zones.hpp"

#include <cstdint>

// Any bytes as a user's pattern table: refused with a place, or a table that reads a screen.

using namespace failover;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string const text{reinterpret_cast<char const*>(data), size};
  auto const table = adapters::load_pattern_table(text, "agents/x.yaml");
  if (!table) {
    CF_REQUIRE(table.error().detail.starts_with("agents/x.yaml"));
    return 0;
  }
  static std::string const screen =
      "❯ go on\n  ⎿  You've hit your session limit · resets 3:20pm (UTC)\n\n────────\n❯\u00a0\n────────\n  ? for "
      "shortcuts\n" +
      std::string(2000, 'a') + "\n";
  (void)core::read_screen(*table, screen, core::WallTime{std::chrono::hours{24 * 365 * 56}}, fixed_zones(), "UTC");
  return 0;
}
