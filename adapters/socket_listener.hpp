#pragma once

#include "core/result.hpp"

#include <string>

#include <sys/types.h>

namespace failover::adapters {

/// The process that listens at a unix socket, by the kernel's word; also when it hangs. It sees a client that leaves
/// without a word. Never waits.
///
/// Errors: `not_found` nothing there, `unavailable` nobody listens, or its queue is full, `permission`, `io`.
[[nodiscard]] core::Result<pid_t> listener_of(std::string const& socket);

}  // namespace failover::adapters
