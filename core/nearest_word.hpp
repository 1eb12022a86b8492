#pragma once

#include <span>
#include <string_view>

namespace failover::core {

/// The candidate that `word` was most likely meant to be, "" when none is near: at most two letters wrong, missing,
/// added or swapped with their neighbour, one in words of up to four letters.
[[nodiscard]] std::string_view nearest_word(std::string_view word, std::span<std::string_view const> candidates);

}  // namespace failover::core
