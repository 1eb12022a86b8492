#include "daemon/cli/install_hooks.hpp"

#include "adapters/hook_settings.hpp"
#include "daemon/cli/command_line.hpp"
#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"
#include "test/support/unprivileged.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

using namespace failover;
using namespace failover::daemon;
using test::file_bytes;
using test::put_file;
namespace fs = std::filesystem;

namespace {

adapters::HookCommands const commands{"/usr/bin/claude-failover", "/run/cf/control.sock", "/var/lib/cf/spool"};
std::string const with_status_line = R"({"statusLine": {"type": "command", "command": "~/line.sh"}})";

/// Directories of two accounts.
struct Accounts {
  test::ScratchDirectory scratch = {};
  std::vector<core::AccountConfig> list = {};

  Accounts() {
    for (auto const* name : {"main", "spare"}) {
      fs::create_directory(scratch / name);
      list.push_back({core::AccountName{name}, scratch / name, false});
    }
  }

  [[nodiscard]] std::string file(std::string const& account) const { return scratch / (account + "/settings.json"); }
  [[nodiscard]] std::string real_file(std::string const& account) const {
    return fs::weakly_canonical(file(account)).string();
  }
};

CommandOutput install(Accounts const& accounts, InstallHooksOptions const& options = {}) {
  return install_hooks(accounts.list, commands, options);
}

InstallHooksOptions with(HookAction action, ReportFormat format = ReportFormat::text, bool dry_run = false) {
  InstallHooksOptions options;
  options.action = action;
  options.format = format;
  options.dry_run = dry_run;
  return options;
}

int run(std::vector<char const*> words) {
  words.insert(words.begin(), "claude-failover");
  return run_command_line(static_cast<int>(words.size()), words.data());
}

}  // namespace

TEST_CASE("each account is told what was installed, a second time that it is there", "[daemon][install_hooks]") {
  Accounts const accounts;
  put_file(accounts.file("main"), "{\n}\n");
  put_file(accounts.file("spare"), with_status_line);
  CHECK(install(accounts) ==
        CommandOutput{0,
                      "main: 6 hooks and the status line installed\n"
                      "spare: 6 hooks installed; your own status line stays (use --chain-statusline)\n",
                      ""});
  CHECK(install(accounts).out ==
        "main: already installed\n"
        "spare: already installed; your own status line stays (use --chain-statusline)\n");
  CHECK(install(accounts, with(HookAction::remove)).out ==
        "main: 6 hooks and the status line removed\nspare: 6 hooks removed\n");
  CHECK(install(accounts, with(HookAction::remove)).out ==
        "main: nothing of ours is installed\nspare: nothing of ours is installed\n");
  CHECK(file_bytes(accounts.file("main")) == "{\n}\n");
  CHECK(file_bytes(accounts.file("spare")) == with_status_line);
}

TEST_CASE("a chained status line is told, and that it is back", "[daemon][install_hooks]") {
  Accounts accounts;
  accounts.list.pop_back();
  put_file(accounts.file("main"), with_status_line);
  InstallHooksOptions options;
  options.theirs = adapters::TheirStatusLine::chain;
  CHECK(install(accounts, options).out ==
        "main: 6 hooks and the status line installed; your own status line goes on inside ours\n");
  CHECK(install(accounts, with(HookAction::remove)).out ==
        "main: 6 hooks and the status line removed; your own status line is as it was\n");
  CHECK(file_bytes(accounts.file("main")) == with_status_line);
}

TEST_CASE("a program that moved is told as an update", "[daemon][install_hooks]") {
  Accounts const accounts;
  CHECK(install(accounts).exit_code == 0);
  auto moved = commands;
  moved.program = "/opt/claude-failover";
  CHECK(install_hooks(accounts.list, moved, {}).out ==
        "main: 6 hooks and the status line updated\nspare: 6 hooks and the status line updated\n");
}

TEST_CASE("a file that two accounts share is edited once", "[daemon][install_hooks]") {
  Accounts const accounts;
  put_file(accounts.file("main"), "{}");
  fs::create_symlink("../main/settings.json", accounts.file("spare"));
  CHECK(install(accounts).out == "main: 6 hooks and the status line installed\nspare: the same file as main\n");
  CHECK(install(accounts, with(HookAction::remove)).out ==
        "main: 6 hooks and the status line removed\nspare: the same file as main\n");
  CHECK(file_bytes(accounts.file("main")) == "{}");
}

TEST_CASE("a dry run shows the lines that would change and changes nothing", "[daemon][install_hooks]") {
  Accounts accounts;
  accounts.list.pop_back();
  put_file(accounts.file("main"), "{\n  \"env\": {\n    \"A\": \"secret\"\n  },\n  \"model\": \"opus\"\n}\n");
  auto const before = file_bytes(accounts.file("main"));
  auto const shown = install(accounts, with(HookAction::add, ReportFormat::text, true)).out;
  CHECK(shown.starts_with("main: 6 hooks and the status line would be installed\n--- " + accounts.real_file("main") +
                          "\n+++ " + accounts.real_file("main") + "\n@@ -4,3 +4,"));
  CHECK_THAT(shown, CF_CONTAINS("\n-  \"model\": \"opus\"\n+  \"model\": \"opus\",\n+  \"hooks\": {\n"));
  CHECK(shown.find("secret") == std::string::npos);
  CHECK(file_bytes(accounts.file("main")) == before);
  CHECK(test::names_in(accounts.scratch / "main").size() == 1);

  fs::remove(accounts.file("main"));
  CHECK_THAT(install(accounts, with(HookAction::add, ReportFormat::text, true)).out,
             CF_CONTAINS("\n--- /dev/null\n+++ " + accounts.real_file("main") + "\n@@ -0,0 +1,"));
  CHECK_FALSE(fs::exists(accounts.file("main")));
  CHECK(install(accounts).exit_code == 0);
  CHECK_THAT(install(accounts, with(HookAction::remove, ReportFormat::text, true)).out,
             CF_CONTAINS("main: 6 hooks and the status line would be removed; the file was ours alone and goes\n--- "));
  CHECK(fs::exists(accounts.file("main")));
}

TEST_CASE("with JSON each account is an object", "[daemon][install_hooks]") {
  Accounts accounts;
  put_file(accounts.file("main"), with_status_line);
  put_file(accounts.file("spare"), "{,}");
  auto const output = install(accounts, with(HookAction::add, ReportFormat::json));
  CHECK(output.exit_code == 78);
  CHECK(output.err.empty());
  auto const list = boost::json::parse(output.out).as_array();
  REQUIRE(list.size() == 2);
  CHECK(list[0] == boost::json::value{{"account", "main"},
                                      {"file", accounts.real_file("main")},
                                      {"changed", true},
                                      {"hooks", 6U},
                                      {"status_line", "theirs"},
                                      {"backup", accounts.real_file("main") + ".claude-failover.bak"}});
  CHECK(list[1].at("account") == "spare");
  CHECK_THAT(std::string(list[1].at("error").as_string().c_str()), CF_CONTAINS("line 1, column 2 (byte 1)"));

  fs::remove(accounts.file("spare"));
  fs::create_symlink("../main/settings.json", accounts.file("spare"));
  auto const dry = boost::json::parse(install(accounts, with(HookAction::remove, ReportFormat::json, true)).out);
  CHECK(dry.at(0).at("changed") == false);
  CHECK(dry.at(0).at("hooks") == 0U);
  CHECK_THAT(std::string(dry.at(0).at("diff").as_string().c_str()), CF_CONTAINS("@@ -1,1 +1,1 @@"));
  CHECK(dry.at(1).at("same_as") == "main");
}

TEST_CASE("an account that cannot be edited does not keep the others from it", "[daemon][install_hooks]") {
  Accounts accounts;
  put_file(accounts.file("main"), "{\n  // mine\n}\n");
  auto const output = install(accounts);
  CHECK(output.exit_code == 78);
  CHECK(output.out == "spare: 6 hooks and the status line installed\n");
  CHECK(output.err == "claude-failover: main: " + accounts.real_file("main") +
                          ": line 2, column 3 (byte 4): a comment: JSON has none, remove it\n");
  CHECK(file_bytes(accounts.file("main")) == "{\n  // mine\n}\n");

  accounts.list[0].config_dir = accounts.scratch / "nowhere";
  CHECK(install(accounts).exit_code == 74);
}

TEST_CASE("settings that may not be changed exit 77", "[daemon][install_hooks]") {
  Accounts const accounts;
  fs::permissions(accounts.scratch.str(), fs::perms::owner_all | fs::perms::others_exec);
  for (auto const& account : accounts.list)
    fs::permissions(account.config_dir,
                    fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read | fs::perms::others_exec);
  CHECK(test::holds_unprivileged([&] { return install(accounts).exit_code == 77; }));
}

TEST_CASE("the command edits the configured accounts' settings with the configured paths", "[daemon][install_hooks]") {
  Accounts const accounts;
  auto const config = accounts.scratch / "config.yaml";
  put_file(config, "accounts:\n  - {name: main, config_dir: " + (accounts.scratch / "main") +
                       "}\n  - {name: spare, config_dir: " + (accounts.scratch / "spare") + "}\nstate: {dir: " +
                       (accounts.scratch / "state") + ", runtime: " + (accounts.scratch / "run") + "}\n");
  CHECK(run({"install-hooks", "-c", config.c_str(), "--account", "nobody"}) == 64);
  CHECK(run({"install-hooks", "-c", config.c_str(), "--account", "main", "--all"}) == 64);
  CHECK(run({"install-hooks", "-c", config.c_str(), "--remove", "--chain-statusline"}) == 64);
  CHECK(run({"install-hooks", "-c", (config + "x").c_str()}) == 78);
  CHECK_FALSE(fs::exists(accounts.file("main")));
  // The program that installs here is the test's own, whose entries could not be found again.
  CHECK(run({"install-hooks", "-c", config.c_str()}) == 78);
  CHECK_FALSE(fs::exists(accounts.file("main")));
  CHECK(install(accounts).exit_code == 0);
  CHECK(run({"install-hooks", "-c", config.c_str(), "--account", "main", "--remove"}) == 0);
  CHECK_FALSE(fs::exists(accounts.file("main")));
  CHECK(fs::exists(accounts.file("spare")));
  CHECK(run({"install-hooks", "-c", config.c_str(), "--all", "--remove", "--json"}) == 0);
  CHECK_FALSE(fs::exists(accounts.file("spare")));
}
