#pragma once

#include "core/result.hpp"
#include "core/time.hpp"

#include <string>
#include <string_view>

namespace failover::adapters {

/// Posts JSON to the daemon over its unix socket and gives the status of the answer; blocks at most `timeout` in all.
///
/// For the commands that agents call, which have no time for a loop. Errors: `unavailable` (nobody answers there),
/// `timed_out` (what was sent may arrive all the same), `permission` (the socket belongs to another user), `invalid`
/// (path too long, or the answer is no HTTP).
[[nodiscard]] core::Result<unsigned> control_post(std::string const& socket_path, std::string_view target,
                                                  std::string_view body, core::Duration timeout);

}  // namespace failover::adapters
