#pragma once

#include "daemon/exit_code.hpp"

namespace failover::daemon {

struct DemoOptions {
  bool keep = false;  ///< leave the temporary folder
  bool colour = false;
};

/// Shows a fail-over on a private tmux server with a toy agent on two toy accounts, in less than a minute: both
/// sessions hit the limit, the switch, both go on in their own conversations, one more task is dispatched and done.
/// `ok` only if all of that was seen. Leaves no process, and no file but with `keep`.
[[nodiscard]] ExitCode run_demo(DemoOptions const& options);

}  // namespace failover::daemon
