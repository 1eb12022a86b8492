#include "adapters/own_command.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace failover::adapters {
namespace {

using Words = std::vector<std::string>;

/// Takes a command apart, character by character.
class WordReader {
 public:
  explicit WordReader(std::string_view command) : rest_(command) {}

  std::optional<Words> run() {
    while (!rest_.empty())
      if (!step()) return std::nullopt;
    end_word();
    return std::move(words_);
  }

 private:
  bool step() {
    char const c = take();
    if (c == ' ' || c == '\t') {
      end_word();
      return true;
    }
    if (std::string_view{"|&;<>()$`\n"}.find(c) != std::string_view::npos) return false;
    in_word_ = true;
    if (c == '\'') return single_quoted();
    if (c == '"') return double_quoted();
    if (c != '\\') {
      word_.push_back(c);
      return true;
    }
    if (rest_.empty() || rest_.front() == '\n') return false;
    word_.push_back(take());
    return true;
  }

  bool single_quoted() {
    auto const end = rest_.find('\'');
    if (end == std::string_view::npos) return false;
    word_.append(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return true;
  }

  bool double_quoted() {
    while (!rest_.empty()) {
      char c = take();
      if (c == '"') return true;
      if (c == '$' || c == '`') return false;
      if (c == '\\') {
        if (rest_.empty()) return false;
        bool const escaped = std::string_view{"\"\\$`"}.find(rest_.front()) != std::string_view::npos;
        if (escaped) c = take();
      }
      word_.push_back(c);
    }
    return false;
  }

  void end_word() {
    if (in_word_) words_.push_back(std::exchange(word_, {}));
    in_word_ = false;
  }

  char take() {
    char const c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  std::string_view rest_;
  Words words_ = {};
  std::string word_ = {};
  bool in_word_ = false;
};

bool is_own_program(std::string_view path) {
  auto const slash = path.rfind('/');
  return (slash == std::string_view::npos ? path : path.substr(slash + 1)).starts_with(own_program_name);
}

/// The words of a command of ours with this verb.
std::optional<Words> own_words(std::string_view command, std::string_view verb) {
  auto words = shell_words(command);
  bool const ours =
      words && words->size() >= 4 && is_own_program((*words)[0]) && (*words)[1] == verb && (*words)[2] == "--socket";
  if (!ours) return std::nullopt;
  return words;
}

std::optional<std::string> option(Words const& words, std::string_view name) {
  for (std::size_t at = 2; at + 1 < words.size(); at += 2)
    if (words[at] == name) return words[at + 1];
  return std::nullopt;
}

HookCommands commands_in(Words const& words) {
  return {words[0], words[3], option(words, "--spool").value_or("")};
}

std::string with_paths(HookCommands const& commands, std::string_view verb) {
  return shell_quoted(commands.program) + " " + std::string(verb) + " --socket " + shell_quoted(commands.socket) +
         " --spool " + shell_quoted(commands.spool);
}

}  // namespace

std::string shell_quoted(std::string_view text) {
  std::string quoted = "'";
  for (char const c : text) {
    if (c == '\'')
      quoted += "'\\''";
    else
      quoted.push_back(c);
  }
  return quoted + "'";
}

std::optional<std::vector<std::string>> shell_words(std::string_view command) {
  return WordReader{command}.run();
}

std::string hook_command(HookCommands const& commands) {
  return with_paths(commands, "hook");
}

std::string status_line_command(HookCommands const& commands) {
  return with_paths(commands, "statusline");
}

std::optional<HookCommands> own_hook_command(std::string_view command) {
  auto const words = own_words(command, "hook");
  if (!words) return std::nullopt;
  return commands_in(*words);
}

std::optional<OwnStatusLine> own_status_line_command(std::string_view command) {
  auto const words = own_words(command, "statusline");
  if (!words) return std::nullopt;
  return OwnStatusLine{commands_in(*words), option(*words, "--chain")};
}

}  // namespace failover::adapters
