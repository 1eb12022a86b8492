#pragma once

#include "core/config.hpp"
#include "core/names.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

/// How the configured agent is started and brought back. Claude Code's options `--session-id ID` and `--resume ID
/// [PROMPT]`; a prompt on the command line is submitted at once and is the surest delivery there is.
namespace failover::core {

using Environment = std::vector<std::pair<std::string, std::string>>;

/// A random (version 4) UUID made of two random words.
[[nodiscard]] ConversationId make_conversation_id(std::uint64_t high, std::uint64_t low);

/// The command of a session: its own where it has one, else `sessions.command`.
[[nodiscard]] std::vector<std::string> base_command(Config const& config, SessionName const& session);

[[nodiscard]] std::vector<std::string> start_command(std::vector<std::string> base, ConversationId const& conversation);

/// An empty prompt only shows the conversation and waits.
[[nodiscard]] std::vector<std::string> resume_command(std::vector<std::string> base, ConversationId const& conversation,
                                                      std::string const& prompt);

/// `CLAUDE_CONFIG_DIR` is the switch link, so that a flip moves the whole of the agent's configuration; in
/// SwitchMode::per_session it is the account's own directory.
[[nodiscard]] Environment agent_environment(Config const& config, AccountName const& account);

}  // namespace failover::core
