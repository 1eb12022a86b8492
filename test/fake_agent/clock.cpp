#include "clock.hpp"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <stdexcept>

#include <date/date.h>
#include <date/tz.h>
#include <fmt/format.h>

namespace failover::fake_agent {
namespace {

date::time_zone const* local_zone() {
  if (char const* name = std::getenv("TZ"); name != nullptr && *name != '\0') {
    try {
      return date::locate_zone(name);
    } catch (std::exception const&) {  // TZ may also be a POSIX rule, which has no name to print
    }
  }
  try {
    return date::current_zone();
  } catch (std::exception const&) {  // a container without /etc/localtime
    return date::locate_zone("Etc/UTC");
  }
}

struct LocalTime {
  date::year_month_day day = {};
  int hour = 0;  ///< 0–23
  int minute = 0;
};

LocalTime local(Instant at) {
  auto const local_instant = local_zone()->to_local(std::chrono::floor<std::chrono::seconds>(at));
  auto const day = date::floor<date::days>(local_instant);
  auto const minutes = std::chrono::duration_cast<std::chrono::minutes>(local_instant - day).count();
  return {.day = date::year_month_day{day},
          .hour = static_cast<int>(minutes / 60),
          .minute = static_cast<int>(minutes % 60)};
}

int twelve(int hour) {
  return hour % 12 == 0 ? 12 : hour % 12;
}

}  // namespace

Instant now() {
  return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
}
Milliseconds from_seconds(double seconds) {
  return Milliseconds{std::llround(seconds * 1000)};
}
double to_seconds(Milliseconds span) {
  return static_cast<double>(span.count()) / 1000;
}
double to_epoch(Instant at) {
  return to_seconds(at.time_since_epoch());
}
Instant from_epoch(double seconds) {
  return Instant{from_seconds(seconds)};
}

std::string iso_time(Instant at) {
  return date::format("%FT%TZ", at);
}

Instant parse_iso_time(std::string const& text) {
  Instant at{};
  std::istringstream in{text};
  in >> date::parse("%FT%TZ", at);
  return in.fail() ? Instant{} : at;
}

std::string done_time(Instant at) {
  auto const t = local(at);
  return fmt::format("{}:{:02} {}", twelve(t.hour), t.minute, t.hour < 12 ? "AM" : "PM");
}

std::string reset_time(Instant at, Instant seen_at) {
  auto const t = local(at);
  auto clock = fmt::format("{}", twelve(t.hour));
  if (t.minute != 0) clock += fmt::format(":{:02}", t.minute);
  clock += t.hour < 12 ? "am" : "pm";
  if (at - seen_at < std::chrono::hours{24}) return clock;
  return fmt::format("{} {}, {}", date::format("%b", t.day.month()), static_cast<unsigned>(t.day.day()), clock);
}

std::string zone_name() {
  auto const name = local_zone()->name();
  return name == "Etc/UTC" || name == "Etc/UCT" ? "UTC" : name;
}

}  // namespace failover::fake_agent
