#include "adapters/paths.hpp"

#include "core/in_quotes.hpp"

#include <array>
#include <climits>
#include <cstdlib>
#include <pwd.h>
#include <vector>

#include <unistd.h>

namespace failover::adapters {
namespace {

constexpr std::string_view own_folder = "/claude-failover";

std::string normal(std::string_view absolute_path) {
  std::string result;
  while (!absolute_path.empty()) {
    auto const slash = absolute_path.find('/');
    auto const part = absolute_path.substr(0, slash);
    if (!part.empty() && part != ".") result.append("/").append(part);
    absolute_path.remove_prefix(slash == std::string_view::npos ? absolute_path.size() : slash + 1);
  }
  return result.empty() ? "/" : result;
}

std::string absolute_value(EnvironmentLookup const& lookup, std::string const& name) {
  auto const value = lookup(name);
  return value && value->starts_with('/') ? normal(*value) : std::string{};
}

std::string first_of_list(EnvironmentLookup const& lookup, std::string const& name) {
  auto const value = lookup(name).value_or("");
  auto const first = value.substr(0, value.find(':'));
  return first.starts_with('/') ? normal(first) : std::string{};
}

// The XDG variable's own directory, or that in the home directory; "" when there is neither.
std::string xdg_folder(EnvironmentLookup const& lookup, std::string const& variable, std::string_view below_home) {
  auto const named = absolute_value(lookup, variable);
  if (!named.empty()) return named + std::string(own_folder);
  auto const home = absolute_value(lookup, "HOME");
  return home.empty() ? std::string{} : home + std::string(below_home) + std::string(own_folder);
}

std::optional<std::string> home_in_user_database() {
  std::vector<char> buffer(16384);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
    return std::nullopt;
  return std::string(found->pw_dir);
}

std::optional<std::string> environment_of_process(std::string const& name) {
  if (char const* const value = std::getenv(name.c_str())) return value;
  return name == "HOME" ? home_in_user_database() : std::nullopt;
}

std::string working_dir_of_process() {
  std::array<char, PATH_MAX> buffer{};
  return ::getcwd(buffer.data(), buffer.size()) == nullptr ? "/" : buffer.data();
}

}  // namespace

PathContext path_context_from(EnvironmentLookup const& lookup, std::string working_dir) {
  PathContext context;
  context.home = absolute_value(lookup, "HOME");
  context.working_dir = std::move(working_dir);
  context.state_dir = first_of_list(lookup, "STATE_DIRECTORY");
  if (context.state_dir.empty()) context.state_dir = xdg_folder(lookup, "XDG_STATE_HOME", "/.local/state");
  context.runtime_dir = first_of_list(lookup, "RUNTIME_DIRECTORY");
  auto const xdg_runtime = absolute_value(lookup, "XDG_RUNTIME_DIR");
  if (context.runtime_dir.empty() && !xdg_runtime.empty()) context.runtime_dir = xdg_runtime + std::string(own_folder);
  return context;
}

PathContext path_context_from_environment() {
  return path_context_from(environment_of_process, working_dir_of_process());
}

std::string default_config_path(EnvironmentLookup const& lookup) {
  auto const given = first_of_list(lookup, "CONFIGURATION_DIRECTORY");
  if (!given.empty()) return given + "/claude-failover.yaml";
  auto const folder = xdg_folder(lookup, "XDG_CONFIG_HOME", "/.config");
  return folder.empty() ? folder : folder + "/config.yaml";
}

std::string default_config_path() {
  return default_config_path(environment_of_process);
}

core::Result<std::string> resolve_path(std::string_view written, std::string_view base, std::string_view home) {
  if (written.empty()) return std::string{};
  if (written.front() == '/') return normal(written);
  if (written.front() != '~') return normal(std::string(base) + "/" + std::string(written));
  if (written.size() > 1 && written[1] != '/')
    return core::Error{core::ErrorKind::invalid,
                       core::in_quotes(written) + ": only ~ and ~/ are expanded, write another home out in full"};
  if (home.empty())
    return core::Error{core::ErrorKind::invalid,
                       core::in_quotes(written) + ": the home directory is not known, write the path out in full"};
  return normal(std::string(home) + "/" + std::string(written.substr(1)));
}

std::string parent_of(std::string_view absolute_path) {
  auto const slash = absolute_path.rfind('/');
  return slash == std::string_view::npos || slash == 0 ? "/" : std::string(absolute_path.substr(0, slash));
}

}  // namespace failover::adapters
