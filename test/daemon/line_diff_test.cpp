#include "daemon/cli/line_diff.hpp"

#include "test/support/catch.hpp"

#include <string>

using failover::daemon::line_diff;

TEST_CASE("equal texts have no difference", "[daemon][line_diff]") {
  CHECK(line_diff("", "").empty());
  CHECK(line_diff("a\nb", "a\nb").empty());
}

TEST_CASE("changes are shown under their line numbers, with a line around them", "[daemon][line_diff]") {
  CHECK(line_diff("1\n2\n3\n4\n5\n6\n7\n8\n", "1\n2\nx\n4\n5\n6\n8\n9\n") ==
        "@@ -2,3 +2,3 @@\n 2\n-3\n+x\n 4\n@@ -6,3 +6,3 @@\n 6\n-7\n 8\n+9\n");
}

TEST_CASE("changes that share a line of context are one block", "[daemon][line_diff]") {
  CHECK(line_diff("a\nb\nc\n", "x\nb\ny\n") == "@@ -1,3 +1,3 @@\n-a\n+x\n b\n-c\n+y\n");
  CHECK(line_diff("a\nb\nb\nc\n", "x\nb\nb\ny\n") == "@@ -1,4 +1,4 @@\n-a\n+x\n b\n b\n-c\n+y\n");
}

TEST_CASE("a whole new and a whole removed text are shown as diff shows them", "[daemon][line_diff]") {
  CHECK(line_diff("", "a\nb\n") == "@@ -0,0 +1,2 @@\n+a\n+b\n");
  CHECK(line_diff("a\n", "") == "@@ -1,1 +0,0 @@\n-a\n");
}

TEST_CASE("a missing line end is told", "[daemon][line_diff]") {
  CHECK(line_diff("a", "a\n") == "@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n");
}

TEST_CASE("a change too large to compare is shown as one block", "[daemon][line_diff]") {
  std::string before;
  std::string after;
  for (int line = 0; line < 3000; ++line) {
    before += "a" + std::to_string(line) + "\n";
    after += "b" + std::to_string(line) + "\n";
  }
  auto const text = line_diff("same\n" + before, "same\n" + after);
  CHECK(text.starts_with("@@ -1,3001 +1,3001 @@\n same\n-a0\n-a1\n"));
  CHECK(text.ends_with("+b2998\n+b2999\n"));
}
