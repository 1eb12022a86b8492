#pragma once

#include "core/result.hpp"
#include "core/time.hpp"
#include "core/transcript.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace failover::adapters {

/// What a transcript told in one reading.
struct TranscriptGain {
  std::vector<core::TranscriptRow> rows = {};  ///< oldest first
  std::size_t bytes = 0;                       ///< read for them
  std::size_t broken = 0;                      ///< rows that were skipped: no JSON, not in UTF-8, too long
  bool more = false;                           ///< there is more to read at once
};

/// Adds the rows of the complete lines at the beginning of some bytes, their places counted from there; returns how
/// many bytes those lines take.
[[nodiscard]] std::size_t take_rows(std::string_view bytes, TranscriptGain& gain);

/// How far back the reading of a file begins that was there before us.
inline constexpr std::size_t transcript_tail_bytes = 256U << 10U;

/// Reads one transcript as it grows. Blocks: not for the loop's thread.
///
/// Keeps a place, no descriptor and no bytes, so that thousands of them cost little. The place is at the beginning of
/// a line and moves over complete lines only; a line that is not complete yet is read when it is, however it arrives.
/// At first sight the place is at most `first_bytes` before the end. A file that became shorter, that is another one
/// by the same name, or whose place is no beginning of a line any more was rewritten: it is seen for the first time
/// again. Rows of subagents' files (`agent-*.jsonl`, or in a directory `subagents`) count as sidechain, whether they
/// say so or not.
class TranscriptFile {
 public:
  explicit TranscriptFile(std::string path, std::size_t first_bytes = transcript_tail_bytes);

  /// The rows since the last call, of at most one row's bound of bytes; `more` asks for another call. A file that at
  /// first sight was last written before `fresh_since` is not read: its end is remembered.
  ///
  /// Fails with `not_found` when the file is gone (the place is kept, for it may be back when its directory is; one
  /// that was deleted is no longer asked), `refused` when it is no regular file (a link, too: the directory may be
  /// reached by one, the file may not), `permission` and `io`. Never waits on a pipe.
  [[nodiscard]] core::Result<TranscriptGain> read_new(core::WallTime fresh_since = {});

  [[nodiscard]] std::string const& path() const { return path_; }

 private:
  struct Sight;  ///< which file it is, and its size

  void begin(Sight const& sight, std::uint64_t last_bytes);
  [[nodiscard]] core::Result<TranscriptGain> read_from(int file, std::uint64_t size);
  /// Looks at what an incomplete line gained, once; false when its end has come.
  [[nodiscard]] core::Result<bool> line_still_open(int file, std::uint64_t size, TranscriptGain& gain);
  [[nodiscard]] core::Result<void> read_lines(int file, std::uint64_t size, TranscriptGain& gain);
  [[nodiscard]] std::uint64_t identity() const;
  void give_up_line(std::uint64_t next, TranscriptGain& gain);

  std::string path_;
  std::size_t first_bytes_;
  bool of_subagent_;
  bool known_ = false;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  std::uint64_t times_begun_ = 0;
  std::uint64_t place_ = 0;    ///< what stands before it is done with
  std::uint64_t scanned_ = 0;  ///< from place_ to here there is no line feed
  bool in_line_ = false;       ///< place_ is inside a line that is not wanted
};

}  // namespace failover::adapters
