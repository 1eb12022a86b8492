#pragma once

#include "core/names.hpp"
#include "core/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace failover::adapters {

/// A task that lies in pending/.
struct DeliveredTask {
  core::TaskId id = {};  ///< the one that a scan will find
  std::string file_name = {};
  bool operator==(DeliveredTask const&) const = default;
};

/// Puts a task into the queue as another program would: written whole in tmp/, renamed into pending/, both on disk when
/// this returns. Works beside a daemon and without one.
///
/// Never replaces a file: where the name is taken, it is numbered. `given` is the id that stands in the file, where one
/// does. On failure nothing is left behind.
[[nodiscard]] core::Result<DeliveredTask> deliver_task(std::string const& root, std::string const& title,
                                                       std::string_view bytes, std::optional<core::TaskId> given);

}  // namespace failover::adapters
