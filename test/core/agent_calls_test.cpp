#include "core/agent_calls.hpp"

#include "test/support/agents_world.hpp"
#include "test/support/catch.hpp"

using namespace failover::test;
using std::chrono::hours;
using std::chrono::minutes;

TEST_CASE("figures of the status line are the account's, the newest ones", "[core][agent_calls]") {
  Agents world;
  UsageReport report;
  report.conversation = *world.session("s1").conversation;
  report.at = world.now.wall;
  report.five_hour = WindowUse{91.5, world.now.wall + hours{2}};
  world.tell(event::UsageTold{report});
  auto older = report;
  older.at -= minutes{1};
  older.five_hour->used_percent = 12;
  world.tell(event::UsageTold{older});
  auto const& use = world.state.accounts.at(AccountName("a")).use;
  REQUIRE(use.has_value());
  CHECK(use->five_hour->used_percent == 91.5);
  CHECK(use->told_by == SessionName("s1"));
}
