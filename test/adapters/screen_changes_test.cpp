#include "adapters/screen_changes.hpp"

#include "test/support/catch.hpp"

#include <string>
#include <vector>

using namespace failover;

namespace {

core::PaneRef pane(int number) {
  return {77, 1000, core::PaneId{"%" + std::to_string(number)}};
}

bool unchanged(adapters::ScreenChanges& changes, int number, std::string const& text, int first_row = 1) {
  std::vector<core::Screen> screens = {{pane(number), text, {}, false, first_row}};
  changes.note(screens);
  return screens.front().unchanged;
}

}  // namespace

TEST_CASE("a screen is unchanged when the look at its pane before showed the same", "[adapters][screen_changes]") {
  adapters::ScreenChanges changes;
  CHECK_FALSE(unchanged(changes, 1, ""));
  CHECK(unchanged(changes, 1, ""));
  CHECK_FALSE(unchanged(changes, 1, "one"));
  CHECK_FALSE(unchanged(changes, 2, "one"));
  CHECK(unchanged(changes, 1, "one"));
  CHECK_FALSE(unchanged(changes, 1, ""));
}

TEST_CASE("the last rows are compared with the last rows", "[adapters][screen_changes]") {
  adapters::ScreenChanges changes;
  CHECK_FALSE(unchanged(changes, 1, "same"));
  CHECK_FALSE(unchanged(changes, 1, "same", 20));
  CHECK(unchanged(changes, 1, "same", 20));
  CHECK_FALSE(unchanged(changes, 1, "same"));
}

TEST_CASE("thousands of panes that come and go are forgotten, one that stays is not", "[adapters][screen_changes]") {
  adapters::ScreenChanges changes;
  CHECK_FALSE(unchanged(changes, 0, "stays"));
  for (int number = 1; number < 20'000; ++number) {
    CHECK_FALSE(unchanged(changes, number, "goes"));
    if (number % 1000 == 0) CHECK(unchanged(changes, 0, "stays"));
  }
  CHECK_FALSE(unchanged(changes, 1, "goes"));
}
