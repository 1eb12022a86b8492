#include "adapters/clock.hpp"

#include <chrono>
#include <random>
#include <time.h>

namespace failover::adapters {

core::Now read_clock() {
  auto const wall = std::chrono::floor<core::Duration>(std::chrono::system_clock::now());
  // CLOCK_MONOTONIC stands still while the machine sleeps, and a cooldown would be stretched by the night.
  timespec boot{};
  (void)::clock_gettime(CLOCK_BOOTTIME, &boot);  // fails for a clock that does not exist, or a bad address
  auto const since_boot = std::chrono::seconds{boot.tv_sec} + std::chrono::nanoseconds{boot.tv_nsec};
  return {wall, core::MonoTime{std::chrono::floor<core::Duration>(since_boot)}};
}

std::uint64_t random_word() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

}  // namespace failover::adapters
