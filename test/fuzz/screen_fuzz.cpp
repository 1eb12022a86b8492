#include "adapters/embedded.hpp"
#include "adapters/pattern_file.hpp"
#include "adapters/utf8.hpp"
#include "core/classify.hpp"
#include "core/screen.hpp"
#include "test/fuzz/require.hpp"
#include "test/support/fixed_zones.hpp"

#include <array>
#include <cstdint>
#include <vector>

// Any bytes as one agent's screen: taken apart and judged. The first byte chooses the agent and the hour.

using namespace failover;

namespace {

std::vector<core::PatternTable> all_tables() {
  std::vector<core::PatternTable> tables;
  for (auto const& [agent, text] : adapters::embedded_agents())
    tables.push_back(adapters::builtin_pattern_table(agent).value());
  return tables;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  static auto const tables = all_tables();
  if (size == 0) return 0;
  auto const& table = tables[data[0] % tables.size()];
  std::string_view const screen{reinterpret_cast<char const*>(data) + 1, size - 1};
  core::WallTime const now{std::chrono::hours{24 * 365 * 56 + data[0]}};
  auto const reading = core::read_screen(table, screen, now, fixed_zones(), "Test/Summer");
  CF_REQUIRE(adapters::is_valid_utf8(reading.seen.evidence.text));
  CF_REQUIRE(reading.seen.evidence.text.size() <= 4 * 121);
  CF_REQUIRE(adapters::is_valid_utf8(reading.newest_prompt) && reading.newest_prompt.size() <= 200);
  CF_REQUIRE((reading.seen.state == core::ScreenState::unknown) == reading.seen.rule.empty());
  auto const again = core::read_screen(table, screen, now, fixed_zones(), "Test/Summer");
  CF_REQUIRE(again == reading);
  return 0;
}
