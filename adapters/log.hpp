#pragma once

#include "adapters/unique_fd.hpp"
#include "core/config.hpp"
#include "core/effect.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>

#include <unistd.h>

namespace failover::adapters {

/// One fact as one line of valid UTF-8 without controls, line break included, at most `max_log_line` bytes.
///
/// With a time the line begins with it; without one it is meant for the journal, which stamps by itself, and begins
/// with the priority (`<4>`, sd-daemon(3)). Values that are too long are cut; fields that find no room are left out
/// and `cut=true` says so.
[[nodiscard]] std::string log_line(core::LogFormat format, core::effect::Log const& entry,
                                   std::optional<core::WallTime> time);

/// A write of this size to a pipe is never split, POSIX's PIPE_BUF being larger.
inline constexpr std::size_t max_log_line = 2048;

/// Writes the log to standard error, in the journal's form where that leads to the journal (JOURNAL_STREAM).
///
/// Never blocks: a line that the other side has no room for is dropped and counted, and the next line that gets
/// through tells how many were. Expects SIGPIPE to be ignored.
class Log {
 public:
  explicit Log(core::LogConfig config, int descriptor = STDERR_FILENO);

  /// Another level and format from now on, after a reload.
  void replace(core::LogConfig config) { config_ = config; }

  /// Entries below the configured level are not written.
  void write(core::effect::Log const& entry, core::WallTime time);

  /// Lines that found no room since the start.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  [[nodiscard]] bool put(std::string const& line);

  core::LogConfig config_;
  int descriptor_;
  bool socket_ = false;
  bool journal_ = false;
  UniqueFd own_ = {};  ///< the same pipe or terminal opened again, without blocking
  bool torn_ = false;  ///< only a part of the last line went out
  std::uint64_t dropped_ = 0;
  std::uint64_t dropped_told_ = 0;
};

}  // namespace failover::adapters
