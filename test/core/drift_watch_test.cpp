#include "core/drift_watch.hpp"

#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"

using namespace failover::test;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

Duration days(int count) {
  return hours{24} * count;
}

EngineWorld watched() {
  Config config = EngineWorld::fleet();
  config.sessions.pool.size = 0;  // nothing but the looks at the accounts
  config.notifications.command = CommandChannelConfig{{"true"}};
  EngineWorld world{std::move(config)};
  world.logins = {{"a", "aaaa"}, {"b", "bbbb"}, {"c", "cccc"}};
  world.pass(seconds{20});
  return world;
}

/// Days pass without a look in between, then one comes.
void sleep_over(EngineWorld& world, Duration time) {
  world.now.wall += time;
  world.now.mono += time;
  world.pass(seconds{20});
}

std::ptrdiff_t told(EngineWorld const& world, std::string const& words) {
  return std::count_if(world.messages.begin(), world.messages.end(), [&](Message const& message) {
    return (message.subject + "\n" + message.body).find(words) != std::string::npos;
  });
}

std::ptrdiff_t logs(EngineWorld const& world, std::string const& message) {
  return std::count_if(world.log.begin(), world.log.end(),
                       [&](effect::Log const& line) { return line.message == message; });
}

}  // namespace

TEST_CASE("accounts as they should be are not spoken of", "[core][drift]") {
  auto const world = watched();
  CHECK(world.state.live.drifts.empty());
  CHECK(world.messages.empty());
  CHECK(logs(world, "drift") == 0);
}

TEST_CASE("a drift is told once when it appears and logged once when it is gone", "[core][drift]") {
  auto world = watched();
  world.link_view = {LinkPlace::directory, false, false, {}};
  world.pass(minutes{10});
  REQUIRE(world.state.live.drifts.size() == 1);
  CHECK(world.state.live.drifts[0].kind == DriftKind::link_is_directory);
  CHECK(told(world, "adopt") == 1);
  CHECK(logs(world, "drift") == 1);
  CHECK(world.logged("drift", "link_is_directory"));

  world.link_view = {LinkPlace::symlink, false, true, {}};
  world.pass(minutes{10});
  CHECK(world.state.live.drifts.empty());
  CHECK(logs(world, "drift gone") == 1);
  CHECK(world.messages.size() == 1);

  world.link_view = {LinkPlace::absent, false, false, {}};
  world.pass(minutes{1});
  CHECK(told(world, "nothing stands at switch.link") == 1);
}

TEST_CASE("a drift that is not severe is logged without a message", "[core][drift]") {
  auto world = watched();
  world.logged_out = {"c"};
  world.pass(minutes{1});
  CHECK(world.logged("drift", "not_logged_in"));
  CHECK(world.messages.empty());
}

TEST_CASE("a look that failed changes nothing of what is known", "[core][drift]") {
  auto world = watched();
  world.link_view = {LinkPlace::loop, false, false, {}};
  world.pass(minutes{1});
  auto const before = world.state.live.drifts;
  world.tell(event::AccountsRead{{Error{ErrorKind::timed_out, "the disk"}, {}, {}}});
  CHECK(world.state.live.drifts == before);
  CHECK(logs(world, "drift gone") == 0);
}

TEST_CASE("another account of the same login is no candidate", "[core][drift][swap]") {
  EngineWorld world{EngineWorld::fleet()};
  world.logins = {{"a", "one"}, {"b", "one"}, {"c", "another"}};
  world.pass(seconds{20});
  world.show("s1", "wall 1");
  world.pass(minutes{1});
  CHECK(world.count("flip b") == 0);
  CHECK(world.count("flip c") == 1);
}

TEST_CASE("a login that was changed is told once and listed for a day", "[core][drift]") {
  auto world = watched();
  world.logins["b"] = "another";
  world.pass(minutes{5});
  REQUIRE(world.state.live.drifts.size() == 1);
  CHECK(world.state.live.drifts[0].kind == DriftKind::login_changed);
  CHECK(told(world, "account b holds another login") == 1);
  CHECK(world.state.accounts.at(AccountName{"b"}).identity == "another");
  world.restart();
  world.pass(minutes{5});
  world.logins["b"] = "";  // not known for once
  world.pass(minutes{5});
  CHECK(world.messages.size() == 1);

  world.logins["c"] = "a third";
  world.pass(minutes{5});
  CHECK(world.state.live.drifts.size() == 1);
  sleep_over(world, days(1));
  CHECK(world.state.live.drifts.empty());
  CHECK(world.messages.size() == 2);
}

TEST_CASE("a login is another one only where its credentials were written, too", "[core][drift]") {
  auto world = watched();
  for (auto const* name : {"a", "b", "c"}) world.written[name] = world.now.wall - hours{1};
  world.pass(minutes{1});
  // An old agent of a writes whose login it began with into b, where the link leads to by now.
  world.logins["b"] = "aaaa";
  world.pass(minutes{1});
  CHECK(world.state.live.drifts.empty());
  CHECK_FALSE(same_login(world.state.live.accounts, AccountName("a"), AccountName("b")));
  world.written["b"] = world.now.wall;
  world.pass(minutes{1});
  CHECK(told(world, "another login") == 1);
  CHECK(same_login(world.state.live.accounts, AccountName("a"), AccountName("b")));
}

TEST_CASE("a login is asked for anew once, 27 days after it was first seen", "[core][drift]") {
  auto world = watched();
  sleep_over(world, days(27) - minutes{1});
  CHECK(world.messages.empty());
  world.restart();
  world.logged_out = {"c"};  // the age of this one begins anew
  world.pass(minutes{1});
  CHECK(told(world, "The login of account a is 27 days old") == 1);
  CHECK(told(world, "The login of account b is 27 days old") == 1);
  CHECK(told(world, "account c") == 0);
  world.logged_out = {};
  world.pass(minutes{1});
  world.restart();
  sleep_over(world, days(5));
  CHECK(world.messages.size() == 2);
  sleep_over(world, days(22));
  CHECK(told(world, "The login of account c is 27 days old") == 1);
  CHECK(world.messages.size() == 3);
}

TEST_CASE("the age of a login goes on while its identity cannot be read, and begins anew with another",
          "[core][drift]") {
  auto world = watched();
  world.logins = {{"a", ""}, {"b", "another"}, {"c", "cccc"}};
  auto const since = [&](char const* name) { return world.state.accounts.at(AccountName{name}).login_seen; };
  auto const first = since("a");
  world.pass(minutes{1});
  CHECK(since("a") == first);
  CHECK(since("b") > first);
  CHECK(since("c") == first);
}

TEST_CASE("an account that is off is not asked to log in", "[core][drift]") {
  auto world = watched();
  world.config.accounts[2].disabled = true;
  sleep_over(world, days(28));
  CHECK(world.messages.size() == 2);
  CHECK(told(world, "account c") == 0);
}
