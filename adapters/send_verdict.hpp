#pragma once

#include "core/world.hpp"

#include <optional>
#include <string>

namespace failover::adapters {

/// What an HTTP status other than success means for a message. 400, 401, 403, 404 and 422 are permanent; 429 and 5xx,
/// and what nobody expects, are not. `said` is the service's own text, already short and in one line, or empty.
[[nodiscard]] core::SendFailure refused_by_status(std::string const& service, unsigned status, std::string const& said,
                                                  std::optional<core::Duration> retry_after);

[[nodiscard]] core::SendFailure permanent_failure(core::Error error);
[[nodiscard]] core::SendFailure passing_failure(core::Error error);

}  // namespace failover::adapters
