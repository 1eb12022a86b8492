#pragma once

#include "core/event.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Where envelopes wait that the daemon did not take: one file each, `<epoch ms>-<16 hex digits>.json`.
///
/// The directory is ours alone (0700, its files 0600); one that is a link, belongs to another user or may be written
/// by others is refused, for who writes there can forge a limit. Links in it are never followed. All of this blocks,
/// but not on the disk: nothing is synced, and a file that a power cut emptied counts as a bad one.
namespace failover::adapters {

struct SpoolLimits {
  std::size_t files = 1000;
  std::size_t bytes = 8 << 20;
};

struct SpoolEntry {
  core::WallTime at = {};
  std::string_view envelope = {};
  std::string_view series = {};  ///< of one series only the newest is kept, as for figures; "" = none
};

/// Puts an envelope into the spool, which is made when it is missing. Where it is full the oldest go. Errors:
/// `permission` (not a directory of ours), `too_large` (larger than the whole spool may be), `no_space`, `io`.
[[nodiscard]] core::Result<void> write_spool(std::string const& directory, SpoolEntry const& entry,
                                             SpoolLimits const& limits = {});

/// What one reading of the spool gave.
struct SpoolReading {
  struct News {
    std::string envelope = {};
    core::Event event;
  };
  std::vector<News> news = {};            ///< oldest first
  std::size_t bad = 0;                    ///< files that held no envelope; removed
  std::vector<std::string> remarks = {};  ///< for the log: the first few bad files and why
};

/// Takes what waits in the spool, oldest first, at most `limits` at once; each file is removed as soon as it is read.
/// No directory is an empty one. An envelope of a newer version stays for the daemon that can read it, and what has
/// no name of ours stays too, except temporary files older than a minute. Errors: `permission`, `io`.
[[nodiscard]] core::Result<SpoolReading> read_spool(std::string const& directory, core::WallTime now,
                                                    SpoolLimits const& limits = {});

}  // namespace failover::adapters
