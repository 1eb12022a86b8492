#pragma once

#include "core/result.hpp"

#include <string>
#include <string_view>

#include <sys/types.h>

namespace failover::adapters {

/// Where a path really lies, whether something stands there yet or not.
struct RealPlace {
  std::string path = {};    ///< its parents without any link; the last name as written, a symlink there not followed
  dev_t parent_device = 0;  ///< the file system of the nearest parent that exists
  bool operator==(RealPlace const&) const = default;
};

/// `invalid` when a part that does not exist is `..`, since nobody knows where that will lead.
[[nodiscard]] core::Result<RealPlace> real_place(std::string const& absolute_path);

/// Whether `path` is `directory` or below it; both as real_place() tells them.
[[nodiscard]] bool lies_within(std::string_view path, std::string_view directory);

/// The words of a symlink; "" for what is none.
[[nodiscard]] std::string link_text(std::string const& path);

}  // namespace failover::adapters
