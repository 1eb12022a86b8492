#include "adapters/accept.hpp"

#include "test/support/catch.hpp"

using namespace failover::adapters;

namespace {

constexpr auto prometheus_2 =
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
constexpr auto prometheus_3 =
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
    "text/plain;version=0.0.4;q=0.2,*/*;q=0.1";

}  // namespace

TEST_CASE("Prometheus gets the format that it likes best", "[adapters][accept]") {
  CHECK(accepted_format(prometheus_2) == StatusFormat::openmetrics);
  CHECK(accepted_format(prometheus_3) == StatusFormat::openmetrics);
  CHECK(accepted_format("text/plain;version=0.0.4;q=1,*/*;q=0.1") == StatusFormat::prometheus);
  CHECK(accepted_format("text/plain;version=0.0.4;q=0.1,*/*") == StatusFormat::prometheus);
}

TEST_CASE("whoever names none of our types gets JSON", "[adapters][accept]") {
  CHECK(accepted_format("") == StatusFormat::json);
  CHECK(accepted_format("*/*") == StatusFormat::json);
  CHECK(accepted_format("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8") == StatusFormat::json);
  CHECK(accepted_format("image/png") == StatusFormat::json);
  CHECK(accepted_format(",,;;,=,") == StatusFormat::json);
}

TEST_CASE("of types that are liked equally the first is taken", "[adapters][accept]") {
  CHECK(accepted_format("application/json, text/plain, */*") == StatusFormat::json);
  CHECK(accepted_format("text/plain, application/json") == StatusFormat::prometheus);
  CHECK(accepted_format("text/plain;q=0.5, application/json;q=0.501") == StatusFormat::json);
}

TEST_CASE("a type with quality zero or a malformed one is not taken", "[adapters][accept]") {
  CHECK(accepted_format("text/plain;q=0") == StatusFormat::json);
  CHECK(accepted_format("text/plain;q=0.000") == StatusFormat::json);
  CHECK(accepted_format("text/plain;q=nan") == StatusFormat::json);
  CHECK(accepted_format("text/plain;q=") == StatusFormat::json);
  CHECK(accepted_format("text/plain;q=1.1") == StatusFormat::json);
  CHECK(accepted_format("text/plain;q=0.12345") == StatusFormat::json);
  CHECK(accepted_format("text/plain;Q=1.000") == StatusFormat::prometheus);
}

TEST_CASE("types are told apart without regard to case, spaces or quoted parameters", "[adapters][accept]") {
  CHECK(accepted_format(" Text/PLAIN ; version=0.0.4 ") == StatusFormat::prometheus);
  CHECK(accepted_format("image/x;note=\"a,text/plain;\\\",\"") == StatusFormat::json);
}

TEST_CASE("the query may name the format", "[adapters][accept]") {
  CHECK(*format_of_query("format=json") == StatusFormat::json);
  CHECK(*format_of_query("a=b&format=prometheus") == StatusFormat::prometheus);
  CHECK(*format_of_query("format=openmetrics&format=json") == StatusFormat::openmetrics);
  CHECK(*format_of_query("") == std::nullopt);
  CHECK(*format_of_query("formats=json") == std::nullopt);
  CHECK(format_of_query("format=xml").error().kind == failover::core::ErrorKind::invalid);
}
