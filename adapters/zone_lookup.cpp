#include "adapters/zone_lookup.hpp"

#include "core/fold.hpp"

#include <cstdlib>
#include <exception>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include <date/tz.h>

#include <unistd.h>

namespace failover::adapters {
namespace {

using core::WallTime;
using core::ZonePeriod;

constexpr std::string_view zoneinfo = "/zoneinfo/";

/// `/usr/share/zoneinfo/Europe/Paris` → `Europe/Paris`.
std::string name_in_path(std::string_view path) {
  auto const at = path.rfind(zoneinfo);
  if (at == std::string_view::npos) return {};
  std::string_view name = path.substr(at + zoneinfo.size());
  for (std::string_view const folder : {"posix/", "right/"})
    if (name.substr(0, folder.size()) == folder) name.remove_prefix(folder.size());
  return std::string{name};
}

std::string name_in_tz_variable(std::string_view value) {
  if (!value.empty() && value.front() == ':') value.remove_prefix(1);
  if (value.empty()) return "UTC";
  return value.front() == '/' ? name_in_path(value) : std::string{value};
}

std::string name_of_localtime() {
  char target[4096];
  auto const length = ::readlink("/etc/localtime", target, sizeof target);
  if (length <= 0) return {};
  return name_in_path({target, static_cast<std::size_t>(length)});
}

/// One zone and the periods asked for so far.
struct KnownZone {
  date::time_zone const* zone = nullptr;  ///< owned by the library, lives as long as the program
  std::vector<ZonePeriod> periods = {};
};

class ZoneMemory {
 public:
  explicit ZoneMemory(std::string local) : local_(std::move(local)) {}

  std::optional<ZonePeriod> period(std::string_view name, WallTime at) {
    KnownZone& known = find(name.empty() ? std::string_view{local_} : name);
    if (!known.zone) return std::nullopt;
    for (auto const& period : known.periods)
      if (at >= period.begin && at < period.end) return period;
    auto const info = known.zone->get_info(std::chrono::floor<std::chrono::seconds>(at));
    ZonePeriod const period{WallTime{info.begin}, WallTime{info.end}, info.offset};
    if (known.periods.size() < most_periods) known.periods.push_back(period);
    return period;
  }

 private:
  static constexpr std::size_t most_periods = 64;
  static constexpr std::size_t most_names = 2000;

  KnownZone& find(std::string_view name) {
    auto const known = zones_.find(name);
    if (known != zones_.end()) return known->second;
    if (zones_.size() > most_names) zones_.clear();  // names come from screens, hostile ones too
    KnownZone zone;
    zone.zone = locate(std::string{name});
    return zones_.emplace(std::string{name}, std::move(zone)).first->second;
  }

  date::time_zone const* locate(std::string const& name) {
    if (names_.empty())
      for (auto const& zone : date::get_tzdb().zones) names_.emplace(core::lowered(zone.name()), zone.name());
    auto const proper = names_.find(core::lowered(name));
    try {
      return date::locate_zone(proper == names_.end() ? name : proper->second);
    } catch (std::exception const&) {
      return nullptr;
    }
  }

  std::string local_;
  std::map<std::string, KnownZone, std::less<>> zones_;
  std::map<std::string, std::string> names_;  ///< lowered → proper
};

}  // namespace

std::string local_zone_name() {
  char const* const variable = std::getenv("TZ");
  std::string name = variable ? name_in_tz_variable(variable) : name_of_localtime();
  return name.empty() ? "UTC" : name;
}

core::ZoneLookup system_zones() {
  auto memory = std::make_shared<ZoneMemory>(local_zone_name());
  return [memory](std::string_view zone, WallTime at) -> std::optional<ZonePeriod> {
    try {
      return memory->period(zone, at);
    } catch (std::exception const&) {
      return std::nullopt;  // no zone data on this machine
    }
  };
}

}  // namespace failover::adapters
