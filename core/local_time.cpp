#include "core/local_time.hpp"

namespace failover::core {

using namespace std::chrono;

std::optional<LocalSeconds> local_time(ZoneLookup const& zones, std::string_view zone, WallTime at) {
  auto const period = zones(zone, at);
  if (!period) return std::nullopt;
  return LocalSeconds{floor<seconds>(at).time_since_epoch() + period->offset};
}

std::optional<WallTime> instant(ZoneLookup const& zones, std::string_view zone, LocalSeconds local) {
  WallTime const as_utc{duration_cast<Duration>(local.time_since_epoch())};
  constexpr hours farthest{27};  // no zone is further from UTC
  auto period = zones(zone, as_utc - farthest);
  if (!period) return std::nullopt;
  std::optional<WallTime> found;
  for (int i = 0; i < 16; ++i) {
    WallTime const candidate = as_utc - period->offset;
    if (candidate >= period->begin && candidate < period->end) found = candidate;
    if (period->end > as_utc + farthest) break;
    auto const next = zones(zone, period->end);
    if (!next || next->begin <= period->begin) break;
    if (!found && candidate >= period->end && as_utc - next->offset < next->begin) found = candidate;
    period = next;
  }
  return found;
}

}  // namespace failover::core
