#pragma once

#include "core/result.hpp"

#include <string>
#include <string_view>

namespace failover::adapters {

/// Bytes as they may stand in the value of a URL's query (RFC 3986, 2.1): all but letters, digits and `-._~` as %XX.
[[nodiscard]] std::string percent_encoded(std::string_view bytes);

/// The reverse; `invalid` for a '%' that two hexadecimal digits do not follow. A '+' stays what it is.
[[nodiscard]] core::Result<std::string> percent_decoded(std::string_view text);

}  // namespace failover::adapters
