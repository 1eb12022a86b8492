#pragma once

#include "core/time.hpp"

#include <cstdint>
#include <random>
#include <vector>

namespace failover::sim {

/// All that is left to chance in one run. The same numbers on every platform: standard distributions differ.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : engine_(seed) {}

  [[nodiscard]] std::uint64_t word() { return engine_(); }
  /// 0 … n - 1.
  [[nodiscard]] std::int64_t below(std::int64_t n) {
    return static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(n));
  }
  [[nodiscard]] std::int64_t between(std::int64_t low, std::int64_t high) { return low + below(high - low + 1); }
  [[nodiscard]] core::Duration between(core::Duration low, core::Duration high) {
    return core::Duration{between(low.count(), high.count())};
  }
  [[nodiscard]] bool percent(std::int64_t n) { return below(100) < n; }
  [[nodiscard]] bool one_in(std::int64_t n) { return below(n) == 0; }
  template <class T>
  [[nodiscard]] T const& one_of(std::vector<T> const& items) {
    return items[static_cast<std::size_t>(below(std::ssize(items)))];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace failover::sim
