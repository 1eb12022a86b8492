#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The command lines that we put into an agent's settings, and how we know them again.
namespace failover::adapters {

/// What our command lines are made of. All absolute and UTF-8.
struct HookCommands {
  std::string program = {};  ///< this program; its name begins with own_program_name
  std::string socket = {};   ///< the daemon's control socket
  std::string spool = {};    ///< directory for what the daemon did not take
  bool operator==(HookCommands const&) const = default;
};

constexpr std::string_view own_program_name = "claude-failover";

/// The text as one word of a POSIX shell, always in single quotes.
[[nodiscard]] std::string shell_quoted(std::string_view text);

/// The words of a simple shell command. Nothing for a command with anything else in it: an operator, an expansion, a
/// second line, an open quote.
[[nodiscard]] std::optional<std::vector<std::string>> shell_words(std::string_view command);

[[nodiscard]] std::string hook_command(HookCommands const& commands);
[[nodiscard]] std::string status_line_command(HookCommands const& commands);

/// A status line command of ours, and the person's own that it calls, if any.
struct OwnStatusLine {
  HookCommands commands = {};
  std::optional<std::string> chained = {};
  bool operator==(OwnStatusLine const&) const = default;
};

/// The command read back. Nothing where it is not ours: `<…/claude-failover…> hook --socket S …`, or `statusline` in
/// the place of `hook`, and nothing around it.
[[nodiscard]] std::optional<HookCommands> own_hook_command(std::string_view command);
[[nodiscard]] std::optional<OwnStatusLine> own_status_line_command(std::string_view command);

}  // namespace failover::adapters
