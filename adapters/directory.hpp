#pragma once

#include "adapters/unique_fd.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace failover::adapters {

/// Opens a directory for looking, for the *at system calls and for sync_directory(). Links are followed.
[[nodiscard]] core::Result<UniqueFd> open_directory(std::string const& path);

/// Makes the names in a directory durable. `path` serves the error.
[[nodiscard]] core::Result<void> sync_directory(UniqueFd const& directory, std::string const& path);

/// The names in a directory, in no order, "." and ".." left out; at most `max_names`, the rest is not looked at.
[[nodiscard]] core::Result<std::vector<std::string>> list_names(UniqueFd const& directory, std::string const& path,
                                                                std::size_t max_names);

}  // namespace failover::adapters
