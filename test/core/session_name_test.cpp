#include "core/session_name.hpp"

#include "test/support/catch.hpp"

using namespace failover::core;

TEST_CASE("session names hold nothing that tmux gives a meaning", "[core][session_name]") {
  for (std::string const name : {"a.b",  "a:b", "#(id)", "a#b", "-a", "=a",   "$1",   "%1", "@1", "{x}", "a;",
                                 "a\"b", "a'b", "a\\b",  "a/b", "a*", "a\nb", "\x1b", " a", "a ", "+a"}) {
    INFO(name);
    CHECK(session_name_fault(name).has_value());
  }
  CHECK(session_name_fault("").has_value());
  CHECK(session_name_fault(std::string(101, 'a')).has_value());
  CHECK_FALSE(session_name_fault(std::string(100, 'a')).has_value());
}

TEST_CASE("a pattern of sessions to adopt is a name, or a beginning and *", "[core][session_name]") {
  for (std::string const pattern : {"work", "agent-*", "*", "proj/x"}) {
    INFO(pattern);
    CHECK_FALSE(adopt_pattern_fault(pattern).has_value());
  }
  for (std::string const pattern : {"", "a*b", "**", "a.b", "a:b"}) {
    INFO(pattern);
    CHECK(adopt_pattern_fault(pattern).has_value());
  }
  CHECK(adopt_pattern_fault(std::string(101, 'a')).has_value());
}
