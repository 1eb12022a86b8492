#include "adapters/json_splice.hpp"

#include "test/support/catch.hpp"

#include <string>

using namespace failover::adapters;

namespace {

JsonText scanned(std::string const& text) {
  auto const json = JsonText::scan(text);
  REQUIRE(json);
  return *json;
}

std::string appended(std::string const& text, std::string const& piece) {
  auto const json = scanned(text);
  return with_appended(json, json.root(), piece);
}

std::string without(std::string const& text, std::size_t index) {
  auto const json = scanned(text);
  return without_element(json, json.root(), index);
}

}  // namespace

TEST_CASE("a new member is laid out like the ones before it", "[adapters][json_splice]") {
  std::string const piece = R"("n":{"x":["1:,{"]})";
  CHECK(appended("{\n  \"a\": 1\n}\n", piece) ==
        "{\n  \"a\": 1,\n  \"n\": {\n    \"x\": [\n      \"1:,{\"\n    ]\n  }\n}\n");
  CHECK(appended("{\r\n\t\"a\" : 1 }", piece) ==
        "{\r\n\t\"a\" : 1,\r\n\t\"n\": {\r\n\t\t\"x\": [\r\n\t\t\t\"1:,{\"\r\n\t\t]\r\n\t} }");
  CHECK(appended("{\n    \"a\":1}", piece) ==
        "{\n    \"a\":1,\n    \"n\":{\n        \"x\":[\n            \"1:,{\"\n        ]\n    }}");
  CHECK(appended("{\"a\":1}", piece) == "{\"a\":1,\"n\":{\"x\":[\"1:,{\"]}}");
  CHECK(appended("{\"a\": 1}", piece) == "{\"a\": 1, \"n\": {\"x\": [\"1:,{\"]}}");
  CHECK(appended("{ \"a\": 1, \"b\": 2 }", piece) == "{ \"a\": 1, \"b\": 2, \"n\": {\"x\": [\"1:,{\"]} }");
}

TEST_CASE("the first member of an empty object gets a line of its own", "[adapters][json_splice]") {
  CHECK(appended("{}\n", "\"n\":1") == "{\n  \"n\": 1\n}\n");
  CHECK(appended("{}\r\n", "\"n\":1") == "{\r\n  \"n\": 1\r\n}\r\n");
  std::string const text = "{\n  \"a\": []\n}";
  auto const json = scanned(text);
  CHECK(with_appended(json, json.members(json.root())[0].value, "7") == "{\n  \"a\": [\n    7\n  ]\n}");
}

TEST_CASE("taking out what was added gives the text back", "[adapters][json_splice]") {
  auto const text =
      GENERATE(as<std::string>{}, "{}", "{ }", "{\n}", "{\n\n  }", "{\r\n}", " {\t} ", "{\"a\":1}", "{\"a\": 1}",
               "{\n \"a\"\n:\n1\n,\n\"b\" : []\n}", "{\"a\":1\n}", "\n  {}", "\xEF\xBB\xBF{}");
  auto const one = appended(text, R"("n":{"x":[]})");
  auto const two = appended(one, R"("m":2)");
  auto const last = scanned(two).members(scanned(two).root()).size() - 1;
  CHECK(without(two, last) == one);
  CHECK(without(one, last - 1) == text);
}

TEST_CASE("taking out one of several leaves the others with their commas", "[adapters][json_splice]") {
  CHECK(without("[ 1, 2,\n3 ]", 0) == "[ 2,\n3 ]");
  CHECK(without("[ 1, 2,\n3 ]", 1) == "[ 1,\n3 ]");
  CHECK(without("[ 1, 2,\n3 ]", 2) == "[ 1, 2 ]");
  CHECK(without("[ 1 ]", 0) == "[ ]");
  CHECK(without("[\n  1 ]", 0) == "[ ]");
}

TEST_CASE("a string is quoted as JSON", "[adapters][json_splice]") {
  CHECK(json_quoted("a\"b\\c\n/é") == "\"a\\\"b\\\\c\\n/é\"");
}
