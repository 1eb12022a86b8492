#include "core/duration_text.hpp"

#include "test/support/catch.hpp"

using namespace failover::core;
using namespace std::chrono_literals;

TEST_CASE("a duration is whole numbers with units", "[core][duration_text]") {
  auto const [text, expected] = GENERATE(table<std::string, Duration>({{"30s", 30s},
                                                                       {"5m", 5min},
                                                                       {"2h", 2h},
                                                                       {"1h30m", 90min},
                                                                       {"500ms", 500ms},
                                                                       {"7d", 168h},
                                                                       {"1d2h3m4s5ms", 26h + 3min + 4s + 5ms},
                                                                       {"0s", 0s},
                                                                       {"90m", 90min},
                                                                       {"36500d", longest_duration}}));
  INFO(text);
  auto const duration = parse_duration(text);
  REQUIRE(duration);
  CHECK(*duration == expected);
}

TEST_CASE("a bare number is refused because its unit is not known", "[core][duration_text]") {
  for (std::string const text : {"30", "0", "1h30"}) {
    INFO(text);
    auto const duration = parse_duration(text);
    REQUIRE_FALSE(duration);
    CHECK(duration.error().kind == ErrorKind::invalid);
    CHECK_THAT(duration.error().detail, CF_CONTAINS("write a unit after the number"));
  }
}

TEST_CASE("what is not a duration is refused with the text and a cure", "[core][duration_text]") {
  auto const [text, cure] =
      GENERATE(table<std::string, std::string>({{"", "30s, 5m, 2h"},
                                                {"soon", "whole numbers with units"},
                                                {"-5s", "whole numbers with units"},
                                                {"+5s", "whole numbers with units"},
                                                {"1.5h", "the units are ms, s, m, h and d"},
                                                {"5 m", "the units are ms, s, m, h and d"},
                                                {"5min", "the units are ms, s, m, h and d"},
                                                {"5M", "the units are ms, s, m, h and d"},
                                                {"30m1h", "the larger before the smaller"},
                                                {"1h1h", "write each unit once"},
                                                {"36501d", "longer than 100 years"},
                                                {"36500d1ms", "longer than 100 years"},
                                                {"9223372036854775807d", "longer than 100 years"},
                                                {"9223372036854775808ms", "the number is too large"}}));
  INFO(text);
  auto const duration = parse_duration(text);
  REQUIRE_FALSE(duration);
  CHECK_THAT(duration.error().detail, CF_CONTAINS("'" + text + "' is not a duration"));
  CHECK_THAT(duration.error().detail, CF_CONTAINS(cure));
}

TEST_CASE("a duration's text reads back as the same duration", "[core][duration_text]") {
  for (Duration const duration : {0ms, 1ms, 999ms, 1000ms, 1500ms, 59999ms, 3600000ms, 86399999ms, 86400000ms,
                                  Duration{90min}, Duration{336h}, longest_duration}) {
    INFO(duration.count());
    auto const read = parse_duration(duration_text(duration));
    REQUIRE(read);
    CHECK(*read == duration);
  }
  CHECK(duration_text(90min) == "1h30m");
  CHECK(duration_text(336h) == "14d");
  CHECK(duration_text(1500ms) == "1s500ms");
  CHECK(duration_text(0s) == "0s");
  CHECK(duration_text(-5s) == "-5s");
}
