#include "adapters/utf8.hpp"

#include "test/support/catch.hpp"

#include <string>

namespace adapters = failover::adapters;

TEST_CASE("well-formed UTF-8 is valid, whatever its length", "[adapters][utf8]") {
  CHECK(adapters::is_valid_utf8(""));
  CHECK(adapters::is_valid_utf8("plain"));
  CHECK(adapters::is_valid_utf8("\xC2\x80 \xDF\xBF \xE0\xA0\x80 \xEF\xBF\xBF \xF0\x90\x80\x80 \xF4\x8F\xBF\xBF"));
}

TEST_CASE("overlong, cut, surrogate and too large sequences are invalid", "[adapters][utf8]") {
  for (std::string const bytes : {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2x", "\xE0\x9F\xBF", "\xE2\x82",
                                  "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"})
    CHECK_FALSE(adapters::is_valid_utf8("a" + bytes));
}

TEST_CASE("each invalid byte is replaced and the rest kept", "[adapters][utf8]") {
  CHECK(adapters::repaired_utf8("a\xFF\xC3\xA9\xE2\x82z") == "a\xEF\xBF\xBD\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBDz");
}

TEST_CASE("a cut falls between code points", "[adapters][utf8]") {
  std::string const text = "a\xC3\xA9\xE2\x82\xAC";
  CHECK(adapters::cut_utf8(text, 6) == text);
  CHECK(adapters::cut_utf8(text, 5) == "a\xC3\xA9");
  CHECK(adapters::cut_utf8(text, 2) == "a");
  CHECK(adapters::cut_utf8(text, 0).empty());
}

TEST_CASE("controls and marks that change how the rest is read are not printable", "[adapters][utf8]") {
  for (char32_t const c :
       {U'\0', U'\n', U'\x1B', U'\x7F', U'\x9B', U'\u200B', U'\u2028', U'\u202E', U'\u2066', U'\uFEFF'})
    CHECK_FALSE(adapters::is_printable(c));
  for (char32_t const c : {U' ', U'~', U'\u00A0', U'\u00E9', U'\u4E2D', U'\U0001F600'})
    CHECK(adapters::is_printable(c));
}
