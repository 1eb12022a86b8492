#pragma once

#include "adapters/task_file.hpp"
#include "core/names.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace failover::adapters {

/// What is asked for beside what a task's file says.
struct AskedKeys {
  std::optional<core::SessionName> session = {};
  std::optional<std::int64_t> priority = {};
};

/// The bytes of a good task's file with these keys in it, in place of its own; a text without front matter gets one.
///
/// Every other byte stays. invalid where that cannot be done line by line (its keys stand in one `{…}`, or a value over
/// several lines), and for a value that no task may have.
[[nodiscard]] core::Result<std::string> with_keys(TaskFormat format, std::string_view bytes, AskedKeys const& asked);

}  // namespace failover::adapters
