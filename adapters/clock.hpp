#pragma once

#include "core/time.hpp"

namespace failover::adapters {

/// One reading of the machine's clocks; the only place that reads them for the core.
[[nodiscard]] core::Now read_clock();

/// A random word from the kernel.
[[nodiscard]] std::uint64_t random_word();

}  // namespace failover::adapters
