#include "core/ulid.hpp"

#include "test/support/catch.hpp"

#include <chrono>

namespace core = failover::core;
using namespace std::chrono_literals;

TEST_CASE("a ulid begins with its time in Crockford's base 32", "[core][ulid]") {
  core::WallTime const at{1469918176385ms};
  CHECK(core::make_ulid(at, 0, 0) == "01ARYZ6S410000000000000000");
}

TEST_CASE("a ulid carries eighty random bits", "[core][ulid]") {
  core::WallTime const start{};
  CHECK(core::make_ulid(start, 0, 1) == "00000000000000000000000001");
  CHECK(core::make_ulid(start, 0xFFFF, ~0ULL) == "0000000000ZZZZZZZZZZZZZZZZ");
  CHECK(core::make_ulid(start, 0x8000, 0) == "0000000000G000000000000000");
  CHECK(core::make_ulid(start, 0, 1ULL << 40) == "00000000000000000100000000");
  CHECK(core::make_ulid(start, 0x10000, 0) == core::make_ulid(start, 0, 0));
}

TEST_CASE("ulids of later times sort later", "[core][ulid]") {
  core::WallTime const at{1469918176385ms};
  CHECK(core::make_ulid(at, 0xFFFF, ~0ULL) < core::make_ulid(at + 1ms, 0, 0));
}

TEST_CASE("a time that does not fit into a ulid counts as the nearest that does", "[core][ulid]") {
  CHECK(core::make_ulid(core::WallTime{-5ms}, 0, 0) == "00000000000000000000000000");
  CHECK(core::make_ulid(core::WallTime{core::Duration{1LL << 60}}, 0xFFFF, ~0ULL) == "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
}

TEST_CASE("a ulid tells its time", "[core][ulid]") {
  core::WallTime const at{1469918176385ms};
  CHECK(core::time_of_ulid(core::make_ulid(at, 0xFFFF, ~0ULL)) == at);
  CHECK(core::time_of_ulid(core::make_ulid(core::WallTime{-5ms}, 0, 0)) == core::WallTime{});
  CHECK(core::time_of_ulid("7ZZZZZZZZZZZZZZZZZZZZZZZZZ") == core::WallTime{core::Duration{(1LL << 48) - 1}});
  CHECK_FALSE(core::time_of_ulid("my-own-id"));
}

TEST_CASE("only the form that make_ulid gives is a ulid", "[core][ulid]") {
  CHECK(core::is_ulid("01ARYZ6S41TSV4RRFFQ69G5FAV"));
  CHECK_FALSE(core::is_ulid("01ARYZ6S41TSV4RRFFQ69G5FA"));
  CHECK_FALSE(core::is_ulid("01ARYZ6S41TSV4RRFFQ69G5FAVX"));
  CHECK_FALSE(core::is_ulid("01aryz6s41tsv4rrffq69g5fav"));
  CHECK_FALSE(core::is_ulid("81ARYZ6S41TSV4RRFFQ69G5FAV"));
  CHECK_FALSE(core::is_ulid("01ARYZ6S41TSV4RRFFQ69G5FAU"));
  CHECK_FALSE(core::is_ulid(""));
}
