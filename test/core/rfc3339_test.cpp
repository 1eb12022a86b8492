#include "core/rfc3339.hpp"

#include "test/support/catch.hpp"

using namespace failover::core;
using namespace std::chrono_literals;

namespace {
WallTime at(std::chrono::sys_seconds::rep seconds) {
  return WallTime{std::chrono::seconds{seconds}};
}
}  // namespace

TEST_CASE("an instant is written in UTC with whole seconds", "[core][rfc3339]") {
  CHECK(to_rfc3339(at(0)) == "1970-01-01T00:00:00Z");
  CHECK(to_rfc3339(at(1795377019) + 999ms) == "2026-11-22T19:50:19Z");
  CHECK(to_rfc3339(at(-1)) == "1969-12-31T23:59:59Z");
}

TEST_CASE("every form of RFC 3339 is read", "[core][rfc3339]") {
  CHECK(from_rfc3339("2026-11-22T19:50:19Z") == at(1795377019));
  CHECK(from_rfc3339("2026-11-22t19:50:19z") == at(1795377019));
  CHECK(from_rfc3339("2026-11-22 20:50:19+01:00") == at(1795377019));
  CHECK(from_rfc3339("2026-11-22T14:20:19-05:30") == at(1795377019));
  CHECK(from_rfc3339("2026-11-22T19:50:19.25Z") == at(1795377019) + 250ms);
  CHECK(from_rfc3339("2026-11-22T19:50:19.123456789Z") == at(1795377019) + 123ms);
  CHECK(from_rfc3339("2016-12-31T23:59:60Z") == at(1483228800));
  CHECK(from_rfc3339("2028-02-29T00:00:00Z").has_value());
}

TEST_CASE("what is not an instant is refused", "[core][rfc3339]") {
  for (auto const* text : {"", "2026", "2026-11-22", "2026-11-22T19:50:19", "2026-11-22T19:50Z", "2026-13-01T00:00:00Z",
                           "2027-02-29T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T19:60:00Z",
                           "2026-11-22T19:50:19.Z", "2026-11-22T19:50:19Zx", " 2026-11-22T19:50:19Z",
                           "2026-11-22T19:50:19+0100", "2026-11-22T19:50:19+25:00", "2026-1-2T3:4:5Z"}) {
    CAPTURE(text);
    CHECK_FALSE(from_rfc3339(text).has_value());
  }
}

TEST_CASE("what was written is read back", "[core][rfc3339]") {
  for (std::int64_t seconds = -62167219200; seconds < 253402300800; seconds += 86399 * 1013) {
    CAPTURE(seconds);
    REQUIRE(from_rfc3339(to_rfc3339(at(seconds))) == at(seconds));
  }
}
