#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The commands that stand in an agent's settings: `claude-failover hook` and `claude-failover statusline`.
///
/// Each hands what the agent writes to standard input to the daemon, within 20 ms, or puts it into the spool. The agent
/// must never suffer from us: the exit code is 0 and standard error is empty, whatever happens. `hook` prints nothing,
/// for the agent would show that to its model; `statusline` prints one short line, or becomes the user's own command.
namespace failover::daemon {

struct HookOptions {
  std::string socket = {};              ///< of the daemon; "" = as the configuration says
  std::string spool = {};               ///< directory; "" = as the configuration says
  std::vector<std::string> chain = {};  ///< statusline: the user's own status line
  bool help = false;
};

/// Reads the arguments after the command's name. What it does not know it passes over: a wrong argument must not
/// break the agent.
[[nodiscard]] HookOptions hook_options(std::vector<std::string_view> const& arguments);

/// The exit code when the command line is one of the two commands (and does not ask for help), else nothing. Costs
/// nothing then.
[[nodiscard]] std::optional<int> run_hook_command(int argc, char const* const* argv);

/// `5h 71% · week 40%`, or "" when neither is known.
[[nodiscard]] std::string usage_line(std::string_view envelope);

}  // namespace failover::daemon
