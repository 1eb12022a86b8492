#pragma once

#include <cstddef>
#include <string_view>

namespace failover::adapters {

/// How many bytes at the beginning are valid UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF).
[[nodiscard]] std::size_t valid_utf8_prefix(std::string_view text);

}  // namespace failover::adapters
