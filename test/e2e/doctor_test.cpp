#include "test/support/catch.hpp"
#include "test/support/program.hpp"
#include "test/support/tmux_server.hpp"

#include <filesystem>
#include <map>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <sys/stat.h>

namespace fs = std::filesystem;
using namespace failover::test;

namespace {

std::string const program = std::string(CF_BIN_DIR) + "/claude-failover";
constexpr char canary[] = "sk-canary-5c1f77e0";

/// A home in which everything is right, with a tmux server that has one watched session, to be broken by a test.
struct Home {
  TmuxServer server = {};
  std::string root = server.dir().string();
  std::map<std::string, std::string> environment = own_environment();

  Home() {
    for (auto const* name : {"main", "spare"}) {
      fs::create_directories(root + "/" + name);
      write_text(root + "/" + name + "/.credentials.json", std::string("{\"token\": \"") + canary + "\"}");
      write_text(root + "/" + name + "/.claude.json",
                 std::string("{\"oauthAccount\": {\"accountUuid\": \"") + name + "\"}}");
    }
    fs::create_directory_symlink(root + "/main", root + "/claude");
    put_secret(root + "/token");
    write_text(root + "/config.yaml",
               "accounts:\n  - {name: main, config_dir: " + root + "/main}\n  - {name: spare, config_dir: " + root +
                   "/spare}\nswitch:\n  link: " + root + "/claude\ntmux:\n  socket: " + server.socket() +
                   "\n  command_timeout: 1s\nstate:\n  dir: " + root + "/state\n  runtime: " + root +
                   "/run\nhttp:\n  listen: \"\"\nsessions:\n  pool: {size: 1}\nnotifications:\n  telegram: "
                   "{chat_id: \"1\", token_file: " +
                   root + "/token}\n");
    environment["HOME"] = root;
    environment.erase("XDG_CONFIG_HOME");
    environment.erase("XDG_DATA_HOME");
    REQUIRE(::chmod((root + "/config.yaml").c_str(), 0644) == 0);
    start_session({"-i", "sleep", "1000"});
  }
  void start_session(std::vector<std::string> argv) { server.session("pool-1", std::move(argv)); }
  static void put_secret(std::string const& path) {
    write_text(path, std::string(canary) + "\n");
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  }

  /// Nothing is changed by it, and no secret told.
  [[nodiscard]] ProgramResult doctor(std::vector<std::string> more = {}) const {
    std::vector<std::string> argv = {program, "doctor", "--config", root + "/config.yaml"};
    argv.insert(argv.end(), more.begin(), more.end());
    auto const before = snapshot(root);
    auto result = run_program(std::move(argv), environment);
    CHECK(snapshot(root) == before);
    CHECK_THAT(result.out + result.err, !CF_CONTAINS(canary));
    return result;
  }
  /// The lines of one grade and check.
  [[nodiscard]] static std::string lines(ProgramResult const& result, std::string const& grade,
                                         std::string const& about) {
    std::string found;
    std::string rest = result.out;
    while (!rest.empty()) {
      auto const line = rest.substr(0, rest.find('\n') + 1);
      rest.erase(0, line.size());
      auto const word = line.substr(std::min<std::size_t>(line.size(), 9));
      if (line.starts_with(grade + " ") && word.starts_with(about + " ")) found += line;
    }
    return found;
  }
};

}  // namespace

TEST_CASE("where all is well doctor ends with 0 and a line for each check", "[e2e][doctor]") {
  Home const home;
  auto const result = home.doctor();
  CHECK(result.status == 0);
  CHECK(result.err.empty());
  for (auto const* check : {"configuration", "tmux", "tmux-server", "link", "hooks", "environment", "tokens",
                            "permissions", "time-zones", "inotify"})
    CHECK_FALSE(Home::lines(result, "ok", check).empty());
  CHECK_FALSE(Home::lines(result, "skipped", "daemon").empty());
  CHECK(result.out.find("problem ") == std::string::npos);
  CHECK_THAT(Home::lines(result, "warning", "history"), CF_CONTAINS("claude-failover accounts share-history"));
}

TEST_CASE("doctor's JSON is the same remarks as objects", "[e2e][doctor]") {
  Home const home;
  auto const result = home.doctor({"--json"});
  CHECK(result.status == 0);
  auto const list = boost::json::parse(result.out);
  REQUIRE(list.is_array());
  REQUIRE(list.as_array().size() > 10);
  for (auto const& entry : list.as_array())
    for (auto const* key : {"grade", "about", "where", "what", "cure"}) CHECK(entry.at(key).is_string());
}

TEST_CASE("a broken link and one login under two accounts are problems", "[e2e][doctor]") {
  Home const home;
  fs::remove(home.root + "/claude");
  fs::create_symlink(home.root + "/nowhere", home.root + "/claude");
  write_text(home.root + "/spare/.claude.json", "{\"oauthAccount\": {\"accountUuid\": \"main\"}}");
  auto const result = home.doctor();
  CHECK(result.status == 1);
  CHECK_THAT(Home::lines(result, "problem", "link"),
             CF_CONTAINS(home.root + "/claude") && CF_CONTAINS("leads to no directory") && CF_CONTAINS("; make that"));
  CHECK_THAT(Home::lines(result, "problem", "twins"), CF_CONTAINS("accounts main and spare hold one login"));
}

TEST_CASE("a token that others may read, a queue and a configuration that they may write, are problems",
          "[e2e][doctor]") {
  Home const home;
  REQUIRE(::chmod((home.root + "/token").c_str(), 0644) == 0);
  fs::create_directories(home.root + "/state/queue/pending");
  REQUIRE(::chmod((home.root + "/state").c_str(), 0700) == 0);
  REQUIRE(::chmod((home.root + "/state/queue/pending").c_str(), 0777) == 0);
  REQUIRE(::chmod((home.root + "/config.yaml").c_str(), 0666) == 0);
  auto const result = home.doctor();
  CHECK(result.status == 1);
  CHECK_THAT(Home::lines(result, "problem", "tokens"), CF_CONTAINS("chmod 600 " + home.root + "/token"));
  auto const permissions = Home::lines(result, "problem", "permissions");
  CHECK_THAT(permissions, CF_CONTAINS(home.root + "/config.yaml") && CF_CONTAINS("/state/queue/pending"));
}

TEST_CASE("a key in an agent's environment and in its settings is named, and its value never told", "[e2e][doctor]") {
  Home home;
  home.server.command({"kill-session", "-t", "=pool-1"});
  home.start_session({std::string("ANTHROPIC_API_KEY=") + canary, "sleep", "1000"});
  auto const pane = home.server.format("=pool-1:", "#{pane_pid}");
  REQUIRE(eventually([&] { return read_text("/proc/" + pane + "/environ").find(canary) != std::string::npos; }));
  write_text(home.root + "/spare/settings.json",
             std::string("{\"disableAllHooks\": true, \"env\": {\"ANTHROPIC_AUTH_TOKEN\": \"") + canary + "\"}}");
  auto const result = home.doctor();
  CHECK(result.status == 1);
  CHECK_THAT(Home::lines(result, "problem", "environment"),
             CF_CONTAINS("session pool-1") && CF_CONTAINS("ANTHROPIC_API_KEY"));
  CHECK_THAT(Home::lines(result, "problem", "tokens"), CF_CONTAINS("env sets ANTHROPIC_AUTH_TOKEN"));
  CHECK_THAT(Home::lines(result, "warning", "hooks"), CF_CONTAINS("disableAllHooks"));
  CHECK(home.doctor({"--json"}).status == 1);
}

TEST_CASE("without tmux doctor says so, and examines all else", "[e2e][doctor]") {
  Home home;
  home.environment["PATH"] = home.root;
  auto const result = home.doctor();
  CHECK(result.status == 1);
  CHECK_THAT(Home::lines(result, "problem", "tmux"),
             CF_CONTAINS("not installed") && CF_CONTAINS("apt-get install tmux"));
  CHECK_FALSE(Home::lines(result, "ok", "link").empty());
}

TEST_CASE("no tmux server, and one that hangs, are told within their deadline", "[e2e][doctor]") {
  Home home;
  home.server.suspend();
  auto const hanging = home.doctor();
  home.server.resume();
  CHECK(hanging.status == 1);
  CHECK_THAT(Home::lines(hanging, "problem", "tmux-server"), CF_CONTAINS("does not answer"));
  home.server.command({"kill-server"});
  REQUIRE(eventually([&] { return home.server.command({"list-sessions"}).find("pool-1") == std::string::npos; }));
  auto const none = home.doctor();
  CHECK(none.status == 1);
  CHECK_THAT(Home::lines(none, "problem", "tmux-server"), CF_CONTAINS("no tmux server") && CF_CONTAINS("tmux new -d"));
}

TEST_CASE("an installed unit that would end the agents is a problem", "[e2e][doctor]") {
  Home const home;
  auto const unit = home.root + "/.config/systemd/user/claude-failover.service";
  fs::create_directories(fs::path(unit).parent_path());
  write_text(unit, "[Service]\nType=notify\nKillMode=mixed\n");
  auto const result = home.doctor();
  CHECK(result.status == 1);
  CHECK_THAT(Home::lines(result, "problem", "unit"), CF_CONTAINS(unit) && CF_CONTAINS("KillMode=process"));
  fs::copy_file(std::string(CF_SOURCE_DIR) + "/packaging/systemd/user/claude-failover.service", unit,
                fs::copy_options::overwrite_existing);
  CHECK(home.doctor().status == 0);
}

TEST_CASE("a configuration with mistakes is all that doctor tells, with 78", "[e2e][doctor]") {
  Home const home;
  write_text(home.root + "/config.yaml", "accounts: []\nquota: {poll_intervall: 1s}\n");
  auto const result = home.doctor();
  CHECK(result.status == 78);
  CHECK_THAT(Home::lines(result, "problem", "configuration"),
             CF_CONTAINS(home.root + "/config.yaml:2:") && CF_CONTAINS("poll_interval"));
  CHECK(result.out.find("tmux-server") == std::string::npos);
  auto const json = home.doctor({"--json"});
  CHECK(json.status == 78);
  CHECK(boost::json::parse(json.out).as_array().size() == 2);
  fs::remove(home.root + "/config.yaml");
  CHECK(home.doctor().status == 78);
}
