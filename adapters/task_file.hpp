#pragma once

#include "core/names.hpp"
#include "core/result.hpp"
#include "core/task.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

/// What stands in a task's file: text with optional YAML front matter between `---` lines (`*.md`, `*.txt`), or a YAML
/// map with the text under `prompt` (`*.yaml`).
namespace failover::adapters {

enum class TaskFormat { text, yaml };

/// By the end of the name; nothing for names that are no task's.
[[nodiscard]] std::optional<TaskFormat> task_format(std::string_view file_name);

struct TaskHead {
  std::optional<core::TaskId> id = {};
  core::TaskRequest request = {};
  bool operator==(TaskHead const&) const = default;
};

/// Whether the bytes are the whole file or only its beginning.
enum class Extent { whole, beginning };

/// Reads what the author asks for. Of text the first `max_front_matter` bytes and one line suffice; YAML must be whole.
///
/// Keys: session, kind, workdir, agent, account, priority, timeout, retries, after, not_before, id.
///
/// invalid, as `line:column: what`, for YAML that is malformed or nests deeper than a list of ids, for keys that are
/// unknown or stand twice, for values of another type or out of range, for an empty task.
[[nodiscard]] core::Result<TaskHead> parse_task(TaskFormat format, std::string_view bytes, Extent extent);

/// The same for a file that is not in the queue yet, whole: what the scan would refuse later is refused before anything
/// is written. invalid, too, for a name that is no task's; too_large beyond `max_bytes`.
[[nodiscard]] core::Result<TaskHead> check_task(std::string_view file_name, std::string_view bytes,
                                                std::size_t max_bytes);

/// What stands between the `---` lines of a text, a part of `bytes`; nothing where there are none, or no second.
[[nodiscard]] std::optional<std::string_view> front_matter_of(std::string_view bytes);

/// Whether a text can be a task's id: 1 to 64 letters, digits, `_` and `-`, no `-` first.
[[nodiscard]] bool is_task_id(std::string_view text);

inline constexpr std::size_t max_front_matter = std::size_t{16} << 10;

}  // namespace failover::adapters
