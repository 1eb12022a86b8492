#include "clock.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <string_view>

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
  // By hand: date::parse trips -Wmaybe-uninitialized of g++ 12 at -O2.
  if (text.size() != std::string_view{"2026-11-22T19:35:49.712Z"}.size()) return {};
  auto const number = [&](std::size_t at, std::size_t digits) {
    int value = 0;
    std::from_chars(text.data() + at, text.data() + at + digits, value);
    return value;
  };
  auto const day = date::year{number(0, 4)} / number(5, 2) / number(8, 2);
  if (!day.ok()) return {};
  return date::sys_days{day} + std::chrono::hours{number(11, 2)} + std::chrono::minutes{number(14, 2)} +
         std::chrono::seconds{number(17, 2)} + Milliseconds{number(20, 3)};
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
