#include "daemon/cli/adopt.hpp"

#include "adapters/lock_file.hpp"
#include "daemon/cli/command_line.hpp"
#include "daemon/startup.hpp"
#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"

#include <filesystem>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

using namespace failover;
using namespace failover::daemon;
using adapters::AdoptDirection;
using test::file_bytes;
using test::put_file;
namespace fs = std::filesystem;

namespace {

struct Home {
  test::ScratchDirectory scratch = {};
  core::Config config = {};
  std::string link = scratch / ".claude";
  std::string main = scratch / "main";

  Home() {
    fs::create_directory(link);
    put_file(link + "/who", "me");
    config.switching.link = link;
    config.accounts = {{.name = core::AccountName{"main"}, .config_dir = main}};
    config.state.dir = scratch / "state";
  }

  [[nodiscard]] std::string config_file() const {
    auto const path = scratch / "config.yaml";
    put_file(path, "accounts:\n  - {name: main, config_dir: " + main + "}\nswitch: {link: " + link +
                       "}\nstate: {dir: " + config.state.dir + ", runtime: " + (scratch / "run") + "}\n");
    return path;
  }
};

AskConsent answering(Consent consent) {
  return [consent](std::string const&) { return consent; };
}

AdoptOptions with(Consent consent, AdoptDirection direction = AdoptDirection::adopt) {
  AdoptOptions options;
  options.direction = direction;
  options.ask = answering(consent);
  return options;
}

int run(std::vector<char const*> words) {
  words.insert(words.begin(), "claude-failover");
  return run_command_line(static_cast<int>(words.size()), words.data());
}

}  // namespace

TEST_CASE("adopting and undoing are told, and that there is nothing to do", "[daemon][adopt]") {
  Home const home;
  CHECK(adopt(home.config, with(Consent::given)) ==
        CommandOutput{
            0, "moved " + home.link + " to " + home.main + " (account main); " + home.link + " is a link to it now\n",
            ""});
  CHECK(adopt(home.config, with(Consent::nobody_to_ask)) ==
        CommandOutput{0, home.link + " leads to " + home.main + " (account main) already: nothing to do\n", ""});
  auto const back = adopt(home.config, with(Consent::given, AdoptDirection::undo));
  CHECK(back.out == "moved " + home.main + " (account main) back to " + home.link + "\n");
  CHECK_THAT(back.err, CF_CONTAINS("note: the daemon does not start until"));
  CHECK(adopt(home.config, with(Consent::nobody_to_ask, AdoptDirection::undo)).out ==
        home.link + " is a directory already: nothing to undo\n");
  CHECK(file_bytes(home.link + "/who") == "me");
}

TEST_CASE("a dry run shows the plan, changes nothing and asks nobody", "[daemon][adopt]") {
  Home const home;
  auto options = with(Consent::refused);
  options.dry_run = true;
  CHECK(adopt(home.config, options) ==
        CommandOutput{
            0, "would move " + home.link + " to " + home.main + " (account main) and leave a link to it there\n", ""});
  CHECK(test::names_in(home.scratch.str()) == std::set<std::string>{".claude"});
}

TEST_CASE("without consent nothing changes, and with nobody to ask it is wrong usage", "[daemon][adopt]") {
  Home const home;
  CHECK(adopt(home.config, with(Consent::refused)) == CommandOutput{1, "", "claude-failover: nothing was changed\n"});
  auto const alone = adopt(home.config, with(Consent::nobody_to_ask));
  CHECK(alone.exit_code == 64);
  CHECK_THAT(alone.err, CF_CONTAINS("--yes"));
  std::string shown;
  auto options = with(Consent::given);
  options.ask = [&](std::string const& plan) {
    shown = plan;
    return Consent::refused;
  };
  put_file(home.link + ".json", "{}");
  CHECK(adopt(home.config, options).exit_code == 1);
  CHECK_THAT(shown, CF_CONTAINS("would move ") && CF_CONTAINS("note: the agent's file"));
  CHECK(fs::is_directory(fs::symlink_status(home.link)));
}

TEST_CASE("while a daemon runs adopting is refused with 75", "[daemon][adopt]") {
  Home const home;
  fs::create_directory(home.config.state.dir);
  auto const lock = adapters::take_lock(home.config.state.dir);
  REQUIRE(lock);
  auto const output = adopt(home.config, with(Consent::given));
  CHECK(output.exit_code == 75);
  CHECK_THAT(output.err, CF_CONTAINS("another claude-failover (pid ") && CF_CONTAINS("stop it first"));
  CHECK(fs::is_directory(fs::symlink_status(home.link)));
  auto dry = with(Consent::refused);
  dry.dry_run = true;
  CHECK(adopt(home.config, dry).exit_code == 0);
  CHECK_THAT(adopt(home.config, dry).err, CF_CONTAINS("note: another claude-failover"));
}

TEST_CASE("refusals have their exit codes", "[daemon][adopt]") {
  Home home;
  auto options = with(Consent::given);
  options.account = "nobody";
  CHECK(adopt(home.config, options).exit_code == 64);
  fs::create_directory(home.main);
  CHECK(adopt(home.config, with(Consent::given)).exit_code == 1);
  home.config.accounts[0].config_dir = home.link + "/inside";
  CHECK(adopt(home.config, with(Consent::given)).exit_code == 78);
}

TEST_CASE("with JSON adopting is an object", "[daemon][adopt]") {
  Home const home;
  auto options = with(Consent::given);
  options.format = ReportFormat::json;
  options.dry_run = true;
  boost::json::value expected{{"account", "main"}, {"link", home.link}, {"config_dir", home.main},
                              {"action", "adopt"}, {"changed", false},  {"notes", boost::json::array{}}};
  CHECK(boost::json::parse(adopt(home.config, options).out) == expected);
  options.dry_run = false;
  expected.as_object()["changed"] = true;
  CHECK(boost::json::parse(adopt(home.config, options).out) == expected);
  options.account = "nobody";
  auto const failed = adopt(home.config, options);
  CHECK(failed.err.empty());
  CHECK(boost::json::parse(failed.out).as_object().contains("error"));
}

TEST_CASE("the start names adopt where a real directory stands, before the account that it would make",
          "[daemon][adopt]") {
  Home const home;
  auto const fault = check_start(home.config);
  REQUIRE(fault);
  CHECK(fault->code == ExitCode::configuration);
  CHECK_THAT(fault->text, CF_CONTAINS("is not a symlink") && CF_CONTAINS("claude-failover adopt"));
  REQUIRE(adopt(home.config, with(Consent::given)).exit_code == 0);
  CHECK_FALSE(check_start(home.config));
}

TEST_CASE("the adopt command reads the configuration and goes both ways", "[daemon][adopt]") {
  Home const home;
  auto const config = home.config_file();
  CHECK(run({"adopt", "-c", config.c_str(), "--account", "nobody", "--yes"}) == 64);
  CHECK(run({"adopt", "-c", (config + "x").c_str(), "--yes"}) == 78);
  CHECK(run({"adopt", "-c", config.c_str(), "--dry-run"}) == 0);
  CHECK(fs::is_directory(fs::symlink_status(home.link)));
  CHECK(run({"adopt", "-c", config.c_str(), "--yes"}) == 0);
  CHECK(fs::is_symlink(home.link));
  CHECK(run({"adopt", "-c", config.c_str(), "--undo", "--yes", "--json"}) == 0);
  CHECK(fs::is_directory(fs::symlink_status(home.link)));
}
