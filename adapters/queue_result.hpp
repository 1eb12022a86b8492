#pragma once

#include "core/task.hpp"

#include <optional>
#include <string>

namespace failover::adapters {

/// What stands beside a task that lies in held/, done/ or failed/, as far as a list shows it.
struct ResultNote {
  std::string reason = {};
  std::string session = {};
  std::optional<core::WallTime> ended_at = {};
  bool operator==(ResultNote const&) const = default;
};

/// Lenient: what is missing, no JSON, or of another type is empty.
[[nodiscard]] ResultNote read_result_note(std::string const& root, core::TaskFile const& task);

}  // namespace failover::adapters
