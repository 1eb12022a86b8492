#pragma once

#include "adapters/task_file.hpp"

/// The keys with which a task's author asks for something.
namespace failover::adapters {

struct TaskKeys {
  TaskHead head = {};
  bool prompted = false;  ///< the task's text stands among them
};

/// Reads a YAML map of keys that begins in the file's line `first_line`; `prompt` is a key of TaskFormat::yaml only.
/// invalid, as `line:column: what`, see parse_task().
[[nodiscard]] core::Result<TaskKeys> read_task_keys(std::string_view text, int first_line, TaskFormat format);

/// Whether there is nothing to read in it.
[[nodiscard]] bool is_blank(std::string_view text);

}  // namespace failover::adapters
