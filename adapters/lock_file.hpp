#pragma once

#include "adapters/unique_fd.hpp"
#include "core/result.hpp"

#include <string>

namespace failover::adapters {

/// Takes the exclusive lock of a state directory: `<dir>/lock`, with our process id in it for whoever finds it taken.
///
/// The lock holds as long as the descriptor lives and is gone with the process, however that ends; the file stays.
/// already_exists names the process that holds it.
[[nodiscard]] core::Result<UniqueFd> take_lock(std::string const& dir);

}  // namespace failover::adapters
