#include "options.hpp"

#include <cstdlib>
#include <stdexcept>

#include <fmt/format.h>

namespace failover::fake_agent {
namespace {

namespace fs = std::filesystem;

fs::path config_dir_of_environment() {
  fs::path dir;
  if (char const* named = std::getenv("CLAUDE_CONFIG_DIR"); named != nullptr && *named != '\0') {
    dir = named;
  } else {
    char const* home = std::getenv("HOME");
    dir = fs::path{home == nullptr ? "/" : home} / ".claude";
  }
  dir = fs::absolute(dir);
  return dir.has_filename() ? dir : dir.parent_path();  // "link/" names what is behind the link
}

PermissionMode mode_named(std::string const& name) {
  if (name == "default") return PermissionMode::manual;
  if (name == "bypassPermissions") return PermissionMode::bypass;
  return PermissionMode::automatic;
}

}  // namespace

Options parse_options(std::vector<std::string> const& arguments) {
  Options options{.config_dir = config_dir_of_environment()};
  auto at = arguments.begin();
  auto const value = [&](std::string const& option) {
    if (++at == arguments.end())
      throw std::invalid_argument{fmt::format("error: option '{}' argument missing", option)};
    return *at;
  };
  for (; at != arguments.end(); ++at) {
    auto const& word = *at;
    if (word == "--version" || word == "-v") {
      options.version = true;
    } else if (word == "--continue" || word == "-c") {
      options.resume_latest = true;
    } else if (word == "--resume" || word == "-r") {
      options.resume = value(word);
    } else if (word == "--session-id") {
      options.session_id = value(word);
    } else if (word == "--permission-mode") {
      options.mode = mode_named(value(word));
    } else if (word == "--dangerously-skip-permissions") {
      options.mode = PermissionMode::bypass;
    } else if (word == "--model") {
      (void)value(word);  // accepted: one model is as good as another here
    } else if (word == "--") {
      continue;
    } else if (word.starts_with('-')) {
      throw std::invalid_argument{fmt::format("error: unknown option '{}'", word)};
    } else {
      options.prompt = word;
    }
  }
  return options;
}

}  // namespace failover::fake_agent
