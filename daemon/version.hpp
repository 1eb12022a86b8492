#pragma once

#include <string>

namespace failover::daemon {

/// "0.3.0"
[[nodiscard]] std::string version();

}  // namespace failover::daemon
