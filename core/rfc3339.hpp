#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace failover::core {

[[nodiscard]] std::string to_rfc3339(WallTime at);
[[nodiscard]] std::optional<WallTime> from_rfc3339(std::string_view text);

}  // namespace failover::core
