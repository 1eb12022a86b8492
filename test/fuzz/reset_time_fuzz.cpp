#include "core/reset_time.hpp"
#include "test/fuzz/require.hpp"
#include "test/support/fixed_zones.hpp"

#include <cstdint>
#include <cstring>

// Any bytes as what follows "resets"; the first eight are the clock.

using namespace failover;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::uint64_t clock = 0;
  if (size < sizeof clock) return 0;
  std::memcpy(&clock, data, sizeof clock);
  constexpr std::uint64_t years_to_2200 = 7'258'118'400'000;
  core::WallTime const now{core::Duration{static_cast<std::int64_t>(clock % years_to_2200)}};
  std::string_view const phrase{reinterpret_cast<char const*>(data) + sizeof clock, size - sizeof clock};
  auto const reset = core::read_reset_time(phrase, now, fixed_zones(), "Test/Summer");
  if (!reset) return 0;
  CF_REQUIRE(reset->length > 0 && reset->length <= phrase.size());
  CF_REQUIRE(core::read_reset_time(phrase, now, fixed_zones(), "Test/Summer") == reset);
  // What was understood is understood without what follows it.
  auto const alone = core::read_reset_time(phrase.substr(0, reset->length), now, fixed_zones(), "Test/Summer");
  CF_REQUIRE(alone.has_value());
  return 0;
}
