#pragma once

#include "core/result.hpp"

#include <string>

namespace failover::adapters {

/// The Error of a failed system call: `what` says what was tried and where, the system's own words follow.
[[nodiscard]] core::Error errno_error(int number, std::string const& what);

}  // namespace failover::adapters
