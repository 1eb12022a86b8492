#pragma once

#include "core/config.hpp"
#include "core/names.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// How the configured agent is started and brought back, by its profile. A prompt on the command line is submitted at
/// once and is the surest delivery there is.
namespace failover::core {

using Environment = std::vector<std::pair<std::string, std::string>>;

/// A random (version 4) UUID made of two random words.
[[nodiscard]] ConversationId make_conversation_id(std::uint64_t high, std::uint64_t low);

/// Makes the configuration one for this agent. The default of `sessions.command` is the default agent's: another one's
/// own command takes its place.
void use_profile(Config& config, AgentProfile profile);

/// Whether a conversation has the id that we choose. Without, it is not known which one a session is in.
[[nodiscard]] bool chooses_conversation(AgentProfile const& profile);

/// Whether a running agent of this version goes on with the login that it started with. An unknown version is taken
/// for a new one.
[[nodiscard]] bool keeps_its_login(AgentProfile const& profile, std::string_view version);

/// The command of a session: its own where it has one, else `sessions.command`.
[[nodiscard]] std::vector<std::string> base_command(Config const& config, SessionName const& session);

/// A new conversation, of that id where the agent lets us choose it.
[[nodiscard]] std::vector<std::string> start_command(Config const& config, SessionName const& session,
                                                     ConversationId const& conversation);

/// An empty prompt only shows the conversation and waits; so does an agent that takes none on its command line.
[[nodiscard]] std::vector<std::string> resume_command(Config const& config, SessionName const& session,
                                                      ConversationId const& conversation, std::string const& prompt);

/// The agent's variable is the switch link, so that a flip moves the whole of its configuration; in
/// SwitchMode::per_session it is the account's own directory. Empty for an agent that has no such variable.
[[nodiscard]] Environment agent_environment(Config const& config, AccountName const& account);

}  // namespace failover::core
