#pragma once

#include <optional>
#include <string>

namespace failover::daemon {

/// What `classify` was asked for.
struct ClassifyOptions {
  std::string agent = "claude-code";
  std::optional<std::string> now = {};  ///< RFC 3339; the clock when absent
  std::optional<std::string> tz = {};   ///< zone of times that name none; the machine's when absent
  std::string patterns = {};            ///< a file with the table to use for `agent` instead of its own; "" = none
  bool jsonl = false;                   ///< one JSON object a line in, one out
  std::string file = "-";               ///< "-" = standard input
};

/// Reads one captured screen (or, with `jsonl`, one a line) and prints what is on it as JSON on standard output, one
/// object a line. With `jsonl` a line that cannot be answered gives `{"id":…,"error":…}` and the rest goes on; every
/// answer is flushed. Of a longer input than core::max_screen_bytes only the end is read, rows count from there.
/// Returns the exit code: 0; 64 for a bad agent, table, time or zone; 74 when reading or writing failed.
[[nodiscard]] int run_classify(ClassifyOptions const& options);

}  // namespace failover::daemon
