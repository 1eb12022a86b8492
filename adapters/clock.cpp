#include "adapters/clock.hpp"

#include <chrono>
#include <random>

namespace failover::adapters {

core::Now read_clock() {
  auto const wall = std::chrono::floor<core::Duration>(std::chrono::system_clock::now());
  auto const mono = std::chrono::floor<core::Duration>(std::chrono::steady_clock::now().time_since_epoch());
  return {wall, core::MonoTime{mono}};
}

std::uint64_t random_word() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

}  // namespace failover::adapters
