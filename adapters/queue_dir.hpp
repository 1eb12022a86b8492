#pragma once

#include "adapters/clock.hpp"
#include "adapters/queue_scan.hpp"
#include "core/config.hpp"
#include "core/names.hpp"
#include "core/result.hpp"
#include "core/task.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace failover::adapters {

/// The task queue on disk: which directory a file lies in is the state of its task, and every move is one rename.
///
/// Everything here blocks, so it belongs on the writer thread, all calls on the same one. Nothing is ever followed: a
/// symlink is refused or moved as what it is. Names are bytes; what a person or a message sees is TaskFile::title.
///
/// An id comes from the front matter, else from the name (`<title>.<id>`, which a file that came back has), else from
/// derived_id(). It must be unique among the files that wait, run, are held or are done.
class QueueDirectory {
 public:
  /// `root` is the queue's directory; of the configuration the limits are used.
  QueueDirectory(std::string root, core::DispatcherConfig const& config);

  /// prepare_queue(): directories made and checked.
  [[nodiscard]] core::Result<void> prepare() const;

  /// QueueScanner::scan(): what lies where.
  [[nodiscard]] core::Result<core::QueueListing> scan(core::Now now = read_clock());

  /// Moves a file of pending/ to `claimed/<title>.<id>.<claim>`, whose path it returns. Repeating a claim that was made
  /// is harmless. not_found: it is gone, or is not the file that was scanned any more.
  [[nodiscard]] core::Result<std::string> claim(core::TaskFile const& task, core::ClaimId const& claim) const;

  /// Moves a task's file to `<result.place>/<title>.<id>`, its result written beside it before (back to pending/
  /// without one), and removes its signals. The file is looked for where `task` says and among the claimed. Repeating
  /// a move that was made is harmless. not_found: there is no such file.
  [[nodiscard]] core::Result<void> move(core::TaskFile const& task, core::TaskResult const& result) const;

  /// Removes files with their results from done/ and failed/ and returns how many there were. refused, and nothing
  /// removed, when a task lies elsewhere. Directories are removed only when empty.
  [[nodiscard]] core::Result<std::size_t> remove_finished(std::vector<core::TaskFile> const& tasks) const;

 private:
  std::string root_;
  QueueScanner scanner_;
};

}  // namespace failover::adapters
