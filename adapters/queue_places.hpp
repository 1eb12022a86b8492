#pragma once

#include "adapters/unique_fd.hpp"
#include "core/result.hpp"

#include <string>
#include <string_view>

namespace failover::adapters {

/// Makes what is missing of the queue's directories (0700), clears what a crash left in them, and refuses what would be
/// unsafe, naming the cure: something that is no directory, that others own or may write to, or that lies on another
/// file system, where a move is no rename.
[[nodiscard]] core::Result<void> prepare_queue(std::string const& root);

/// Opens a directory of the queue by its name; one that is a symlink is refused.
[[nodiscard]] core::Result<UniqueFd> open_queue_place(std::string const& root, std::string_view place);

}  // namespace failover::adapters
