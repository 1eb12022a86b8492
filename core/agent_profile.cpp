#include "core/agent_profile.hpp"

#include <string_view>

namespace failover::core {

ConversationId make_conversation_id(std::uint64_t high, std::uint64_t low) {
  high = (high & 0xffffffffffff0fffU) | 0x4000U;
  low = (low & 0x3fffffffffffffffU) | 0x8000000000000000U;
  std::string text;
  int nibbles = 0;
  for (std::uint64_t const word : {high, low})
    for (int shift = 60; shift >= 0; shift -= 4) {
      if (nibbles == 8 || nibbles == 12 || nibbles == 16 || nibbles == 20) text += '-';
      text += std::string_view("0123456789abcdef")[(word >> static_cast<unsigned>(shift)) & 0xfU];
      ++nibbles;
    }
  return ConversationId(text);
}

std::vector<std::string> base_command(Config const& config, SessionName const& session) {
  for (auto const& dedicated : config.sessions.dedicated)
    if (dedicated.name == session && !dedicated.command.empty()) return dedicated.command;
  return config.sessions.command;
}

std::vector<std::string> start_command(std::vector<std::string> base, ConversationId const& conversation) {
  base.insert(base.end(), {"--session-id", conversation.str()});
  return base;
}

std::vector<std::string> resume_command(std::vector<std::string> base, ConversationId const& conversation,
                                        std::string const& prompt) {
  base.insert(base.end(), {"--resume", conversation.str()});
  if (!prompt.empty()) base.push_back(prompt);
  return base;
}

Environment agent_environment(Config const& config, AccountName const& account) {
  auto const* const own = find_account(config, account);
  bool const by_link = config.switching.mode == SwitchMode::link || own == nullptr;
  return {{"CLAUDE_CONFIG_DIR", by_link ? config.switching.link : own->config_dir}};
}

}  // namespace failover::core
