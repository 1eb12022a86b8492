#pragma once

#include "core/result.hpp"

#include <string_view>

namespace failover::adapters {

/// Reads both settings with the JSON library, which shares nothing with our editing of text, takes out what is ours,
/// and compares: `invalid` when one of them is no JSON to it, or when anything else differs. White space alone counts
/// as `{}`; an empty list of hooks counts as none.
[[nodiscard]] core::Result<void> prove_only_ours_changed(std::string_view before, std::string_view after);

}  // namespace failover::adapters
