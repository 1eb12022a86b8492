#include "core/retry.hpp"

#include <algorithm>

namespace failover::core {
namespace {

constexpr Duration first_pause = std::chrono::seconds{30};
constexpr Duration longest_pause = std::chrono::minutes{15};

}  // namespace

Duration retry_pause(std::int64_t attempts_made) {
  Duration pause = first_pause;
  if (attempts_made <= 0) return Duration::zero();
  for (std::int64_t attempt = 1; attempt < attempts_made && pause < longest_pause; ++attempt) pause *= 2;
  return std::min(pause, longest_pause);
}

}  // namespace failover::core
