#include "core/reset_time.hpp"

#include "core/rfc3339.hpp"
#include "test/support/catch.hpp"
#include "test/support/fixed_zones.hpp"

#include <string>

using namespace failover::core;

namespace {

/// The instant that `phrase` names at `now`, as text; "-" when it names none.
std::string read(std::string_view phrase, std::string_view now = "2026-11-22T10:00:00Z",
                 std::string_view local = "UTC") {
  auto const zones = fixed_zones();
  auto const time = read_reset_time(phrase, from_rfc3339(now).value(), zones, local);
  return time ? to_rfc3339(time->at) : "-";
}

}  // namespace

TEST_CASE("a clock alone is its next occurrence", "[core][reset_time]") {
  CHECK(read("9:36pm (UTC)") == "2026-11-22T21:36:00Z");
  CHECK(read("10pm (UTC)") == "2026-11-22T22:00:00Z");
  CHECK(read("9am (UTC)") == "2026-11-23T09:00:00Z");
  CHECK(read("10am (UTC)") == "2026-11-22T10:00:00Z");
  CHECK(read("12am") == "2026-11-23T00:00:00Z");
  CHECK(read("12pm") == "2026-11-22T12:00:00Z");
  CHECK(read("12:30 AM") == "2026-11-23T00:30:00Z");
  CHECK(read("11:31 PM.") == "2026-11-22T23:31:00Z");
  CHECK(read("18:05") == "2026-11-22T18:05:00Z");
  CHECK(read("at 3 p.m.") == "2026-11-22T15:00:00Z");
  CHECK(read("noon") == "2026-11-22T12:00:00Z");
  CHECK(read("(3pm)") == "2026-11-22T15:00:00Z");
}

TEST_CASE("a zone after the clock is used, the machine's without one", "[core][reset_time]") {
  CHECK(read("3pm (Test/East)") == "2026-11-22T13:00:00Z");
  CHECK(read("3pm", "2026-11-22T10:00:00Z", "Test/East") == "2026-11-22T13:00:00Z");
  CHECK(read("3pm (Etc/Unknown)", "2026-11-22T10:00:00Z", "Test/East") == "2026-11-22T13:00:00Z");
  CHECK(read("3pm (UTC+2)") == "2026-11-22T13:00:00Z");
  CHECK(read("3pm GMT-03:30") == "2026-11-22T18:30:00Z");
  CHECK(read("2:55 PM PST") == "2026-11-22T22:55:00Z");
  CHECK(read("11:00 AM GMT+2") == "2026-11-23T09:00:00Z");
  CHECK(read("1am (Test/East)", "2026-11-22T22:30:00Z") == "2026-11-22T23:00:00Z");
}

TEST_CASE("a date without year is the nearest one", "[core][reset_time]") {
  CHECK(read("Nov 25, 8:27pm (UTC)") == "2026-11-25T20:27:00Z");
  CHECK(read("Oct 9 at 5pm", "2026-10-07T12:00:00Z") == "2026-10-09T17:00:00Z");
  CHECK(read("Jan 2, 9am", "2026-12-30T12:00:00Z") == "2027-01-02T09:00:00Z");
  CHECK(read("Dec 31, 3pm", "2027-01-01T10:00:00Z") == "2026-12-31T15:00:00Z");
  CHECK(read("16:21 on 19 May", "2026-05-12T00:00:00Z") == "2026-05-19T16:21:00Z");
  CHECK(read("Feb 29, 9am", "2027-03-01T00:00:00Z") == "2028-02-29T09:00:00Z");
}

TEST_CASE("a date with a year is that day", "[core][reset_time]") {
  CHECK(read("Apr 21st, 2026 2:53 AM.") == "2026-04-21T02:53:00Z");
  CHECK(read("Jan 2, 2027, 3pm (Test/East)") == "2027-01-02T13:00:00Z");
  CHECK(read("2026-08-09 00:00 UTC)") == "2026-08-09T00:00:00Z");
  CHECK(read("Feb 30, 2027 1am") == "-");
}

TEST_CASE("weekdays and tomorrow are days from today", "[core][reset_time]") {
  // 2026-11-22 is a Sunday.
  CHECK(read("Mon 12:00am") == "2026-11-23T00:00:00Z");
  CHECK(read("Monday") == "2026-11-23T00:00:00Z");
  CHECK(read("9am Monday") == "2026-11-23T09:00:00Z");
  CHECK(read("Thu 9am") == "2026-11-26T09:00:00Z");
  CHECK(read("Sunday 9am") == "2026-11-29T09:00:00Z");
  CHECK(read("Sun 11am") == "2026-11-22T11:00:00Z");
  CHECK(read("tomorrow at 9am (UTC)") == "2026-11-23T09:00:00Z");
}

TEST_CASE("a duration counts from now", "[core][reset_time]") {
  CHECK(read("in 2h 30m") == "2026-11-22T12:30:00Z");
  CHECK(read("3h38m47s.") == "2026-11-22T13:38:47Z");
  CHECK(read("2 days 17 hours 14 minutes.") == "2026-11-25T03:14:00Z");
  CHECK(read("6 days and 18 hours") == "2026-11-29T04:00:00Z");
  CHECK(read("in approximately 4 hours.") == "2026-11-22T14:00:00Z");
  CHECK(read("less than a minute") == "2026-11-22T10:01:00Z");
  CHECK(read("1 week") == "2026-11-29T10:00:00Z");
}

TEST_CASE("an unknown unit does not half match", "[core][reset_time]") {
  CHECK(read("2 months") == "-");
  CHECK(read("in 3 moons") == "-");
}

TEST_CASE("Unix seconds and milliseconds are told apart by their length", "[core][reset_time]") {
  CHECK(read("1750708800") == "2025-06-23T20:00:00Z");
  CHECK(read("1750708800000") == "2025-06-23T20:00:00Z");
  CHECK(read("17507088001") == "-");
  CHECK(read("175070880") == "-");
}

TEST_CASE("a row may break anywhere in the phrase", "[core][reset_time]") {
  CHECK(read("\n9:36pm (UTC)") == "2026-11-22T21:36:00Z");
  CHECK(read("9:3\n6pm (UTC)") == "2026-11-22T21:36:00Z");
  CHECK(read("3pm\n(Test/East)") == "2026-11-22T13:00:00Z");
  CHECK(read("3pm (Test/\nEast)") == "2026-11-22T13:00:00Z");
  CHECK(read("3p\nm (Test/Ea\nst)") == "2026-11-22T13:00:00Z");
  CHECK(read("Nov 2\n5, 8:27pm (UTC)") == "2026-11-25T20:27:00Z");
}

TEST_CASE("in a gap the clock is taken as if it had not sprung, in an overlap the later hour", "[core][reset_time]") {
  // Clocks go from 2:00 to 3:00 on 2026-03-29 and from 3:00 to 2:00 on 2026-10-25.
  CHECK(read("2:30am (Test/Summer)", "2026-03-28T20:00:00Z") == "2026-03-29T01:30:00Z");
  CHECK(read("2:30am (Test/Summer)", "2026-10-24T20:00:00Z") == "2026-10-25T01:30:00Z");
  CHECK(read("2:30am (Test/Summer)", "2026-10-25T00:45:00Z") == "2026-10-25T01:30:00Z");
  CHECK(read("4am (Test/Summer)", "2026-10-24T20:00:00Z") == "2026-10-25T03:00:00Z");
}

TEST_CASE("what is no time is not one", "[core][reset_time]") {
  for (auto const* phrase : {"", "soon", "never", "13:20am", "2:60am", "25:00", "3", "at", "in", "(", "(3pm",
                             "99999999999999999999", "Foo 25, 8pm", "\n\n\n", "😀"}) {
    CAPTURE(phrase);
    CHECK(read(phrase) == "-");
  }
}

TEST_CASE("the length says how much was understood", "[core][reset_time]") {
  auto const zones = fixed_zones();
  auto const now = from_rfc3339("2026-11-22T10:00:00Z").value();
  CHECK(read_reset_time("3pm (UTC) · more", now, zones, "")->length == 9);
  CHECK(read_reset_time("3pm is when", now, zones, "")->length == 3);
  CHECK(read_reset_time("3\npm (UTC) x", now, zones, "")->length == 10);
}
