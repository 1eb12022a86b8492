#include "adapters/zone_lookup.hpp"
#include "core/quota_policy.hpp"
#include "core/reset_time.hpp"
#include "core/rfc3339.hpp"
#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"
#include "test/support/labelled_texts.hpp"

#include <string>

// The stories of reset times and clocks that other tools got wrong, B1 to B16, one case each at least.

using namespace failover;
using namespace std::chrono_literals;
using core::Classification;
using core::from_rfc3339;
using core::StandingKind;
using core::WallTime;
using core::Window;
using test::EngineWorld;

namespace {

WallTime at(std::string_view text) {
  return from_rfc3339(text).value();
}

/// The instant that `phrase` names, "-" for none.
std::string read(std::string_view phrase, std::string_view now, std::string_view local = "UTC") {
  static core::ZoneLookup const zones = adapters::system_zones();
  auto const time = core::read_reset_time(phrase, at(now), zones, local);
  return time ? core::to_rfc3339(time->at) : "-";
}

core::ResetConfidence confidence(std::string_view phrase, std::string_view local) {
  return core::read_reset_time(phrase, at("2026-11-22T10:00:00Z"), adapters::system_zones(), local)->confidence;
}

Classification screen(std::string const& text, std::string_view now) {
  test::TextReader reader;
  test::Labelled one;
  one.text = text;
  one.now = at(now);
  return reader.read(one).seen;
}

Classification wall(Window window, WallTime resets) {
  Classification wall;
  wall.state = core::ScreenState::quota_exhausted;
  wall.scope = core::Scope::account;
  wall.window = window;
  wall.resets_at = resets;
  return wall;
}

core::AccountState const& account(EngineWorld const& world, char const* name) {
  return world.state.accounts.at(core::AccountName(name));
}

EngineWorld running(std::size_t accounts = 3) {
  auto config = EngineWorld::fleet();
  config.accounts.resize(accounts);
  EngineWorld world{std::move(config)};
  world.pass(20s);
  return world;
}

}  // namespace

TEST_CASE("B1: 2am read at 23:00 is tomorrow's", "[adapters][reset_time][stories]") {
  CHECK(read("2am", "2026-11-22T23:00:00Z") == "2026-11-23T02:00:00Z");
  CHECK(read("2am (Europe/Berlin)", "2026-11-22T22:00:00Z") == "2026-11-23T01:00:00Z");
}

TEST_CASE("B2: 2am still on the screen at 2:01 means now, anchored to when it was first seen",
          "[adapters][reset_time][stories]") {
  auto const seen = screen("You've hit your session limit · resets 2am (UTC)", "2026-11-22T02:01:00Z");
  CHECK(seen.resets_at == at("2026-11-23T02:00:00Z"));  // what the text says
  CHECK(core::believable_reset(seen, at("2026-11-22T02:01:00Z")) == at("2026-11-22T02:01:00Z"));
}

TEST_CASE("B3: dates, weekdays and the turn of the year are read", "[adapters][reset_time][stories]") {
  CHECK(read("Mon 12:00am", "2026-11-22T10:00:00Z") == "2026-11-23T00:00:00Z");
  CHECK(read("Feb 11, 10am", "2026-02-08T10:00:00Z") == "2026-02-11T10:00:00Z");
  CHECK(read("May 2, 2pm", "2026-04-30T10:00:00Z") == "2026-05-02T14:00:00Z");
  CHECK(read("Jan 2, 9am", "2026-12-30T10:00:00Z") == "2027-01-02T09:00:00Z");
  CHECK(read("Dec 30, 9am", "2027-01-02T10:00:00Z") == "2026-12-30T09:00:00Z");
}

TEST_CASE("B4: a zone is the account's, a missing or unknown one the machine's with less confidence",
          "[adapters][reset_time][stories]") {
  CHECK(read("3pm (Asia/Tokyo)", "2026-11-22T01:00:00Z", "Europe/Berlin") == "2026-11-22T06:00:00Z");
  CHECK(read("3pm", "2026-11-22T10:00:00Z", "Europe/Berlin") == "2026-11-22T14:00:00Z");
  CHECK(read("3pm (Etc/Unknown)", "2026-11-22T10:00:00Z", "Europe/Berlin") == "2026-11-22T14:00:00Z");
  CHECK(confidence("3pm (Asia/Tokyo)", "UTC") == core::ResetConfidence::exact);
  CHECK(confidence("3pm (Etc/Unknown)", "UTC") == core::ResetConfidence::local_zone);
  CHECK(confidence("3pm", "UTC") == core::ResetConfidence::local_zone);
  CHECK(confidence("Nov 25", "UTC") == core::ResetConfidence::day);
}

TEST_CASE("B5: on days when clocks change the answer is at most an hour late, never early",
          "[adapters][reset_time][stories]") {
  CHECK(read("2:30am (Europe/Berlin)", "2026-03-28T20:00:00Z") == "2026-03-29T01:30:00Z");  // 2:30 does not exist
  CHECK(read("2:30am (Europe/Berlin)", "2026-10-24T20:00:00Z") == "2026-10-25T01:30:00Z");  // 2:30 comes twice
  CHECK(read("Mar 8, 2:30am (America/New_York)", "2026-03-07T20:00:00Z") == "2026-03-08T07:30:00Z");
  CHECK(read("1:45am (Australia/Lord_Howe)", "2027-04-03T10:00:00Z") == "2027-04-03T15:15:00Z");
}

TEST_CASE("B6: noon, midnight, minutes and 24 hours", "[adapters][reset_time][stories]") {
  std::string_view const now = "2026-11-22T10:00:00Z";
  CHECK(read("12am", now) == "2026-11-23T00:00:00Z");
  CHECK(read("12pm", now) == "2026-11-22T12:00:00Z");
  CHECK(read("12:30am", now) == "2026-11-23T00:30:00Z");
  CHECK(read("3:45pm", now) == "2026-11-22T15:45:00Z");
  CHECK(read("15:45", now) == "2026-11-22T15:45:00Z");
  CHECK(read("0:00", now) == "2026-11-23T00:00:00Z");
  CHECK(read("3pm", now) == "2026-11-22T15:00:00Z");
  CHECK(read("13pm", now) == "-");
}

TEST_CASE("B7: seconds and milliseconds since 1970 are told apart", "[adapters][reset_time][stories]") {
  CHECK(screen("Claude AI usage limit reached|1750708800", "2025-06-23T18:00:00Z").resets_at ==
        at("2025-06-23T20:00:00Z"));
  CHECK(screen("Claude AI usage limit reached|1750708800000", "2025-06-23T18:00:00Z").resets_at ==
        at("2025-06-23T20:00:00Z"));
  CHECK_FALSE(screen("Claude AI usage limit reached|175070880", "2025-06-23T18:00:00Z").resets_at.has_value());
}

TEST_CASE("B8: an absurd time is what the text says, and is not believed", "[adapters][reset_time][stories]") {
  WallTime const now = at("2026-11-22T10:00:00Z");
  auto const far = screen("You've hit your weekly limit · resets Jan 2, 2031, 3:15pm (UTC)", "2026-11-22T10:00:00Z");
  CHECK(far.resets_at == at("2031-01-02T15:15:00Z"));
  CHECK_FALSE(core::believable_reset(far, now).has_value());
  CHECK_FALSE(core::believable_reset(wall(Window::five_hour, now + 6h), now).has_value());
  CHECK_FALSE(core::believable_reset(wall(Window::unknown, WallTime{}), now).has_value());
}

TEST_CASE("B9: a limit that stands again after its reset is taken as it is, not released blindly",
          "[adapters][reset_time][stories]") {
  auto world = running(1);
  world.show("s1", "wall 1");
  world.after_prompt = "wall 2";
  world.pass(31s);
  auto const first = account(world, "a").until;
  world.pass(1h + 5min);
  CHECK(account(world, "a").kind == StandingKind::exhausted);
  CHECK(account(world, "a").until > first);
}

TEST_CASE("B10: where two windows are named the one that binds longer is taken", "[adapters][reset_time][stories]") {
  auto const both = screen("5-hour limit resets 3pm, weekly limit resets 9am Monday", "2026-11-22T10:00:00Z");
  CHECK(both.window == Window::weekly);
  CHECK(both.resets_at == at("2026-11-23T09:00:00Z"));
}

TEST_CASE("B11: after a suspend the wall clock ends the wait, whatever the monotonic one counted",
          "[adapters][reset_time][stories]") {
  auto world = running(1);
  world.show("s1", "wall 1");
  world.pass(31s);
  REQUIRE(account(world, "a").kind == StandingKind::exhausted);
  world.now.wall += 3h;  // the machine slept
  world.pass(31s);
  CHECK(account(world, "a").kind == StandingKind::available);
}

TEST_CASE("B12: a clock that is set back moves no instant of a reset", "[adapters][reset_time][stories]") {
  auto world = running(1);
  world.show("s1", "wall 1");
  world.pass(31s);
  auto const until = account(world, "a").until;
  world.now.wall -= 2h;
  world.pass(1min);
  CHECK(account(world, "a").until == until);
  world.pass(3h + 2min);
  CHECK(account(world, "a").kind == StandingKind::available);
}

TEST_CASE("B13: a wait does not give up, however often the reset is put off", "[adapters][reset_time][stories]") {
  auto world = running(1);
  world.show("s1", "wall 1");
  world.after_prompt = "wall 2";
  for (int i = 0; i < 8; ++i) {
    world.pass(1h + 2min);
    world.after_prompt = "wall " + std::to_string(i + 3);
  }
  CHECK(account(world, "a").kind == StandingKind::exhausted);
  CHECK(account(world, "a").until > world.now.wall);  // a stale time is replaced by the default wait
  world.after_prompt = "working";
  world.show("s1", "working");
  world.pass(world.config.quota.default_reset + 1h);
  CHECK(account(world, "a").kind == StandingKind::available);
}

TEST_CASE("B14: with every account spent the earliest reset of any ends the wait", "[adapters][reset_time][stories]") {
  core::State state;
  WallTime const now = at("2026-11-22T10:00:00Z");
  auto const spent = [&](char const* name, WallTime until) {
    auto& one = state.accounts[core::AccountName(name)];
    one.kind = StandingKind::exhausted;
    one.until = until;
  };
  spent("a", now + 5h);
  spent("b", now + 2h);
  spent("c", now + 72h);
  CHECK(core::earliest_release(state, {now, {}}) == now + 2h);
}

TEST_CASE("B15: a session that works again frees its account without a restart of the daemon",
          "[adapters][reset_time][stories]") {
  auto world = running(1);
  world.show("s1", "login");
  world.pass(31s);
  REQUIRE(account(world, "a").kind == StandingKind::auth_broken);
  world.show("s1", "working");
  world.pass(31s);
  CHECK(account(world, "a").kind == StandingKind::available);
}

TEST_CASE("B16: a reset in no time at all is a limit all the same, and rests for a while",
          "[adapters][reset_time][stories]") {
  CHECK(read("in 0 minutes", "2026-11-22T10:00:00Z") == "2026-11-22T10:00:00Z");
  auto const now_due = screen("You've hit your session limit · resets in 0m", "2026-11-22T10:00:00Z");
  CHECK(now_due.state == core::ScreenState::quota_exhausted);
  CHECK(now_due.resets_at == at("2026-11-22T10:00:00Z"));
}
