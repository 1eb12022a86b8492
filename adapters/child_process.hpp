#pragma once

#include "adapters/async.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

namespace failover::adapters {

struct ChildLimits {
  core::Duration time = std::chrono::seconds{5};  ///< then the child's whole process group is killed
  std::size_t bytes = 1 << 20;                    ///< kept of stdout and of stderr each; the rest is read and dropped
};

struct ChildResult {
  int status = 0;          ///< exit code, or 128 + number of the signal that ended it
  bool timed_out = false;  ///< what the child had done by then is unknown
  bool truncated = false;  ///< more than `bytes` came on stdout or stderr
  std::string out = {};
  std::string err = {};
  bool operator==(ChildResult const&) const = default;
};

/// Runs a program to its end, spawned as spawn.hpp says.
///
/// Completes when the child has ended and both outputs are closed, so a grandchild that keeps an output open is waited
/// for, up to the limit. A child that does not read its stdin is no error.
/// A child that ended badly is a value, not an Error. Errors: those of spawn(), and `cancelled`.
/// Cancelling kills the group and completes when the child is reaped; a loop that is destroyed kills it, too.
[[nodiscard]] Async<ChildResult> run_child(asio::any_io_executor executor, std::vector<std::string> argv,
                                           std::string stdin_text, ChildLimits limits);

}  // namespace failover::adapters
