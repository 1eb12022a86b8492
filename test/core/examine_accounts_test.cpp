#include "core/examine_accounts.hpp"

#include "test/support/catch.hpp"

#include <algorithm>

using namespace failover::core;

namespace {

/// Two accounts as they should be, to be bent by a test.
struct Disk {
  Config config = [] {
    Config made;
    made.switching.link = "/home/u/.claude";
    made.accounts = {{AccountName{"a"}, "/home/u/a", false}, {AccountName{"b"}, "/home/u/b", false}};
    return made;
  }();
  AccountsListing listing = [] {
    AccountsListing made;
    made.link_target = std::string{"/home/u/a"};
    made.link = {LinkPlace::symlink, false, true, "/home/u/a"};
    made.directories = {directory("a", "aaaa"), directory("b", "bbbb")};
    return made;
  }();

  static AccountDirectory directory(std::string const& name, std::string const& identity) {
    return {AccountName{name}, true, true, "/home/u/" + name, identity, false, true, Credentials::file};
  }
  [[nodiscard]] Remarks remarks() const { return examine_accounts(config, listing); }
  /// The one remark that is not well.
  [[nodiscard]] Remark trouble() const {
    Remarks found;
    for (auto const& remark : remarks())
      if (remark.grade != Grade::ok) found.push_back(remark);
    REQUIRE(found.size() == 1);
    CHECK_FALSE(found.front().cure.empty());
    CHECK_FALSE(found.front().where.empty());
    return found.front();
  }
};

SettingsFacts installed(std::string const& account) {
  SettingsFacts facts;
  facts.account = AccountName{account};
  facts.path = "/home/u/" + account + "/settings.json";
  facts.hooks = facts.all_hooks = 6;
  facts.status_line = true;
  facts.program = "/usr/bin/claude-failover";
  return facts;
}

SettingsFacts bare(std::string const& account) {
  SettingsFacts facts;
  facts.account = AccountName{account};
  facts.all_hooks = 6;
  return facts;
}

Remark only(Remarks const& remarks) {
  REQUIRE(remarks.size() == 1);
  return remarks.front();
}

}  // namespace

TEST_CASE("a link and accounts as they should be are well, one line each", "[core][examination]") {
  CHECK(Disk{}.remarks() == Remarks{{Grade::ok, "link", "/home/u/.claude", "leads to account a", ""},
                                    {Grade::ok, "account", "/home/u/a", "a is logged in", ""},
                                    {Grade::ok, "account", "/home/u/b", "b is logged in", ""}});
}

TEST_CASE("each way in which the link is broken is a problem with its cure", "[core][examination]") {
  for (auto const place : {LinkPlace::absent, LinkPlace::directory, LinkPlace::other, LinkPlace::loop}) {
    Disk disk;
    disk.listing.link.place = place;
    CHECK(disk.trouble().grade == Grade::problem);
    CHECK(disk.trouble().about == "link");
    CHECK(disk.trouble().where == "/home/u/.claude");
  }
  Disk dangling;
  dangling.listing.link.target_present = false;
  CHECK_THAT(dangling.trouble().what, CF_CONTAINS("leads to no directory"));
  Disk foreign;
  foreign.listing.link_target = std::string{"/srv"};
  foreign.listing.link.real_path = "/srv";
  CHECK_THAT(foreign.trouble().cure, CF_CONTAINS("make the link again"));
}

TEST_CASE("a link that cannot be looked at is a problem, and one that is not used is not looked at",
          "[core][examination]") {
  Disk disk;
  disk.listing.link.place = LinkPlace::unknown;
  disk.listing.link_target = Error{ErrorKind::permission, "cannot look at the link"};
  CHECK(disk.trouble().grade == Grade::problem);
  disk.config.switching.mode = SwitchMode::per_session;
  CHECK(disk.remarks().front().grade == Grade::skipped);
}

TEST_CASE("one login or one directory under two accounts is one problem that names both", "[core][examination]") {
  Disk login;
  login.listing.directories[1].identity = "aaaa";
  CHECK(login.trouble().about == "twins");
  CHECK(login.trouble().where == "/home/u/a and /home/u/b");
  CHECK_THAT(login.trouble().what, CF_CONTAINS("accounts a and b hold one login"));
  Disk directory;
  directory.listing.directories[1].real_path = "/home/u/a";
  CHECK_THAT(directory.trouble().what, CF_CONTAINS("are one directory"));
}

TEST_CASE("an account without directory or login is a problem, a disabled one is passed over", "[core][examination]") {
  Disk gone;
  gone.listing.directories[1].present = false;
  CHECK(gone.trouble().about == "account");
  CHECK(gone.trouble().where == "/home/u/b");
  gone.config.accounts[1].disabled = true;
  CHECK(gone.remarks().back().grade == Grade::skipped);
  Disk logged_out;
  logged_out.listing.directories[1].logged_in = false;
  CHECK_THAT(logged_out.trouble().what, CF_CONTAINS("b is not logged in"));
  Disk linked;
  linked.listing.directories[1].credentials = Credentials::symlink;
  CHECK(linked.trouble().grade == Grade::warning);
}

TEST_CASE("hooks that are not installed are a warning only where their figures are needed", "[core][examination]") {
  Config config;
  CHECK(only(examine_settings({bare("a")}, config)).grade == Grade::ok);
  config.quota.leave_at = 95;
  auto const needed = only(examine_settings({bare("a")}, config));
  CHECK(needed.grade == Grade::warning);
  CHECK(needed.cure == "claude-failover install-hooks --account a");
  auto without_line = installed("a");
  without_line.status_line = false;
  CHECK_THAT(only(examine_settings({without_line}, config)).cure, CF_CONTAINS("--chain-statusline"));
  CHECK(only(examine_settings({installed("a")}, config)).grade == Grade::ok);
}

TEST_CASE("hooks that are half there, call nothing or are switched off are told", "[core][examination]") {
  auto half = installed("a");
  half.hooks = 4;
  CHECK(only(examine_settings({half}, {})).grade == Grade::warning);
  auto lost = installed("a");
  lost.program_there = false;
  CHECK(only(examine_settings({lost}, {})).grade == Grade::problem);
  CHECK_THAT(only(examine_settings({lost}, {})).what, CF_CONTAINS("/usr/bin/claude-failover, which is not there"));
  auto off = installed("a");
  off.hooks_disabled = true;
  auto const remarks = examine_settings({off}, {});
  REQUIRE(remarks.size() == 2);
  CHECK(remarks[1].grade == Grade::problem);
  CHECK_THAT(remarks[1].what, CF_CONTAINS("disableAllHooks"));
  auto off_without = bare("a");
  off_without.hooks_disabled = true;
  CHECK(examine_settings({off_without}, {}).at(1).grade == Grade::warning);
}

TEST_CASE("a key in an account's settings is a problem, by its name", "[core][examination]") {
  auto facts = installed("a");
  facts.variables = {"ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"};
  facts.key_helper = true;
  auto const remarks = examine_settings({facts}, {});
  REQUIRE(remarks.size() == 3);
  CHECK(remarks[1].grade == Grade::problem);
  CHECK_THAT(remarks[1].what, CF_CONTAINS("apiKeyHelper"));
  CHECK(remarks[2].grade == Grade::problem);
  CHECK_THAT(remarks[2].what, CF_CONTAINS("ANTHROPIC_API_KEY and ANTHROPIC_AUTH_TOKEN"));
}

TEST_CASE("settings that cannot be read are a warning, those of no directory are passed over", "[core][examination]") {
  auto facts = bare("a");
  facts.fault = Error{ErrorKind::invalid, "not JSON"};
  CHECK(only(examine_settings({facts}, {})).grade == Grade::warning);
  facts.fault->kind = ErrorKind::not_found;
  CHECK(only(examine_settings({facts}, {})).grade == Grade::skipped);
  Config other;
  other.profile.account_variable = "CODEX_HOME";
  CHECK(only(examine_settings({}, other)).grade == Grade::skipped);
}

TEST_CASE("a history that is not shared is a warning that names whose", "[core][examination]") {
  AccountName const a{"a"};
  AccountName const b{"b"};
  CHECK(only(examine_histories({{a, false, ""}})).grade == Grade::skipped);
  CHECK(only(examine_histories({{a, true, ""}, {b, true, ""}})).grade == Grade::ok);
  auto const apart = only(examine_histories({{a, true, ""}, {b, false, "in the way"}}));
  CHECK(apart.grade == Grade::warning);
  CHECK_THAT(apart.what, CF_CONTAINS("b keeps a history of its own") && CF_CONTAINS("in the way"));
  CHECK(apart.cure == "claude-failover accounts share-history");
}

TEST_CASE("each agent has its own variables of tokens", "[core][examination]") {
  auto const has = [](std::string const& account_variable, std::string const& name) {
    AgentProfile profile;
    profile.account_variable = account_variable;
    auto const names = token_variables(profile);
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (auto const* name : {"ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"})
    CHECK(has("CLAUDE_CONFIG_DIR", name));
  CHECK(has("CODEX_HOME", "OPENAI_API_KEY"));
  CHECK(has("GEMINI_CLI_HOME", "GEMINI_API_KEY"));
  CHECK_FALSE(has("CLAUDE_CONFIG_DIR", "OPENAI_API_KEY"));
}
