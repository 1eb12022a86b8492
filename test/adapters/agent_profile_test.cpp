#include "adapters/embedded.hpp"
#include "adapters/pattern_file.hpp"
#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"

#include <string>
#include <vector>

using namespace failover;
using adapters::find_agent_profile;
using adapters::load_agent_profile;
using Words = std::vector<std::string>;

namespace {

core::AgentProfile builtin(std::string const& agent) {
  auto const profile = find_agent_profile(agent, "");
  REQUIRE(profile.has_value());
  return *profile;
}

/// What is wrong with a profile of these lines; the first of them is line 3.
std::string faults_of(std::string const& lines) {
  auto const profile = load_agent_profile("agent: mine\nprofile:\n" + lines, "mine.yaml");
  if (profile) return "";
  CHECK(profile.error().kind == core::ErrorKind::invalid);
  return profile.error().detail;
}

}  // namespace

TEST_CASE("each agent that the program knows says how it is started and whether it can be moved",
          "[adapters][agent_profile]") {
  for (auto const& [agent, text] : adapters::embedded_agents()) {
    CAPTURE(agent);
    auto const profile = builtin(agent);
    CHECK_FALSE(profile.command.empty());
    CHECK(profile.resume.empty() == profile.resume_prompt.empty());
    CHECK((profile.limit_menu == core::DialogAnswer::none || agent == "claude-code"));
  }
  CHECK(builtin("claude-code") == core::AgentProfile{});
  CHECK(builtin("codex").resume == Words{"resume", "{id}"});
  CHECK(builtin("codex").account_variable == "CODEX_HOME");
  CHECK(builtin("codex").start.empty());
  CHECK(builtin("gemini").resume == Words{"--resume", "{id}"});
  CHECK(builtin("gemini").account_variable == "GEMINI_CLI_HOME");
  CHECK(builtin("opencode").command == Words{"opencode"});
  CHECK(builtin("opencode").account_variable.empty());
}

TEST_CASE("a profile's faults are named with their line and column", "[adapters][agent_profile]") {
  CHECK(faults_of("  command: [x]\n").empty());
  CHECK(faults_of("  {}\n") == "mine.yaml:3:3: profile: command is missing: name the agent's program");
  for (auto const& [lines, fault] : std::vector<std::pair<std::string, std::string>>{
           {"  command: [x]\n  colour: red\n", "mine.yaml:4:3: unknown key 'colour' in profile"},
           {"  command: x\n", "mine.yaml:3:12: expected a list of words"},
           {"  command: [x, \"\"]\n", "mine.yaml:3:16: expected a word without control characters"},
           {"  command: [\"a\\tb\"]\n", "mine.yaml:3:13: expected a word without control characters"},
           {"  command: [x, \"{id}\"]\n", "mine.yaml:3:16: '{id}' has no meaning here"},
           {"  command: [x]\n  start: [\"--id={id}\"]\n",
            "mine.yaml:4:11: '--id={id}' has no meaning here: only {id} has, as a word of its own"},
           {"  command: [x]\n  start: [\"{prompt}\"]\n", "mine.yaml:4:11: '{prompt}' has no meaning here"},
           {"  command: [x]\n  resume: [go]\n", "mine.yaml:4:11: {id} is missing among the words"},
           {"  command: [x]\n  resume_prompt: [go]\n", "mine.yaml:4:18: {prompt} is missing among the words"},
           {"  command: [x]\n  resume: [\"{id}\"]\n",
            "mine.yaml:3:3: profile: resume and resume_prompt belong together"},
           {"  command: [x]\n  account_variable: a-b\n", "mine.yaml:4:21: account_variable: expected the name"},
           {"  command: [x]\n  account_variable: 1A\n", "mine.yaml:4:21: account_variable: expected the name"},
           {"  command: [x]\n  login_file: ../x\n", "mine.yaml:4:15: login_file: expected a path below"},
           {"  command: [x]\n  login_file: /etc/x\n", "mine.yaml:4:15: login_file: expected a path below"},
           {"  command: [x]\n  live_login_since: two\n", "mine.yaml:4:21: live_login_since: expected a version"},
           {"  command: [x]\n  live_login_since: 2..1\n", "mine.yaml:4:21: live_login_since: expected a version"},
           {"  command: [x]\n  live_login_since: [2]\n", "mine.yaml:4:21: live_login_since: expected a version"},
           {"  command: [x]\n  dialogs: escape\n", "mine.yaml:4:12: dialogs: expected a map"},
           {"  command: [x]\n  dialogs: {trust: none}\n", "mine.yaml:4:13: unknown dialog 'trust'"},
           {"  - x\n", "mine.yaml:3:3: profile: expected a map"},
       }) {
    CAPTURE(lines);
    CHECK_THAT(faults_of(lines), CF_CONTAINS(fault));
  }
}

TEST_CASE("no file can have a key pressed at what permits, logs in or spends", "[adapters][agent_profile]") {
  for (std::string const dialog : {"permission_prompt", "dialog", "auth_error", "billing"}) {
    CHECK(faults_of("  command: [x]\n  dialogs: {" + dialog + ": none}\n").empty());
    for (std::string const answer : {"escape", "enter", "yes"})
      CHECK_THAT(faults_of("  command: [x]\n  dialogs: {" + dialog + ": " + answer + "}\n"),
                 CF_CONTAINS("mine.yaml:4:" + std::to_string(15 + dialog.size()) + ": " + dialog +
                             ": the only answer is none"));
  }
  CHECK_THAT(faults_of("  command: [x]\n  dialogs: {limit_menu: enter}\n"),
             CF_CONTAINS("mine.yaml:4:25: limit_menu: 'enter' is no answer: only escape or none"));
  auto const rule = [](std::string const& meaning) {
    return load_agent_profile("agent: mine\nprofile: {command: [x]}\nrules:\n  - {id: a, class: " + meaning +
                                  ", scope: account, menu: true, where: [option], text: x}\n",
                              "mine.yaml");
  };
  CHECK(rule("quota_exhausted").has_value());
  for (auto const* meaning : {"permission_prompt", "auth_error", "billing", "dialog"})
    CHECK_THAT(rule(meaning).error().detail, CF_CONTAINS(std::string("a rule of class ") + meaning + " gets no key"));
}

TEST_CASE("a file leaves of a profile what it does not say", "[adapters][agent_profile]") {
  test::ScratchDirectory const folder;
  test::put_file(folder / "opencode.yaml",
                 "agent: opencode\nextends: opencode\nprofile:\n  account_variable: XDG_DATA_HOME\n");
  auto expected = builtin("opencode");
  expected.account_variable = "XDG_DATA_HOME";
  CHECK(find_agent_profile("opencode", folder.str()).value() == expected);
  test::put_file(folder / "codex.yaml", "agent: codex\nrules: []\n");
  CHECK(find_agent_profile("codex", folder.str()).value() == builtin("codex"));
  test::put_file(folder / "mine.yaml", "agent: mine\nextends: claude-code\nprofile: {command: [my-claude]}\n");
  auto mine = core::AgentProfile{};
  mine.command = {"my-claude"};
  CHECK(find_agent_profile("mine", folder.str()).value() == mine);
}

TEST_CASE("of an agent without a profile nothing is taken for granted", "[adapters][agent_profile]") {
  auto const profile = load_agent_profile("agent: mine\nrules: []\n", "mine.yaml").value();
  CHECK(profile.command.empty());
  CHECK(profile.resume.empty());
  CHECK(profile.account_variable.empty());
  CHECK(profile.limit_menu == core::DialogAnswer::none);
}
