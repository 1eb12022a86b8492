#include "core/agent_profile.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace failover::core {
namespace {

void append(std::vector<std::string>& argv, std::vector<std::string> const& words, std::string_view placeholder,
            std::string const& value) {
  for (auto const& word : words) argv.push_back(word == placeholder ? value : word);
}

/// The numbers of "2.1.330"; those before the first part that is none.
std::vector<int> numbers(std::string_view version) {
  std::vector<int> parts;
  for (;;) {
    int part = 0;
    auto const [end, failed] = std::from_chars(version.data(), version.data() + version.size(), part);
    if (failed != std::errc{}) return parts;
    parts.push_back(part);
    version.remove_prefix(static_cast<std::size_t>(end - version.data()));
    if (!version.starts_with('.')) return parts;
    version.remove_prefix(1);
  }
}

}  // namespace

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

void use_profile(Config& config, AgentProfile profile) {
  if (config.sessions.command == SessionsConfig{}.command) config.sessions.command = profile.command;
  config.profile = std::move(profile);
}

bool chooses_conversation(AgentProfile const& profile) {
  return std::find(profile.start.begin(), profile.start.end(), id_word) != profile.start.end();
}

bool keeps_its_login(AgentProfile const& profile, std::string_view version) {
  if (profile.live_login_since.empty()) return true;
  auto const parts = numbers(version);
  return !parts.empty() && parts < numbers(profile.live_login_since);
}

std::vector<std::string> base_command(Config const& config, SessionName const& session) {
  for (auto const& dedicated : config.sessions.dedicated)
    if (dedicated.name == session && !dedicated.command.empty()) return dedicated.command;
  return config.sessions.command;
}

std::vector<std::string> start_command(Config const& config, SessionName const& session,
                                       ConversationId const& conversation) {
  auto argv = base_command(config, session);
  append(argv, config.profile.start, id_word, conversation.str());
  return argv;
}

std::vector<std::string> resume_command(Config const& config, SessionName const& session,
                                        ConversationId const& conversation, std::string const& prompt) {
  auto argv = base_command(config, session);
  append(argv, config.profile.resume, id_word, conversation.str());
  if (!prompt.empty()) append(argv, config.profile.resume_prompt, prompt_word, prompt);
  return argv;
}

Environment agent_environment(Config const& config, AccountName const& account) {
  auto const& variable = config.profile.account_variable;
  if (variable.empty()) return {};
  auto const* const own = find_account(config, account);
  bool const by_link = config.switching.mode == SwitchMode::link || own == nullptr;
  return {{variable, by_link ? config.switching.link : own->config_dir}};
}

}  // namespace failover::core
