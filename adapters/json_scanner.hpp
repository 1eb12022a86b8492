#pragma once

#include "core/result.hpp"

#include <cstddef>
#include <string_view>

namespace failover::adapters {

/// Checks that `text` is one JSON value from `begin` to its end, white space around it; see JsonText::scan for what is
/// refused and how.
[[nodiscard]] core::Result<void> check_json(std::string_view text, std::size_t begin);

}  // namespace failover::adapters
