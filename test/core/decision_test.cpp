#include "core/decision.hpp"

#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"

using namespace failover::test;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

/// Accounts a (active), b and c, all present and logged in, on a link; nothing has happened yet.
struct Case {
  Config config = EngineWorld::fleet();
  State state = {};
  Now now = {WallTime{hours{24 * 365 * 56}}, MonoTime{hours{100}}};

  Case() {
    for (auto const& account : config.accounts)
      state.live.accounts.directories.push_back({account.name, true, true, account.config_dir});
    state.live.accounts.link_target = std::string("/acc/a");
    state.live.accounts_known = true;
    state.active = AccountName("a");
    state.active_since = ago(hours{50});
  }

  [[nodiscard]] Moment ago(Duration time) const { return {now.wall - time, now.mono - time}; }
  AccountState& account(char const* name) { return state.accounts[AccountName(name)]; }
  void exhaust(char const* name) {
    account(name).kind = StandingKind::exhausted;
    account(name).until = now.wall + hours{1};
  }
  void use(char const* name, double percent, Duration told_ago = seconds{30}, Duration resets_in = hours{2}) {
    account(name).use = AccountUse{WindowUse{percent, now.wall + resets_in}, {}, ago(told_ago), {}};
  }
  void swapped(char const* from, char const* to, Duration time_ago, SwapCause cause = SwapCause::exhausted) {
    Swap swap;
    swap.id = state.next_swap_id++;
    swap.phase = SwapPhase::done;
    swap.from = AccountName(from);
    swap.to = AccountName(to);
    swap.decided = ago(time_ago);
    swap.cause = cause;
    state.past_swaps.push_back(swap);
    state.active = AccountName(to);
    state.active_since = ago(time_ago);
  }
  [[nodiscard]] Refusal refusal() const {
    auto const decision = decide(config, state, now, false);
    REQUIRE(decision);
    return decision->refusal;
  }
  [[nodiscard]] std::string target() const {
    auto const decision = decide(config, state, now, false);
    REQUIRE(decision);
    CHECK(decision->refusal == Refusal::none);
    return decision->to.str();
  }
  [[nodiscard]] Fitness fitness(char const* name) const {
    auto const decision = decide(config, state, now, false);
    REQUIRE(decision);
    for (auto const& one : decision->considered)
      if (one.account == AccountName(name)) return one.fitness;
    FAIL("not considered");
    return Fitness::fit;
  }
};

}  // namespace

TEST_CASE("an account that serves is not left", "[core][decision]") {
  Case c;
  CHECK_FALSE(decide(c.config, c.state, c.now, false));
  c.use("a", 99);
  CHECK_FALSE(decide(c.config, c.state, c.now, false));
}

TEST_CASE("each cause to leave has its name", "[core][decision]") {
  Case c;
  SECTION("exhausted") {
    c.exhaust("a");
    CHECK(decide(c.config, c.state, c.now, false)->cause == SwapCause::exhausted);
  }
  SECTION("spend limit") {
    c.account("a").kind = StandingKind::spend_blocked;
    CHECK(decide(c.config, c.state, c.now, false)->cause == SwapCause::spend_blocked);
  }
  SECTION("disabled by the operator") {
    c.account("a").disabled = true;
    CHECK(decide(c.config, c.state, c.now, false)->cause == SwapCause::disabled);
  }
  SECTION("a login that was broken for a minute, and not before") {
    c.account("a").kind = StandingKind::auth_broken;
    c.account("a").since = c.ago(seconds{59});
    CHECK_FALSE(decide(c.config, c.state, c.now, false));
    c.account("a").since = c.ago(seconds{60});
    CHECK(decide(c.config, c.state, c.now, false)->cause == SwapCause::auth_broken);
  }
  CHECK(c.refusal() == Refusal::none);
}

TEST_CASE("priority takes the first of the configuration that is fit", "[core][decision]") {
  Case c;
  c.exhaust("a");
  c.use("b", 60);
  c.use("c", 5);
  CHECK(c.target() == "b");
}

TEST_CASE("most_headroom takes the one with the most left, by weight", "[core][decision]") {
  Case c;
  c.config.switching.strategy = Strategy::most_headroom;
  c.exhaust("a");
  c.use("b", 60);
  c.use("c", 40);
  CHECK(c.target() == "c");
  c.config.accounts[1].weight = 5;  // 5 × 40 beside 60
  CHECK(c.target() == "b");
  SECTION("what is not known counts as half") {
    c.config.accounts[1].weight = 1;
    c.account("b").use.reset();
    CHECK(c.target() == "c");
    c.use("c", 51);
    CHECK(c.target() == "b");
  }
  SECTION("a window whose reset has passed since is empty again") {
    c.config.accounts[1].weight = 1;
    c.use("b", 100, hours{3}, -hours{1});
    CHECK(c.target() == "b");
  }
}

TEST_CASE("soonest_reset takes the one whose quota is given back first", "[core][decision]") {
  Case c;
  c.config.switching.strategy = Strategy::soonest_reset;
  c.exhaust("a");
  c.use("b", 10, seconds{30}, hours{4});
  c.use("c", 80, seconds{30}, hours{1});
  CHECK(c.target() == "c");
  c.account("c").use.reset();
  CHECK(c.target() == "b");
}

TEST_CASE("what is no candidate says why", "[core][decision]") {
  Case c;
  c.exhaust("a");
  SECTION("disabled in the configuration") {
    c.config.accounts[1].disabled = true;
    CHECK(c.fitness("b") == Fitness::disabled);
  }
  SECTION("disabled by the operator") {
    c.account("b").disabled = true;
    CHECK(c.fitness("b") == Fitness::disabled);
  }
  SECTION("exhausted") {
    c.exhaust("b");
    CHECK(c.fitness("b") == Fitness::exhausted);
  }
  SECTION("a broken login") {
    c.account("b").kind = StandingKind::auth_broken;
    CHECK(c.fitness("b") == Fitness::auth_broken);
  }
  SECTION("a spend limit") {
    c.account("b").kind = StandingKind::spend_blocked;
    CHECK(c.fitness("b") == Fitness::spend_blocked);
  }
  SECTION("no directory") {
    c.state.live.accounts.directories[1].present = false;
    CHECK(c.fitness("b") == Fitness::directory_missing);
  }
  SECTION("no login") {
    c.state.live.accounts.directories[1].logged_in = false;
    CHECK(c.fitness("b") == Fitness::not_logged_in);
  }
  SECTION("the same login under another name") {
    c.state.live.accounts.directories[1].real_path = "/acc/a";
    CHECK(c.fitness("b") == Fitness::same_login);
  }
  SECTION("nearly spent itself") {
    c.use("b", 96);
    CHECK(c.fitness("b") == Fitness::no_headroom);
  }
  SECTION("only its reserve is left") {
    c.config.accounts[1].reserve = 30;
    c.use("b", 70);
    CHECK(c.fitness("b") == Fitness::no_headroom);
  }
  CHECK(c.target() == "c");
}

TEST_CASE("nothing goes straight back within the dwell, while there is another way", "[core][decision]") {
  Case c;
  c.swapped("b", "a", minutes{10});
  c.exhaust("a");
  CHECK(c.fitness("b") == Fitness::straight_return);
  CHECK(c.target() == "c");
  c.exhaust("c");
  CHECK(c.refusal() == Refusal::straight_return);
  auto const again = decide(c.config, c.state, c.now, false)->again_at;
  REQUIRE(again);
  CHECK(again->mono - c.now.mono == minutes{5});
  c.now = {c.now.wall + minutes{5}, c.now.mono + minutes{5}};
  CHECK(c.target() == "b");
}

TEST_CASE("cooldown and budgets count every swap, also a failed one, but not the operator's", "[core][decision]") {
  Case c;
  c.config.switching.max_per_hour = 2;
  c.exhaust("a");
  SECTION("cooldown") {
    c.swapped("c", "a", minutes{4});
    c.state.past_swaps.back().phase = SwapPhase::aborted;
    CHECK(c.refusal() == Refusal::cooldown);
    c.now.mono += minutes{1};
    CHECK(c.target() == "b");
  }
  SECTION("the hour's budget") {
    c.swapped("c", "a", minutes{59});
    c.swapped("c", "a", minutes{20});
    CHECK(c.refusal() == Refusal::budget_hour);
    c.now.mono += minutes{1};
    CHECK(c.target() == "b");
  }
  SECTION("the operator's are free") {
    c.swapped("c", "a", minutes{59}, SwapCause::operator_asked);
    c.swapped("c", "a", minutes{20});
    CHECK(c.target() == "b");
  }
  SECTION("the day's budget") {
    c.config.switching.max_per_day = 3;
    for (int i = 0; i < 3; ++i) c.swapped("c", "a", hours{20 - i});
    CHECK(c.refusal() == Refusal::budget_day);
  }
}

TEST_CASE("a clock that is set stretches and voids no restraint", "[core][decision]") {
  Case c;
  c.exhaust("a");
  c.swapped("c", "a", minutes{4});
  auto const step = GENERATE(Duration{hours{24 * 365}}, Duration{-hours{24}});
  c.now.wall += step;
  c.account("a").until = c.now.wall + hours{1};
  CHECK(c.refusal() == Refusal::cooldown);
  c.now.mono += minutes{1};
  CHECK(c.refusal() == Refusal::none);
}

TEST_CASE("two accounts that took turns are not let do so again", "[core][decision]") {
  Case c;
  c.config.accounts.resize(2);
  c.swapped("a", "b", minutes{40});
  c.swapped("b", "a", minutes{20});
  c.exhaust("a");
  CHECK(c.refusal() == Refusal::ping_pong);
  SECTION("there is another one") {
    c.config = EngineWorld::fleet();
    c.exhaust("b");
    CHECK(c.target() == "c");
  }
  SECTION("it was longer ago") {
    c.now.mono += minutes{20};
    CHECK(c.refusal() == Refusal::none);
  }
  SECTION("frozen") {
    c.state.frozen_since = c.now;
    c.now.mono += minutes{59};
    CHECK(c.refusal() == Refusal::frozen);
    c.now.mono += minutes{1};
    CHECK(c.refusal() == Refusal::none);
  }
}

TEST_CASE("an account is left early only between turns, after the dwell, and for known headroom", "[core][decision]") {
  Case c;
  c.config.quota.leave_at = 95;
  c.use("a", 95);
  c.use("b", 40);
  CHECK(c.target() == "b");
  SECTION("below the mark") {
    c.use("a", 94.9);
    CHECK_FALSE(decide(c.config, c.state, c.now, false));
  }
  SECTION("old figures") {
    c.use("a", 99, minutes{11});
    CHECK_FALSE(decide(c.config, c.state, c.now, false));
  }
  SECTION("nobody else is known to have more") {
    c.account("b").use.reset();
    CHECK(c.fitness("b") == Fitness::headroom_unknown);
    CHECK(c.refusal() == Refusal::no_headroom);
  }
  SECTION("a turn runs") {
    auto& session = c.state.sessions[SessionName("s")];
    session.account = AccountName("a");
    session.phase = Phase::working;
    CHECK(c.refusal() == Refusal::turn_running);
    session.phase = Phase::idle;
    CHECK(c.target() == "b");
  }
  SECTION("it was only just begun") {
    c.state.active_since = c.ago(minutes{14});
    CHECK(c.refusal() == Refusal::dwell);
  }
  SECTION("what is reserved of it counts the same") {
    c.config.quota.leave_at = 0;
    CHECK_FALSE(decide(c.config, c.state, c.now, false));
    c.config.accounts[0].reserve = 10;
    CHECK(c.target() == "b");
  }
}

TEST_CASE("a person's choice holds for the dwell, and not for longer", "[core][decision]") {
  Case c;
  c.exhaust("a");
  c.state.choice = OperatorChoice{AccountName("a"), c.ago(minutes{14})};
  CHECK(c.refusal() == Refusal::operators_choice);
  c.now.mono += minutes{1};
  CHECK(c.refusal() == Refusal::none);
}

TEST_CASE("with the brake on nothing is switched, whoever asks", "[core][decision]") {
  Case c;
  c.exhaust("a");
  c.state.brake.on = true;
  CHECK(c.refusal() == Refusal::brake);
  CHECK(decide_for_operator(c.config, c.state, AccountName("b"), c.now, false).refusal == Refusal::brake);
}

TEST_CASE("the operator may go where he wants, but not onto what cannot serve", "[core][decision]") {
  Case c;
  auto const ask = [&](char const* to) {
    return decide_for_operator(c.config, c.state, AccountName(to), c.now, false).refusal;
  };
  c.swapped("b", "a", minutes{1});
  c.use("b", 99);
  CHECK(ask("b") == Refusal::none);
  CHECK(ask("nobody") == Refusal::unknown_account);
  CHECK(ask("a") == Refusal::unfit);
  c.exhaust("b");
  CHECK(ask("b") == Refusal::unfit);
  CHECK(decide_for_operator(c.config, c.state, {}, c.now, false).to == AccountName("c"));
  c.exhaust("c");
  CHECK(ask("") == Refusal::no_account_left);
}

TEST_CASE("a swap that failed hides no straight return and no ping-pong", "[core][decision]") {
  Case c;
  SECTION("straight return") {
    c.swapped("b", "a", minutes{10});
    c.swapped("a", "c", minutes{6});
    c.state.past_swaps.back().phase = SwapPhase::aborted;
    c.state.active = AccountName("a");
    c.exhaust("a");
    CHECK(c.fitness("b") == Fitness::straight_return);
  }
  SECTION("ping-pong") {
    c.config.accounts.resize(2);
    c.swapped("a", "b", minutes{40});
    c.swapped("b", "a", minutes{30});
    c.state.past_swaps.back().phase = SwapPhase::aborted;
    c.swapped("b", "a", minutes{20});
    c.exhaust("a");
    CHECK(c.refusal() == Refusal::ping_pong);
  }
}

TEST_CASE("a held session whose turn runs keeps its account from being left early", "[core][decision]") {
  Case c;
  c.config.quota.leave_at = 90;
  c.use("a", 95);
  c.use("b", 10);
  auto& session = c.state.sessions[SessionName("s1")];
  session.account = AccountName("a");
  session.phase = Phase::held;
  session.reading = read_word("working", c.now.wall);
  CHECK(c.refusal() == Refusal::turn_running);
  session.reading = read_word("idle", c.now.wall);
  CHECK(c.target() == "b");
}
