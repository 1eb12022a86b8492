#include "adapters/profile_reader.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <yaml-cpp/yaml.h>

namespace failover::adapters {
namespace {

constexpr std::size_t most_words = 64;
constexpr std::size_t longest_word = 4096;

bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

bool is_printable(char byte) {
  return static_cast<unsigned char>(byte) >= ' ' && byte != 0x7f;
}

bool is_variable(std::string_view name) {
  auto const fits = [](char byte) { return (byte >= 'A' && byte <= 'Z') || byte == '_' || is_digit(byte); };
  return name.size() <= 100 && !is_digit(name.front()) && std::all_of(name.begin(), name.end(), fits);
}

/// Numbers with points between them: "2.1".
bool is_version(std::string_view text) {
  bool number = false;
  for (char const byte : text) {
    if (!is_digit(byte) && (byte != '.' || !number)) return false;
    number = is_digit(byte);
  }
  return number && text.size() <= 20;
}

bool is_path_below(std::string_view path) {
  bool const printable = std::all_of(path.begin(), path.end(), [](char byte) { return is_printable(byte); });
  return printable && path.size() <= 255 && path.front() != '/' && path.find("..") == std::string_view::npos;
}

class ProfileReader {
 public:
  ProfileReader(core::AgentProfile& profile, ProfileFault const& fault) : profile_(profile), fault_(fault) {}

  void read(YAML::Node const& section) {
    if (!section.IsMap()) return fault_(section, "profile: expected a map such as {command: [agent]}");
    for (auto const& entry : section) read_key(entry.first, entry.first.Scalar(), entry.second);
    if (profile_.command.empty()) fault_(section, "profile: command is missing: name the agent's program");
    if (profile_.resume.empty() != profile_.resume_prompt.empty())
      fault_(section, "profile: resume and resume_prompt belong together: an agent is resumed to go on");
  }

 private:
  void read_key(YAML::Node const& at, std::string const& key, YAML::Node const& value) {
    if (key == "command")
      read_command(value, "", profile_.command);
    else if (key == "start")
      read_command(value, core::id_word, profile_.start);
    else if (key == "resume")
      read_command(value, core::id_word, profile_.resume);
    else if (key == "resume_prompt")
      read_command(value, core::prompt_word, profile_.resume_prompt);
    else if (key == "account_variable")
      read_text(value, "account_variable: expected the name of a variable, such as AGENT_HOME, or \"\"", is_variable,
                profile_.account_variable);
    else if (key == "login_file")
      read_text(value, "login_file: expected a path below the account's directory, such as auth.json, or \"\"",
                is_path_below, profile_.login_file);
    else if (key == "live_login_since")
      read_text(value, "live_login_since: expected a version, such as \"2.1\", or \"\"", is_version,
                profile_.live_login_since);
    else if (key == "dialogs")
      read_dialogs(value);
    else
      fault_(at, "unknown key '" + key + "' in profile");
    if (key == "resume") expect_word(value, core::id_word, profile_.resume);
    if (key == "resume_prompt") expect_word(value, core::prompt_word, profile_.resume_prompt);
  }

  /// `allowed`: the one placeholder that may stand among the words.
  void read_command(YAML::Node const& node, std::string_view allowed, std::vector<std::string>& out) {
    if (!node.IsSequence()) return fault_(node, "expected a list of words such as [agent, --option]");
    if (node.size() > most_words) return fault_(node, "more than 64 words");
    std::vector<std::string> words;
    for (auto const& item : node) {
      auto const word = item.IsScalar() ? item.Scalar() : std::string{};
      if (word.empty() || word.size() > longest_word || !std::all_of(word.begin(), word.end(), is_printable))
        return fault_(item, "expected a word without control characters");
      if (auto const opens = word.find('{'); opens != std::string::npos && word != allowed)
        return fault_(item,
                      "'" + word + "' has no meaning here" +
                          (allowed.empty() ? "" : ": only " + std::string(allowed) + " has, as a word of its own"));
      words.push_back(word);
    }
    out = std::move(words);
  }

  void expect_word(YAML::Node const& at, std::string_view word, std::vector<std::string> const& words) {
    if (!words.empty() && std::find(words.begin(), words.end(), word) == words.end())
      fault_(at, std::string(word) + " is missing among the words");
  }

  void read_text(YAML::Node const& node, char const* expected, bool (*fits)(std::string_view), std::string& out) {
    if (!node.IsScalar() || !(node.Scalar().empty() || fits(node.Scalar()))) return fault_(node, expected);
    out = node.Scalar();
  }

  void read_dialogs(YAML::Node const& node) {
    if (!node.IsMap()) return fault_(node, "dialogs: expected a map such as {limit_menu: escape}");
    for (auto const& entry : node) read_dialog(entry.first, entry.first.Scalar(), entry.second);
  }

  void read_dialog(YAML::Node const& at, std::string const& dialog, YAML::Node const& value) {
    constexpr std::string_view unanswered[] = {"permission_prompt", "dialog", "auth_error", "billing"};
    std::string const answer = value.IsScalar() ? value.Scalar() : std::string{};
    bool const none = answer == "none";
    if (dialog == "limit_menu") {
      if (!none && answer != "escape")
        return fault_(value,
                      "limit_menu: '" + answer + "' is no answer: only escape or none, for Enter takes a choice");
      profile_.limit_menu = none ? core::DialogAnswer::none : core::DialogAnswer::escape;
    } else if (std::find(std::begin(unanswered), std::end(unanswered), dialog) == std::end(unanswered)) {
      fault_(at, "unknown dialog '" + dialog + "'");
    } else if (!none) {
      fault_(value,
             dialog + ": the only answer is none: what permits, trusts, logs in or spends is left to the person");
    }
  }

  core::AgentProfile& profile_;
  ProfileFault const& fault_;
};

}  // namespace

core::AgentProfile unknown_profile() {
  core::AgentProfile profile;
  profile.command.clear();
  profile.start.clear();
  profile.resume.clear();
  profile.resume_prompt.clear();
  profile.account_variable.clear();
  profile.login_file.clear();
  profile.live_login_since.clear();
  profile.limit_menu = core::DialogAnswer::none;
  return profile;
}

void read_profile(YAML::Node const& section, core::AgentProfile& profile, ProfileFault const& fault) {
  ProfileReader{profile, fault}.read(section);
}

}  // namespace failover::adapters
