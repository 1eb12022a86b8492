#include "adapters/json_member.hpp"

#include "test/support/catch.hpp"

#include <string>

namespace core = failover::core;
using failover::adapters::first_member_text;

namespace {

std::string type_of(std::string const& text) {
  auto const found = first_member_text(text, "type");
  return found ? std::string{*found} : "broken";
}

}  // namespace

TEST_CASE("a member is found wherever it stands in the object", "[adapters][json_member]") {
  CHECK(type_of(R"({"type":"user"})") == "user");
  CHECK(type_of(R"( { "a" : 1 , "type" : "user" , "b":2} )") == "user");
  CHECK(type_of(R"({"a":null,"b":true,"c":-1.5e3,"d":"x","e":[],"f":{},"type":"user"})") == "user");
  CHECK(type_of(R"({"a":{"b":[1,{"c":"}]"}]},"type":"user"})") == "user");
}

TEST_CASE("members of what the object holds do not count", "[adapters][json_member]") {
  CHECK(type_of(R"({"message":{"type":"assistant"},"content":[{"type":"text"}]})").empty());
  CHECK(type_of(R"({"a":{"type":"assistant"},"type":"attachment"})") == "attachment");
  CHECK(type_of(R"({"a":"\"type\":\"assistant\",","type":"mode"})") == "mode");
  CHECK(type_of(R"({"a":"x\\","type":"mode"})") == "mode");
  CHECK(type_of(R"({"a":"{\\\"type\\\":\\\"assistant\\\"}\\"})").empty());
}

TEST_CASE("a member without a text, or no member, is an empty answer", "[adapters][json_member]") {
  CHECK(type_of("{}").empty());
  CHECK(type_of(R"({"a":1})").empty());
  CHECK(type_of(R"({"type":7})").empty());
  CHECK(type_of(R"({"type":{"type":"user"}})").empty());
  CHECK(type_of(R"({"type":""})").empty());
}

TEST_CASE("nothing behind the member is looked at", "[adapters][json_member]") {
  CHECK(type_of(R"({"type":"attachment","x":[[[)") == "attachment");
}

TEST_CASE("what is no object is told from one without the member", "[adapters][json_member]") {
  for (auto const* text : {"", " ", "null", "[]", "{", R"({"a)", R"({"a")", R"({"a":)", R"({"a":1)", R"({"a":1,)",
                           R"({"a":})", R"({"a":]})", R"({a:1})", R"({"a" 1})", R"({"a":"\)", R"({"type":"us)"}) {
    INFO(text);
    auto const found = first_member_text(text, "type");
    REQUIRE_FALSE(found);
    CHECK(found.error().kind == core::ErrorKind::invalid);
  }
}

TEST_CASE("depth costs no stack", "[adapters][json_member]") {
  CHECK(type_of(R"({"a":)" + std::string(1'000'000, '[') + std::string(1'000'000, ']') + R"(,"type":"user"})") ==
        "user");
}
