#include "core/login_deaths.hpp"

#include "core/quota_policy.hpp"
#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"

#include <algorithm>

using namespace failover::test;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

Config two_accounts(std::int64_t sessions) {
  Config config = EngineWorld::fleet();
  config.accounts.pop_back();
  config.sessions.pool.size = sessions;
  config.switching.recover_at_once = 3;
  config.sessions.restart_limit = 10;
  config.notifications.telegram.emplace();
  return config;
}

/// All sessions of the fleet stand at a wall of account a, so that they are to go on with b.
EngineWorld stopped_fleet(std::int64_t sessions, Config config) {
  EngineWorld world{std::move(config)};
  world.pass(seconds{20});
  for (std::int64_t i = 1; i <= sessions; ++i) world.show("s" + std::to_string(i), "working");
  world.pass(seconds{31});
  for (std::int64_t i = 1; i <= sessions; ++i) world.show("s" + std::to_string(i), "bare wall " + std::to_string(i));
  return world;
}

AccountState account(EngineWorld const& world, std::string const& name) {
  auto const known = world.state.accounts.find(AccountName(name));
  return known == world.state.accounts.end() ? AccountState{} : known->second;
}

std::ptrdiff_t told_of_login(EngineWorld const& world) {
  return std::count_if(world.messages.begin(), world.messages.end(), [](Message const& message) {
    return message.subject.find("needs a login") != std::string::npos;
  });
}

}  // namespace

TEST_CASE("a login refused on one screen stops the account for all: no other session is recovered into it",
          "[core][login_deaths]") {
  auto config = two_accounts(6);
  config.switching.recover_at_once = 1;
  auto world = stopped_fleet(6, config);
  world.after_prompt = "login";
  world.pass(minutes{20});
  CHECK(account(world, "b").kind == StandingKind::auth_broken);
  CHECK(world.count("prompt") == 1);
  CHECK(world.count("restart") == 0);
  CHECK(told_of_login(world) == 1);
}

TEST_CASE("of three recoveries in flight each may meet the refused login, and no fourth does", "[core][login_deaths]") {
  auto world = stopped_fleet(6, two_accounts(6));
  world.after_prompt = "login";
  world.pass(minutes{20});
  CHECK(account(world, "b").kind == StandingKind::auth_broken);
  CHECK(world.count("prompt") <= 3);
  CHECK(world.count("restart") == 0);
  CHECK(told_of_login(world) == 1);
}

TEST_CASE("an agent that ends at its login with each start stops the account with the third death",
          "[core][login_deaths]") {
  auto world = stopped_fleet(1, two_accounts(1));
  world.after_prompts = {"blank"};
  world.after_prompt = "login, dead";
  world.pass(minutes{20});
  CHECK(account(world, "b").kind == StandingKind::auth_broken);
  CHECK(account(world, "b").login_deaths == max_login_deaths);
  CHECK_THAT(account(world, "b").rule, CF_CONTAINS("3 agents ended at its login"));
  CHECK(world.count("restart s1") == 3);
  CHECK(world.phase("s1") == Phase::dead);
  CHECK(told_of_login(world) == 1);
}

TEST_CASE("three deaths of different sessions stop the account, before any spends its own starts",
          "[core][login_deaths]") {
  auto world = stopped_fleet(6, two_accounts(6));
  world.after_prompts = {"blank", "blank", "blank"};
  world.after_prompt = "login, dead";
  world.pass(minutes{20});
  CHECK(account(world, "b").kind == StandingKind::auth_broken);
  CHECK(world.count("restart") <= 5);
  for (auto const& [name, session] : world.state.sessions)
    CHECK(std::ssize(session.starts) < world.config.sessions.restart_limit);
  auto const before = world.count("restart");
  world.pass(minutes{30});
  CHECK(world.count("restart") == before);
  CHECK(told_of_login(world) == 1);
}

TEST_CASE("with the login back the dead are started again, and proof of work forgets the deaths",
          "[core][login_deaths]") {
  auto world = stopped_fleet(1, two_accounts(1));
  world.after_prompts = {"blank"};
  world.after_prompt = "login, dead";
  world.pass(minutes{10});
  REQUIRE(world.phase("s1") == Phase::dead);
  world.after_prompt = "idle";
  world.tell(event::AccountSwitched{AccountName("b"), true});
  world.pass(minutes{1});
  CHECK(world.phase("s1") == Phase::idle);
  world.show("s1", "working");
  world.pass(minutes{2});
  CHECK(account(world, "b").login_deaths == 0);
}

TEST_CASE("an agent that ends for another reason is no death at a login", "[core][login_deaths]") {
  auto world = stopped_fleet(1, two_accounts(1));
  world.after_prompts = {"blank"};
  world.after_prompt = "dead";
  world.pass(minutes{5});
  CHECK(account(world, "b").login_deaths == 0);
  CHECK(account(world, "b").kind == StandingKind::available);
}
