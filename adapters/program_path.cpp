#include "adapters/program_path.hpp"

#include <cstdlib>
#include <string_view>

#include <sys/stat.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

bool can_run(std::string const& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

std::string program_path(std::string const& name, EnvironmentLookup const& lookup) {
  if (name.find('/') != std::string::npos) return can_run(name) ? name : "";
  auto const path = lookup("PATH").value_or("/usr/bin:/bin");
  std::string_view rest = path;
  while (!rest.empty()) {
    auto const end = rest.find(':');
    auto const candidate = std::string(rest.substr(0, end)) + "/" + name;
    if (can_run(candidate)) return candidate;
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  }
  return "";
}

std::string program_path(std::string const& name) {
  return program_path(name, [](std::string const& variable) -> std::optional<std::string> {
    char const* const value = std::getenv(variable.c_str());
    return value ? std::optional<std::string>{value} : std::nullopt;
  });
}

}  // namespace failover::adapters
