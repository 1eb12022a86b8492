#include "adapters/unit_files.hpp"

#include "adapters/atomic_file.hpp"
#include "adapters/directory.hpp"

#include <cstdlib>
#include <map>
#include <optional>

#include <unistd.h>

namespace failover::adapters {
namespace {

constexpr std::size_t most_bytes = 256 << 10;
constexpr std::size_t most_drop_ins = 1000;

/// The drop-ins of a unit by name, as paths: of one name the first directory's, and all in the order of the names.
std::map<std::string, std::string> drop_ins(std::vector<std::string> const& directories, std::string const& unit) {
  std::map<std::string, std::string> found;
  for (auto const& directory : directories) {
    auto const path = directory + "/" + unit + ".d";
    auto const opened = open_directory(path);
    if (!opened) continue;
    auto const names = list_names(*opened, path, most_drop_ins);
    if (!names) continue;
    for (auto const& name : *names)
      if (name.ends_with(".conf")) found.try_emplace(name, path + "/" + name);
  }
  return found;
}

core::Result<core::UnitSettings> settings_of(std::string const& path, std::vector<std::string> const& directories,
                                             std::string const& unit) {
  auto const text = read_file(path, most_bytes);
  if (!text) return text.error();
  auto settings = core::read_unit(*text);
  for (auto const& [name, drop_in] : drop_ins(directories, unit)) {
    auto const more = read_file(drop_in, most_bytes);
    if (more) settings = core::read_unit(*more, settings);
  }
  return settings;
}

void add_unit(std::vector<core::UnitFacts>& units, std::vector<std::string> const& directories,
              std::string const& unit) {
  for (auto const& directory : directories) {
    auto const path = directory + "/" + unit;
    if (::access(path.c_str(), F_OK) != 0) continue;
    auto settings = settings_of(path, directories, unit);
    bool const masked = !settings && settings.error().kind == core::ErrorKind::invalid;  // a link to /dev/null
    if (!masked) units.push_back({path, std::move(settings)});
    return;
  }
}

std::vector<std::string> in_each(std::vector<std::string> const& roots, std::string const& end) {
  std::vector<std::string> directories;
  for (auto const& root : roots) directories.push_back(root + end);
  return directories;
}

}  // namespace

UnitDirectories unit_directories(EnvironmentLookup const& lookup) {
  std::vector<std::string> const roots = {"/etc/systemd", "/run/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd"};
  UnitDirectories directories;
  directories.system = in_each(roots, "/system");
  auto const home = lookup("HOME").value_or("");
  auto const placed = [&](char const* variable, std::string const& usual) {
    auto const value = lookup(variable).value_or("");
    if (value.starts_with('/')) return value;
    return home.empty() ? std::string{} : home + usual;
  };
  for (auto const& root : {placed("XDG_CONFIG_HOME", "/.config"), placed("XDG_DATA_HOME", "/.local/share")})
    if (!root.empty()) directories.user.push_back(root + "/systemd/user");
  auto const shared = in_each(roots, "/user");
  directories.user.insert(directories.user.end(), shared.begin(), shared.end());
  return directories;
}

std::vector<core::UnitFacts> installed_units(UnitDirectories const& directories) {
  std::vector<core::UnitFacts> units;
  for (auto const* name : {"claude-failover.service", "claude-failover@.service"}) {
    add_unit(units, directories.user, name);
    add_unit(units, directories.system, name);
  }
  return units;
}

std::vector<core::UnitFacts> installed_units() {
  return installed_units(unit_directories([](std::string const& variable) -> std::optional<std::string> {
    char const* const value = std::getenv(variable.c_str());
    return value ? std::optional<std::string>{value} : std::nullopt;
  }));
}

}  // namespace failover::adapters
