#include "adapters/message_text.hpp"

#include "test/support/catch.hpp"

using namespace failover::adapters;

TEST_CASE("valid text stays as it is", "[adapters][message_text]") {
  std::string const text = "plain, \xC3\xA9, \xE2\x82\xAC, \xF0\x9F\x98\x80\n\ttab";
  CHECK(plain_text(text) == text);
}

TEST_CASE("bytes that are no UTF-8 become replacement characters", "[adapters][message_text]") {
  CHECK(plain_text("a\xFF"
                   "b") ==
        "a\xEF\xBF\xBD"
        "b");
  CHECK(plain_text("\xE2\x82") == "\xEF\xBF\xBD\xEF\xBF\xBD");                  // cut in the middle
  CHECK(plain_text("\xC0\xAF") == "\xEF\xBF\xBD\xEF\xBF\xBD");                  // overlong
  CHECK(plain_text("\xED\xA0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // surrogate
  CHECK(plain_text("\xF4\x90\x80\x80").size() == 12);                           // over U+10FFFF
}

TEST_CASE("control characters are dropped, line feed and tab stay", "[adapters][message_text]") {
  CHECK(plain_text("a\x1b[31mb\r\nc\x7f\td") == "a[31mb\nc\td");
}

TEST_CASE("a text is counted as UTF-16 has it", "[adapters][message_text]") {
  CHECK(utf16_units("") == 0);
  CHECK(utf16_units("a\xC3\xA9\xE2\x82\xAC") == 3);
  CHECK(utf16_units("\xF0\x9F\x98\x80") == 2);
}

TEST_CASE("a long text is cut at a code point and says so", "[adapters][message_text]") {
  CHECK(cut_text("abcdef", 6) == "abcdef");
  CHECK(cut_text("abcdefg", 6) == "abcde\xE2\x80\xA6");
  CHECK(cut_text("\xF0\x9F\x98\x80\xF0\x9F\x98\x80", 3) == "\xF0\x9F\x98\x80\xE2\x80\xA6");
  CHECK(cut_text("\xF0\x9F\x98\x80\xF0\x9F\x98\x80", 2) == "\xE2\x80\xA6");
  CHECK(cut_text("abc", 0).empty());
  std::string emoji;
  for (auto i = 0; i < 5000; ++i) emoji += "\xF0\x9F\x98\x80";
  CHECK(utf16_units(cut_text(emoji, 4096)) <= 4096);
}

TEST_CASE("one line is one line without line ends, however they are written", "[adapters][message_text]") {
  CHECK(one_line("  a\r\nBcc: b\n\n c \t d  ", 100) == "a Bcc: b c d");
  CHECK(one_line("", 10).empty());
  CHECK(one_line("aaaa bbbb", 5) == "aaaa\xE2\x80\xA6");
}
