#include "core/agent_profile.hpp"

#include "core/config_check.hpp"
#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"

using namespace failover::test;
using std::chrono::minutes;
using std::chrono::seconds;

using Words = std::vector<std::string>;

namespace {

SessionName const s1{"s1"};

/// As conf/agents/codex.yaml has it.
AgentProfile codex() {
  AgentProfile profile;
  profile.command = {"codex"};
  profile.start = {};
  profile.resume = {"resume", "{id}"};
  profile.account_variable = "CODEX_HOME";
  profile.live_login_since = "";
  profile.limit_menu = DialogAnswer::none;
  return profile;
}

Config fleet_of(AgentProfile profile) {
  auto config = EngineWorld::fleet();
  config.sessions.agent = "codex";
  use_profile(config, std::move(profile));
  return config;
}

std::vector<std::string> fault_paths(Config const& config) {
  std::vector<std::string> paths;
  for (auto const& fault : check_config(config)) paths.push_back(fault.path);
  return paths;
}

/// s1 stops at a wall, and the account is changed.
EngineWorld swapped(Config config, std::string const& screen = "wall 1") {
  EngineWorld world{std::move(config)};
  world.pass(seconds{20});
  world.show("s1", "working");
  world.pass(seconds{31});
  world.show("s1", screen);
  world.pass(minutes{2});
  return world;
}

}  // namespace

TEST_CASE("an agent is started with the id that we choose, where it lets us choose one", "[core][agent_profile]") {
  Config config;
  ConversationId const id{"0-1"};
  CHECK(start_command(config, s1, id) == Words{"claude", "--session-id", "0-1"});
  CHECK(chooses_conversation(config.profile));
  use_profile(config, codex());
  CHECK(start_command(config, s1, id) == Words{"codex"});
  CHECK_FALSE(chooses_conversation(config.profile));
}

TEST_CASE("an agent is resumed by id, with a prompt where there is one", "[core][agent_profile]") {
  Config config;
  config.sessions.command = {"claude", "--model", "x"};
  ConversationId const id{"0-1"};
  CHECK(resume_command(config, s1, id, "go on") == Words{"claude", "--model", "x", "--resume", "0-1", "go on"});
  CHECK(resume_command(config, s1, id, "") == Words{"claude", "--model", "x", "--resume", "0-1"});
  config.sessions.command = {"codex", "-m", "x"};
  use_profile(config, codex());
  CHECK(resume_command(config, s1, id, "{id}") == Words{"codex", "-m", "x", "resume", "0-1", "{id}"});
}

TEST_CASE("the agent's own command stands for the default, not for one that was written", "[core][agent_profile]") {
  Config config;
  use_profile(config, codex());
  CHECK(config.sessions.command == Words{"codex"});
  Config wrapped;
  wrapped.sessions.command = {"my-codex"};
  use_profile(wrapped, codex());
  CHECK(base_command(wrapped, s1) == Words{"my-codex"});
}

TEST_CASE("the account is named by the agent's variable, or by none", "[core][agent_profile]") {
  auto config = fleet_of(codex());
  CHECK(agent_environment(config, AccountName("b")) == Environment{{"CODEX_HOME", "/home/link"}});
  config.switching.mode = SwitchMode::per_session;
  CHECK(agent_environment(config, AccountName("b")) == Environment{{"CODEX_HOME", "/acc/b"}});
  config.profile.account_variable = "";
  CHECK(agent_environment(config, AccountName("b")).empty());
}

TEST_CASE("from which version on a running agent uses a new login is its profile's word", "[core][agent_profile]") {
  AgentProfile profile;
  for (auto const* version : {"1.0.128", "2.0.77", "2.0"}) CHECK(keeps_its_login(profile, version));
  for (auto const* version : {"2.1", "2.1.100", "2.10.1", "3.0.0", "", "new"})
    CHECK_FALSE(keeps_its_login(profile, version));
  profile.live_login_since = "";
  for (auto const* version : {"2.1.330", "99", ""}) CHECK(keeps_its_login(profile, version));
}

TEST_CASE("accounts that cannot be switched are told before the start", "[core][agent_profile]") {
  auto config = fleet_of(codex());
  auto const before = fault_paths(config);
  config.profile.account_variable = "";
  auto const faults = check_config(config);
  auto const added = std::find_if(faults.begin(), faults.end(), [](auto const& f) { return f.path == "accounts"; });
  REQUIRE(added != faults.end());
  CHECK_THAT(added->message, CF_CONTAINS("codex has no variable that names an account's directory"));
  CHECK(faults.size() == before.size() + 1);
  config.accounts[1].disabled = config.accounts[2].disabled = true;
  CHECK(fault_paths(config) == before);
}

TEST_CASE("only the default agent's questions are answered beforehand", "[core][agent_profile]") {
  auto config = fleet_of(codex());
  config.sessions.prepare_trust = true;
  auto const paths = fault_paths(config);
  CHECK(std::count(paths.begin(), paths.end(), "sessions.prepare_trust") == 1);
}

TEST_CASE("an agent that keeps its login is restarted on the new account, if its conversation is known",
          "[core][agent_profile]") {
  auto profile = AgentProfile{};
  profile.live_login_since = "";
  auto const world = swapped(fleet_of(profile));
  CHECK(world.count("flip b") == 1);
  CHECK(world.count("prompt s1") == 0);
  CHECK(world.count("restart s1 claude --resume " + world.session("s1").conversation->str() + " continue") == 1);
}

TEST_CASE("a session whose conversation is not known is held with the agent's name, and nothing is typed",
          "[core][agent_profile]") {
  auto const world = swapped(fleet_of(codex()));
  CHECK(world.count("flip b") == 1);
  CHECK(world.phase("s1") == Phase::held);
  CHECK_THAT(world.session("s1").hold_reason, CF_CONTAINS("codex cannot be resumed by id"));
  CHECK(world.count("prompt s1") == 0);
  CHECK(world.count("restart s1") == 0);
}

TEST_CASE("an idle session of the pool moves by a fresh start, where none would use the new account",
          "[core][agent_profile]") {
  auto const world = swapped(fleet_of(codex()));
  CHECK(world.count("restart s2 codex") == 1);
  CHECK(world.session("s2").account == AccountName("b"));
  auto const stays = swapped(EngineWorld::fleet());
  CHECK(stays.count("restart s2") == 0);
}

TEST_CASE("an idle session that is not of the pool stays when its conversation would be lost",
          "[core][agent_profile]") {
  auto config = fleet_of(codex());
  config.sessions.dedicated = {{SessionName("mine"), "/w", {}, {}}};
  auto const world = swapped(config);
  CHECK(world.count("restart s2") == 1);
  CHECK(world.count("restart mine") == 0);
}

TEST_CASE("a limit's menu to which no safe answer is known gets no key", "[core][agent_profile]") {
  auto profile = AgentProfile{};
  profile.limit_menu = DialogAnswer::none;
  auto const world = swapped(fleet_of(profile), "menu 1");
  CHECK(world.count("escape") == 0);
  CHECK(world.count("prompt s1") == 0);
  CHECK(world.phase("s1") == Phase::held);
  CHECK_THAT(world.session("s1").hold_reason, CF_CONTAINS("the limit's menu waits for you"));
}
