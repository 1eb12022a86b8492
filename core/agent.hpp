#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace failover::core {

/// The key that closes a dialog. There is no other: Enter takes a choice, and choices spend, log in or trust.
enum class DialogAnswer { none, escape };

[[nodiscard]] constexpr std::string_view to_string(DialogAnswer answer) {
  return answer == DialogAnswer::none ? "none" : "escape";
}

/// The words of a profile's commands that stand for something.
inline constexpr char const* id_word = "{id}";
inline constexpr char const* prompt_word = "{prompt}";

/// How one agent is started, brought back and answered: the section `profile` of its file in conf/agents. The defaults
/// are those of the default agent. What is empty, the agent does not have.
struct AgentProfile {
  std::vector<std::string> command = {"claude"};              ///< where the configuration names none
  std::vector<std::string> start = {"--session-id", "{id}"};  ///< follows the command; with {id} the id is our choice
  std::vector<std::string> resume = {"--resume", "{id}"};     ///< follows the command; goes on with a conversation
  std::vector<std::string> resume_prompt = {"{prompt}"};      ///< follows `resume`; submitted at once
  std::string account_variable = "CLAUDE_CONFIG_DIR";  ///< names the account's directory; "" = cannot be switched
  std::string login_file = ".credentials.json";  ///< is in that directory once somebody has logged in; "" = not known
  std::string live_login_since = "2.1";          ///< from this version a running agent uses a new login; "" = none does
  DialogAnswer limit_menu = DialogAnswer::escape;
  bool operator==(AgentProfile const&) const = default;
};

}  // namespace failover::core
