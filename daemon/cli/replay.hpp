#pragma once

#include <string>

namespace failover::daemon {

struct ReplayOptions {
  std::string path = {};
  bool json = false;
  bool quiet = false;  ///< print only what differs
};

/// Feeds a journal to the engine again and prints what it decides and does, a line each. Nothing else is touched.
///
/// 0 when each step did what the journal says it did; 1 when one did not (the first of them are shown) or a line is no
/// line of a journal (named and skipped; one that a crash has torn is no fault). 74 for a file that cannot be read,
/// 77 for one that may not, 78 for one of a newer version.
[[nodiscard]] int run_replay(ReplayOptions const& options);

}  // namespace failover::daemon
