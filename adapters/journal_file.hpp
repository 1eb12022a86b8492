#pragma once

#include "adapters/unique_fd.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace failover::adapters {

/// A file that only grows, and its predecessor: `<path>` and `<path>.1`. Both can be read by their owner alone.
///
/// Blocks, so it belongs on the writer thread; nothing is synced, for a journal is worth no wait. A link, a directory
/// or anything else that is no plain file is refused and left alone. A file that somebody removed is made anew.
class JournalFile {
 public:
  explicit JournalFile(std::string path) : path_(std::move(path)) {}

  /// Appends whole lines. Where the last line there is torn (a crash, a full disk) they begin on a line of their own.
  [[nodiscard]] core::Result<void> append(std::string_view lines);

  /// What has been written becomes the predecessor; the one before is removed.
  [[nodiscard]] core::Result<void> begin_anew();

 private:
  [[nodiscard]] core::Result<void> open();

  std::string path_;
  UniqueFd file_ = {};
};

/// Bytes of the file at `path`, 0 when there is none.
[[nodiscard]] std::size_t journal_size(std::string const& path);

}  // namespace failover::adapters
