#pragma once

#include "core/names.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>

/// What an agent tells through the commands that are installed in its settings.
namespace failover::core {

/// From where a command was called: its own process environment, which the agent passes on.
struct Caller {
  std::int64_t server_pid = 0;  ///< of the tmux server, from `$TMUX`; 0 outside tmux
  PaneId pane = {};             ///< `$TMUX_PANE`
  std::string config_dir = {};  ///< `$CLAUDE_CONFIG_DIR`, "" when not set
  bool operator==(Caller const&) const = default;
};

/// One call of an installed hook.
struct HookCall {
  std::string name = {};  ///< `SessionStart`, `StopFailure`, …
  ConversationId conversation = {};
  std::string transcript_path = {};
  std::string cwd = {};
  Caller caller = {};
  WallTime at = {};             ///< when the hook ran; a spooled call is told later
  std::string error = {};       ///< of StopFailure: `rate_limit`, `authentication_failed`, …
  std::string message = {};     ///< `last_assistant_message` or a notification's text, at most max_hook_text bytes
  std::string detail = {};      ///< source of SessionStart, reason of SessionEnd, type of a notification, tool, …
  std::string prompt_id = {};   ///< of the turn, "" on older versions
  std::int64_t background = 0;  ///< of Stop: what the turn left running
  bool of_subagent = false;     ///< says something of the account, nothing of the session's phase
  bool operator==(HookCall const&) const = default;
};

/// How much of one window an account has used.
struct WindowUse {
  double used_percent = 0;
  WallTime resets_at = {};  ///< {} when it was not said
  bool operator==(WindowUse const&) const = default;
};

/// The figures that an agent hands to its status line.
struct UsageReport {
  ConversationId conversation = {};
  Caller caller = {};
  WallTime at = {};
  std::string version = {};
  std::optional<WindowUse> five_hour = {};
  std::optional<WindowUse> weekly = {};
  bool operator==(UsageReport const&) const = default;
};

inline constexpr std::size_t max_hook_text = 2000;

}  // namespace failover::core
