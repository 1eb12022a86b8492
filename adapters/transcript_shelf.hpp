#pragma once

#include "adapters/transcript_file.hpp"
#include "adapters/transcript_watch.hpp"
#include "core/time.hpp"
#include "core/transcript.hpp"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace failover::adapters {

/// How much of the world is followed at once. What is beyond is left out and told once.
struct TranscriptBounds {
  std::size_t directories = 256;
  std::size_t files = 4096;            ///< the newest ones
  std::size_t names = 20'000;          ///< looked at in one directory
  std::size_t subagents = 512;         ///< directories of subagents
  std::size_t turn_bytes = 4U << 20U;  ///< read in one turn, the last file's part not counted
  std::size_t turn_files = 512;        ///< looked at in one turn
  std::size_t troubles = 200;          ///< told in a life
};

/// What one turn brought.
struct TranscriptNews {
  std::vector<core::TranscriptRow> rows = {};  ///< oldest first within a file
  std::vector<std::string> troubles = {};      ///< each is told once
  bool more = false;                           ///< another turn would bring more at once
};

/// The transcripts in some directories: which there are, and what they gain.
///
/// Reads and lists, so it blocks as long as the disk does: not for the loop's thread, and one thread at a time. Every
/// `*.jsonl` of a directory is followed, and those in `<conversation>/subagents/`. inotify says where to look; a scan
/// compares sizes and is the truth, so that a lost hint costs time only. A directory that is not there yet is awaited
/// at its nearest ancestor. A directory that two paths lead to is read once, by the first.
///
/// A file that is there at the first scan tells its last 256 KiB; one that appears later tells itself from its
/// beginning (at most its last MiB); one that was not written to for 7 days tells what it gains from then on. Files
/// of a directory that went away keep their place until the directory comes back.
class TranscriptShelf {
 public:
  explicit TranscriptShelf(TranscriptBounds bounds = {});

  /// The directories, by absolute paths; replaces those before. Takes effect with the next turn.
  void follow(std::vector<std::string> directories);

  /// Makes the next turn a scan.
  void scan_next() { scan_due_ = true; }

  /// Takes the hints in events as the kernel writes them; for tests of what it does rarely.
  void take(std::string_view events);

  /// Looks and reads, within the bounds of one turn.
  [[nodiscard]] TranscriptNews turn(core::WallTime now);

  /// Becomes readable when a turn would find hints; -1 without inotify, then only scans find something.
  [[nodiscard]] int descriptor() const { return watch_.descriptor(); }

 private:
  struct Scan;

  void scan(core::WallTime now);
  void scan_followed(std::string const& path, Scan& scan);
  void scan_subagents(std::string const& conversation, std::size_t first_bytes, Scan& scan);
  [[nodiscard]] core::Result<std::vector<std::string>> list(std::string const& path, std::size_t first_bytes,
                                                            Scan& scan);
  void await(std::string path);
  void settle(Scan& scan);
  void read_due(core::WallTime now);
  void read(std::string const& path, core::WallTime now, std::size_t& bytes);
  void note(TranscriptHints hints);
  void note(core::Result<void> const& outcome);
  void tell(std::string trouble);

  TranscriptBounds bounds_;
  TranscriptWatch watch_ = {};
  std::vector<std::string> directories_ = {};
  std::set<std::string> scanned_ = {};  ///< directories whose later files are new
  std::map<std::string, TranscriptFile> files_ = {};
  std::set<std::string> due_ = {};  ///< files to be read
  std::string last_read_ = {};
  bool scan_due_ = false;
  std::set<std::string> told_ = {};
  TranscriptNews news_ = {};
};

}  // namespace failover::adapters
