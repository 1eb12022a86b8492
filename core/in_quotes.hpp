#pragma once

#include <string>
#include <string_view>

namespace failover::core {

/// The text as a message may show it: in single quotes, at most 60 characters of it, nothing that a terminal obeys.
[[nodiscard]] std::string in_quotes(std::string_view text);

}  // namespace failover::core
