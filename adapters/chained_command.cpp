#include "adapters/chained_command.hpp"

#include "adapters/json_splice.hpp"

namespace failover::adapters {
namespace {

// A quote inside single quotes is written '\'' ; as JSON its backslash is doubled. The quote itself may be an escape in
// their JSON, and stays one.
constexpr std::string_view escaped_quote = "\\u0027";
constexpr std::string_view plain_in_shell = "'\\\\''";
constexpr std::string_view escaped_in_shell = "'\\\\\\u0027'";

std::string_view without_quotes(std::string_view json) {
  return json.substr(1, json.size() - 2);
}

/// Everything of our JSON string before theirs, opening quote included.
std::string json_before(HookCommands const& commands) {
  auto quoted = json_quoted(status_line_command(commands) + " --chain ");
  quoted.pop_back();
  return quoted;
}

std::string shell_quoted_json(std::string_view content) {
  std::string quoted = "'";
  while (!content.empty()) {
    std::size_t taken = content.front() == '\\' ? 2 : 1;
    if (content.starts_with(escaped_quote)) {
      quoted += escaped_in_shell;
      taken = escaped_quote.size();
    } else if (content.front() == '\'') {
      quoted += plain_in_shell;
    } else {
      quoted += content.substr(0, taken);
    }
    content.remove_prefix(taken);
  }
  return quoted + "'";
}

/// The inverse; nothing for what shell_quoted_json does not write.
std::optional<std::string> shell_unquoted_json(std::string_view quoted) {
  if (quoted.size() < 2 || quoted.front() != '\'' || quoted.back() != '\'') return std::nullopt;
  auto rest = without_quotes(quoted);
  std::string content;
  while (!rest.empty()) {
    std::size_t taken = rest.front() == '\\' ? 2 : 1;
    if (rest.starts_with(plain_in_shell)) {
      content.push_back('\'');
      taken = plain_in_shell.size();
    } else if (rest.starts_with(escaped_in_shell)) {
      content += escaped_quote;
      taken = escaped_in_shell.size();
    } else if (rest.front() == '\'') {
      return std::nullopt;
    } else {
      content += rest.substr(0, taken);
    }
    rest.remove_prefix(taken);
  }
  return content;
}

}  // namespace

std::string chained_json(HookCommands const& commands, std::string_view their_json) {
  return json_before(commands) + shell_quoted_json(without_quotes(their_json)) + "\"";
}

std::optional<std::string> unchained_json(std::string_view our_json, std::string_view our_command) {
  auto const ours = own_status_line_command(our_command);
  if (!ours || !ours->chained) return std::nullopt;
  auto const before = json_before(ours->commands);
  if (our_json.starts_with(before)) {
    auto const content = shell_unquoted_json(our_json.substr(before.size(), our_json.size() - before.size() - 1));
    if (content) return "\"" + *content + "\"";
  }
  return json_quoted(*ours->chained);
}

}  // namespace failover::adapters
