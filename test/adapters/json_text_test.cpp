#include "adapters/json_text.hpp"

#include "test/support/catch.hpp"

#include <string>
#include <vector>

using namespace failover::adapters;
using failover::core::ErrorKind;
using namespace std::string_literals;

namespace {

std::string complaint(std::string const& text) {
  auto const json = JsonText::scan(text);
  REQUIRE_FALSE(json);
  CHECK(json.error().kind == ErrorKind::invalid);
  return json.error().detail;
}

std::string nested(int depth) {
  return std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
}

}  // namespace

TEST_CASE("members and elements are found with their places, whatever white space is around", "[adapters][json_text]") {
  std::string const text = "\xEF\xBB\xBF{\r\n\t\"a\" : [1, -2.5e+3 ,true],\"\\u0062\":{}\n, \"c\":\"x\"}\r\n";
  auto const json = JsonText::scan(text);
  REQUIRE(json);
  CHECK(json->root() == JsonValue{JsonKind::object, {3, text.size() - 2}});
  auto const members = json->members(json->root());
  REQUIRE(members.size() == 3);
  CHECK(members[0].name == "a");
  CHECK(text.substr(members[0].range.begin, members[0].range.end - members[0].range.begin) ==
        "\"a\" : [1, -2.5e+3 ,true]");
  CHECK(members[1].name == "b");
  CHECK(json->members(members[1].value).empty());
  CHECK(json->string(members[2].value) == "x");
  std::vector<std::string> elements;
  std::vector<JsonKind> kinds;
  for (auto const& element : json->elements(members[0].value)) {
    elements.push_back(text.substr(element.range.begin, element.range.end - element.range.begin));
    kinds.push_back(element.kind);
  }
  CHECK(elements == std::vector<std::string>{"1", "-2.5e+3", "true"});
  CHECK(kinds == std::vector<JsonKind>{JsonKind::number, JsonKind::number, JsonKind::literal});
}

TEST_CASE("brackets and quotes inside strings are no structure", "[adapters][json_text]") {
  std::string const text = R"({"a":"]}\"\\","b":["{,[",{"]":"}"}]})";
  auto const json = JsonText::scan(text);
  REQUIRE(json);
  auto const members = json->members(json->root());
  REQUIRE(members.size() == 2);
  CHECK(json->string(members[0].value) == "]}\"\\");
  CHECK(json->elements(members[1].value).size() == 2);
}

TEST_CASE("the escapes of a string are resolved", "[adapters][json_text]") {
  std::string const text = R"("\" \\ \/ \b\f\n\r\t \u0041 \u00e9 \u20AC \ud83d\ude00 \u0000")";
  auto const json = JsonText::scan(text);
  REQUIRE(json);
  CHECK(json->string(json->root()) == "\" \\ / \b\f\n\r\t A \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80 \0"s);
}

TEST_CASE("two members of one name are both found", "[adapters][json_text]") {
  std::string const text = R"({"a":1,"\u0061":2})";
  auto const json = JsonText::scan(text);
  REQUIRE(json);
  auto const members = json->members(json->root());
  REQUIRE(members.size() == 2);
  CHECK(members[0].name == members[1].name);
}

TEST_CASE("what is no JSON is refused with its place and name", "[adapters][json_text]") {
  CHECK(complaint("{\n  // mine\n}") == "line 2, column 3 (byte 4): a comment: JSON has none, remove it");
  CHECK_THAT(complaint("{\"a\":1 /* x */}"), CF_CONTAINS("column 8 (byte 7): a comment"));
  CHECK(complaint("{\"a\":1,\n}") == "line 1, column 7 (byte 6): a trailing comma before '}': remove it");
  CHECK_THAT(complaint("[1,2, ]"), CF_CONTAINS("byte 4): a trailing comma before ']'"));
  CHECK_THAT(complaint("{\"a\" 1}"), CF_CONTAINS("expected ':'"));
  CHECK_THAT(complaint("{a:1}"), CF_CONTAINS("expected a name in double quotes"));
  CHECK_THAT(complaint("{'a':1}"), CF_CONTAINS("expected a name in double quotes"));
  CHECK_THAT(complaint("[1 2]"), CF_CONTAINS("expected ',' or ']'"));
  CHECK_THAT(complaint("{} {}"), CF_CONTAINS("(byte 3): something follows the end"));
  CHECK_THAT(complaint("\"a"), CF_CONTAINS("without its closing quote"));
  CHECK_THAT(complaint("\"a\\x\""), CF_CONTAINS("an escape that JSON does not know"));
  CHECK_THAT(complaint("\"\\u12g4\""), CF_CONTAINS("four hexadecimal digits"));
  CHECK_THAT(complaint("\"\\ud800\""), CF_CONTAINS("half of a surrogate pair"));
  CHECK_THAT(complaint("\"\\udc00\\ud800\""), CF_CONTAINS("half of a surrogate pair"));
  CHECK_THAT(complaint("\"\\ud800\\u0041\""), CF_CONTAINS("half of a surrogate pair"));
  CHECK_THAT(complaint("\"a\nb\""), CF_CONTAINS("a control character inside a string"));
  CHECK_THAT(complaint("\"\xff\""), CF_CONTAINS("not UTF-8"));
}

TEST_CASE("texts that end early and words that are no value are refused", "[adapters][json_text]") {
  auto const text = GENERATE(as<std::string>{}, "", " \n", "\xEF\xBB\xBF", "{", "[", "[1", "[1,", "{\"a\"",
                             "{\"a\":", "{\"a\":1", "{\"a\":1,", "\"\\", "\"\\u", "tru", "nulll", "True", "-", "01",
                             "1.", "1e", "1e+", ".5", "+1", "NaN", "Infinity", "]", "}", "0x10", "\xC2\xA0{}");
  CHECK_THAT(complaint(text), CF_CONTAINS("line ") && CF_CONTAINS("(byte "));
}

TEST_CASE("a NUL byte is no end of the text", "[adapters][json_text]") {
  CHECK_THAT(complaint("{}\0{}"s), CF_CONTAINS("(byte 2): something follows the end"));
  CHECK_THAT(complaint("\"\\\0\""s), CF_CONTAINS("an escape that JSON does not know"));
  CHECK_THAT(complaint("\"a\0\""s), CF_CONTAINS("a control character"));
}

TEST_CASE("depth and size are bounded", "[adapters][json_text]") {
  CHECK(JsonText::scan(nested(max_json_text_depth)));
  CHECK_THAT(complaint(nested(max_json_text_depth + 1)), CF_CONTAINS("(byte 64): nested deeper than 64 levels"));
  CHECK_THAT(complaint(std::string(1 << 20, '[')), CF_CONTAINS("nested deeper"));
  auto const whole = "\"" + std::string(max_json_text_bytes - 2, 'x') + "\"";
  CHECK(JsonText::scan(whole));
  auto const more = whole + " ";
  auto const refused = JsonText::scan(more);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::too_large);
}

TEST_CASE("a place counts lines and the bytes of the line, the byte order mark not", "[adapters][json_text]") {
  CHECK(place_of("ab\r\ncd", 5) == TextPlace{2, 2});
  CHECK(place_of("\xEF\xBB\xBF{", 3) == TextPlace{1, 1});
  CHECK(place_of("", 0) == TextPlace{1, 1});
}

TEST_CASE("a text of white space is blank, with or without a byte order mark", "[adapters][json_text]") {
  CHECK(is_blank_json(""));
  CHECK(is_blank_json("\xEF\xBB\xBF \r\n\t"));
  CHECK_FALSE(is_blank_json("0"));
  CHECK_FALSE(is_blank_json("\xC2\xA0"));
}
