#include "adapters/zone_lookup.hpp"

#include "core/local_time.hpp"
#include "core/reset_time.hpp"
#include "core/rfc3339.hpp"
#include "test/support/catch.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

using namespace failover;
using core::from_rfc3339;
using core::to_rfc3339;
using core::WallTime;
using namespace std::chrono_literals;

namespace {

WallTime at(char const* text) {
  return from_rfc3339(text).value();
}

/// Sets TZ for one scope.
class ZoneVariable {
 public:
  explicit ZoneVariable(char const* value) {
    if (char const* const old = std::getenv("TZ")) old_ = old;
    ::setenv("TZ", value, 1);
  }
  ~ZoneVariable() { old_.empty() ? ::unsetenv("TZ") : ::setenv("TZ", old_.c_str(), 1); }
  ZoneVariable(ZoneVariable const&) = delete;
  ZoneVariable& operator=(ZoneVariable const&) = delete;

 private:
  std::string old_;
};

std::vector<std::string> all_zones() {
  std::filesystem::path const root{"/usr/share/zoneinfo"};
  std::vector<std::string> names;
  for (auto entry = std::filesystem::recursive_directory_iterator{root}; entry != std::filesystem::end(entry);
       ++entry) {
    auto const name = entry->path().lexically_relative(root).string();
    if (name == "posix" || name == "right") entry.disable_recursion_pending();
    if (entry->is_regular_file()) names.push_back(name);
  }
  return names;
}

}  // namespace

TEST_CASE("names, aliases and any case are known; others are not", "[adapters][zone_lookup]") {
  auto const zones = adapters::system_zones();
  CHECK(zones("Europe/Berlin", at("2026-07-01T00:00:00Z"))->offset == 2h);
  CHECK(zones("europe/berlin", at("2026-01-01T00:00:00Z"))->offset == 1h);
  CHECK(zones("Asia/Calcutta", at("2026-01-01T00:00:00Z"))->offset == 5h + 30min);
  CHECK(zones("America/Cordoba", at("2026-01-01T00:00:00Z"))->offset == -3h);
  CHECK(zones("UTC", at("2026-01-01T00:00:00Z"))->offset == 0h);
  for (auto const* name :
       {"Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Europe/", "Etc/Unknown", "\n", "zone.tab", "tzdata.zi"}) {
    CAPTURE(name);
    CHECK_FALSE(zones(name, at("2026-01-01T00:00:00Z")).has_value());
  }
}

TEST_CASE("the period holds the instant and ends where the next begins", "[adapters][zone_lookup]") {
  auto const zones = adapters::system_zones();
  auto const winter = zones("Europe/Berlin", at("2026-02-01T00:00:00Z"));
  CHECK(winter->end == at("2026-03-29T01:00:00Z"));
  auto const summer = zones("Europe/Berlin", winter->end);
  CHECK(summer->begin == winter->end);
  CHECK(summer->offset == 2h);
}

TEST_CASE("TZ names the machine's zone", "[adapters][zone_lookup]") {
  {
    ZoneVariable const tz{":Asia/Tokyo"};
    CHECK(adapters::local_zone_name() == "Asia/Tokyo");
    CHECK(adapters::system_zones()("", at("2026-01-01T00:00:00Z"))->offset == 9h);
  }
  {
    ZoneVariable const tz{"/usr/share/zoneinfo/Europe/Paris"};
    CHECK(adapters::local_zone_name() == "Europe/Paris");
  }
  {
    ZoneVariable const tz{""};
    CHECK(adapters::local_zone_name() == "UTC");
  }
}

TEST_CASE("around every change of clocks until 2030 a printed clock leads back to itself", "[adapters][reset_time]") {
  auto const zones = adapters::system_zones();
  std::size_t changes = 0;
  for (auto const& name : all_zones()) {
    auto period = zones(name, at("2026-01-01T00:00:00Z"));
    if (!period) continue;
    for (; period->end < at("2031-01-01T00:00:00Z"); period = zones(name, period->end)) {
      ++changes;
      for (auto const minutes : {-1500, -90, -61, -60, -30, -1, 0, 1, 29, 30, 60, 61, 90, 600}) {
        WallTime const shown = period->end + std::chrono::minutes{minutes};
        auto const local = core::local_time(zones, name, shown).value();
        auto const day = std::chrono::floor<std::chrono::days>(local);
        std::chrono::year_month_day const date{day};
        std::chrono::hh_mm_ss const clock{local - day};
        auto const hour = clock.hours().count();
        std::string const phrase = fmt::format("{:04}-{:02}-{:02} {:02}:{:02} ({})", static_cast<int>(date.year()),
                                               static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                               hour, clock.minutes().count(), name);
        auto const read = core::read_reset_time(phrase, shown - 2h, zones, "");
        CAPTURE(phrase);
        REQUIRE(read.has_value());
        // Where the clock showed this twice, the later time is meant: never too early, at most the overlap too late.
        REQUIRE(read->at >= shown - std::chrono::seconds{clock.seconds()});
        REQUIRE(read->at - shown <= 3h);
        REQUIRE(core::local_time(zones, name, read->at).value() == local - std::chrono::seconds{clock.seconds()});

        std::string const bare = fmt::format("{}:{:02}{} ({})", hour % 12 == 0 ? 12 : hour % 12,
                                             clock.minutes().count(), hour < 12 ? "am" : "pm", name);
        auto const next = core::read_reset_time(bare, shown - 2h, zones, "");
        CAPTURE(bare);
        REQUIRE(next.has_value());
        REQUIRE(next->at >= shown - 2h);
        REQUIRE(next->at - (shown - 2h) <= 49h);
      }
    }
  }
  CHECK(changes > 500);
}

TEST_CASE("in every gap until 2030 the answer is the end of the gap or up to its length later",
          "[adapters][reset_time]") {
  auto const zones = adapters::system_zones();
  for (auto const& name : all_zones()) {
    auto period = zones(name, at("2026-01-01T00:00:00Z"));
    if (!period) continue;
    while (period->end < at("2031-01-01T00:00:00Z")) {
      auto const next = zones(name, period->end);
      if (next->offset > period->offset) {
        auto const gap = next->offset - period->offset;
        core::LocalSeconds const begin{std::chrono::floor<std::chrono::seconds>(period->end).time_since_epoch() +
                                       period->offset};
        auto const found = core::instant(zones, name, begin + gap / 2);
        CAPTURE(name);
        REQUIRE(found.has_value());
        REQUIRE(*found >= period->end);
        REQUIRE(*found < period->end + gap);
      }
      period = next;
    }
  }
}
