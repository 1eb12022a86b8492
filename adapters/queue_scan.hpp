#pragma once

#include "adapters/queue_file.hpp"
#include "core/result.hpp"
#include "core/task.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <map>
#include <string>

namespace failover::adapters {

/// Reads the queue's directories into a listing, remembering what it read: an unchanged file is opened once.
class QueueScanner {
 public:
  QueueScanner(std::string root, std::size_t max_task_bytes);

  /// Looks at claimed, pending, held, done and failed, listed in this order, and at the signals.
  ///
  /// A file in pending/ is listed when it is whole: nobody has it open for writing, and it was renamed after its last
  /// write or nothing happened to it for two seconds. Until then it is counted as settling. One that can never run is
  /// listed with the reason. Names that are no task's are passed over. At most `max_names_a_scan` names are looked at
  /// and `max_files_read_a_scan` files read; the rest settles until the next scan.
  [[nodiscard]] core::Result<core::QueueListing> scan(core::Now now);

 private:
  struct Known {
    FileStamp stamp = {};
    core::MonoTime since = {};  ///< first seen with this stamp
    bool judged = false;
    Judgement judgement = {};
  };
  using Memory = std::map<std::string, Known>;  ///< by "<place>/<name>"
  class Pass;

  std::string root_;
  std::size_t max_task_bytes_;
  Memory memory_ = {};
};

inline constexpr std::size_t max_names_a_scan = 100'000;
inline constexpr std::size_t max_files_read_a_scan = 2'000;

}  // namespace failover::adapters
