#include "core/examination.hpp"

#include "test/support/catch.hpp"

using namespace failover::core;

TEST_CASE("a remark is one line: grade, check, where, what and the cure", "[core][examination]") {
  CHECK(to_line({Grade::problem, "link", "/home/u/.claude", "leads back to itself", "make it again"}) ==
        "problem  link          /home/u/.claude: leads back to itself; make it again");
  CHECK(to_line({Grade::skipped, "a-very-long-check", "", "nothing to look at", ""}) ==
        "skipped  a-very-long-check nothing to look at");
}

TEST_CASE("a remark stays one line whatever the names in it are", "[core][examination]") {
  auto const line = to_line({Grade::ok, "account", "/home/u/two\nlines\x1b[31m", "is\tlogged in", ""});
  CHECK(line == "ok       account       /home/u/two?lines?[31m: is?logged in");
}

TEST_CASE("only a problem is one", "[core][examination]") {
  CHECK_FALSE(has_problem({}));
  CHECK_FALSE(has_problem({{Grade::ok}, {Grade::warning}, {Grade::skipped}}));
  CHECK(has_problem({{Grade::ok}, {Grade::problem}}));
}

TEST_CASE("each grade has a word of its own", "[core][examination]") {
  CHECK(to_string(Grade::ok) == "ok");
  CHECK(to_string(Grade::warning) == "warning");
  CHECK(to_string(Grade::problem) == "problem");
  CHECK(to_string(Grade::skipped) == "skipped");
}

TEST_CASE("names are listed as a person would", "[core][examination]") {
  CHECK(enumerated({}).empty());
  CHECK(enumerated({"a"}) == "a");
  CHECK(enumerated({"a", "b"}) == "a and b");
  CHECK(enumerated({"a", "b", "c"}) == "a, b and c");
}
