#pragma once

#include "adapters/task_file.hpp"
#include "adapters/unique_fd.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace failover::adapters {

/// What the file system says of a name, links not followed. Equal stamps: nothing happened to the file in between.
struct FileStamp {
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t written_ns = 0;  ///< mtime; nanoseconds of the Unix epoch, as the two below
  std::int64_t changed_ns = 0;  ///< ctime: of the last write, rename, link or change of attributes
  std::int64_t born_ns = 0;     ///< 0 where the file system does not tell
  std::uint32_t mode = 0;
  std::uint32_t links = 0;
  std::uint32_t owner = 0;
  bool operator==(FileStamp const&) const = default;

  [[nodiscard]] core::WallTime written() const;
  [[nodiscard]] core::WallTime changed() const;
};

/// not_found when there is no such name.
[[nodiscard]] core::Result<FileStamp> stamp_of(UniqueFd const& directory, std::string const& name);

/// The id of a task whose author gave none: a ULID of the time of its last write, its random part drawn from inode,
/// time of birth and time of writing. So a file that nobody touches keeps its id over scans, restarts and renames; two
/// files never share one; and a file that was written anew is a new task.
[[nodiscard]] core::TaskId derived_id(FileStamp const& stamp);

/// What one look at a task's file came to.
struct Judgement {
  bool whole = true;                      ///< false: somebody has it open for writing, or wrote while we read
  std::optional<core::Error> unfit = {};  ///< why it can never be given out
  TaskHead head = {};
};

/// Opens a plain file of ours by its name in the directory, without following anything, and reads what it asks for.
///
/// `stamp` is what was seen of the name; a file that differs from it is not whole. not_found when it is gone; another
/// error when we lack the means (descriptors, memory), which says nothing about the file.
[[nodiscard]] core::Result<Judgement> judge_file(UniqueFd const& directory, std::string const& name,
                                                 FileStamp const& stamp, TaskFormat format, std::size_t max_bytes);

/// The first bytes of a plain file by its name in the directory, nothing followed; "" where there is none to read.
[[nodiscard]] std::string beginning_of(UniqueFd const& directory, std::string const& name, std::size_t max_bytes);

/// Why a thing of that kind can never be a task's file: not a plain file, another name elsewhere, another owner, too
/// large. Nothing when it can.
[[nodiscard]] std::optional<core::Error> unfit_by_stamp(FileStamp const& stamp, std::size_t max_bytes);

}  // namespace failover::adapters
