#pragma once

#include <string>
#include <string_view>

namespace failover::adapters {

/// The text with U+FFFD in place of each byte that is no UTF-8 (overlong forms and surrogates included).
///
/// Boost.JSON writes such bytes as they are, and Prometheus drops the whole scrape for one of them.
[[nodiscard]] std::string valid_utf8(std::string_view text);

}  // namespace failover::adapters
