#include "core/config_check.hpp"

#include "test/support/catch.hpp"

#include <functional>

using namespace failover::core;
using namespace std::chrono_literals;

namespace {

Config sound() {
  Config config;
  config.accounts = {{AccountName("main"), "/home/u/accounts/main", false},
                     {AccountName("second"), "/home/u/accounts/second", false}};
  config.switching.link = "/home/u/.claude";
  config.state = {"/home/u/.local/state/claude-failover", "/run/user/1000/claude-failover"};
  config.dispatcher.queue = "/home/u/.local/state/claude-failover/queue";
  return config;
}

struct Faulty {
  std::string path;
  std::string says;
  std::function<void(Config&)> spoil;
};

DedicatedConfig dedicated(std::string name) {
  return {SessionName(std::move(name)), "/home/u", {}};
}

void check_each(std::vector<Faulty> const& cases) {
  for (auto const& one : cases) {
    auto config = sound();
    one.spoil(config);
    auto const faults = check_config(config);
    INFO(one.path << ": " << one.says);
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].path == one.path);
    CHECK_THAT(faults[0].message, CF_CONTAINS(one.says));
  }
}

}  // namespace

TEST_CASE("a sound configuration has no fault", "[core][config_check]") {
  CHECK(check_config(sound()).empty());
  auto config = sound();
  config.sessions.pool.size = 3;
  config.sessions.dedicated = {dedicated("pool-4"), dedicated("Web site"), dedicated("été"), dedicated("_a,b+c@d")};
  config.sessions.adopt = {"work", "agent-*", "*"};
  config.notifications.telegram = TelegramConfig{"-100", "/t", "https://localhost:4433/base"};
  config.notifications.resend = ResendConfig{"Me <a@b.c>", "d@e.f", "/k"};
  config.notifications.command = CommandChannelConfig{{"/bin/true", ""}};
  config.http = {"0.0.0.0:8377", true, "/token"};
  CHECK(check_config(config).empty());
  config.http.listen = "";
  CHECK(check_config(config).empty());
}

TEST_CASE("all faults are found at once", "[core][config_check]") {
  auto const faults = check_config(Config{});
  std::vector<std::string> paths;
  for (auto const& fault : faults) paths.push_back(fault.path);
  CHECK(paths == std::vector<std::string>{"accounts", "switch.link", "dispatcher.queue", "state.dir", "state.runtime"});
}

TEST_CASE("accounts need names and directories of their own", "[core][config_check]") {
  check_each({
      {"accounts", "no accounts", [](Config& c) { c.accounts.clear(); }},
      {"accounts[0].name", "required", [](Config& c) { c.accounts[0].name = AccountName(""); }},
      {"accounts[1].name", "no account name", [](Config& c) { c.accounts[1].name = AccountName("a b"); }},
      {"accounts[1].name", "no account name", [](Config& c) { c.accounts[1].name = AccountName("../x"); }},
      {"accounts[1].name", "no account name", [](Config& c) { c.accounts[1].name = AccountName("-x"); }},
      {"accounts[1].name", "no account name",
       [](Config& c) { c.accounts[1].name = AccountName(std::string(65, 'a')); }},
      {"accounts[1].name", "earlier account", [](Config& c) { c.accounts[1].name = AccountName("main"); }},
      {"accounts[1].config_dir", "required", [](Config& c) { c.accounts[1].config_dir = ""; }},
      {"accounts[1].config_dir", "absolute", [](Config& c) { c.accounts[1].config_dir = "x"; }},
      {"accounts[1].config_dir", "account 'main' already",
       [](Config& c) { c.accounts[1].config_dir = c.accounts[0].config_dir; }},
      {"accounts[0].config_dir", "switch link itself", [](Config& c) { c.accounts[0].config_dir = c.switching.link; }},
      {"accounts[0].config_dir", "behind the switch link",
       [](Config& c) { c.accounts[0].config_dir = c.switching.link + "/main"; }},
      {"accounts[0].config_dir", "inside the queue",
       [](Config& c) { c.accounts[0].config_dir = c.dispatcher.queue + "/a"; }},
  });
}

TEST_CASE("an account's name may be 64 letters, digits and signs long", "[core][config_check]") {
  auto config = sound();
  config.accounts[0].name = AccountName(std::string(60, 'a') + "_.-9");
  CHECK(check_config(config).empty());
}

TEST_CASE("sessions have names of their own and commands", "[core][config_check]") {
  check_each({
      {"sessions.dedicated[0].name", "required", [](Config& c) { c.sessions.dedicated = {dedicated("")}; }},
      {"sessions.dedicated[0].name", "gives a meaning", [](Config& c) { c.sessions.dedicated = {dedicated("a.b")}; }},
      {"sessions.dedicated[1].name", "earlier dedicated session",
       [](Config& c) {
         c.sessions.dedicated = {dedicated("a"), dedicated("a")};
       }},
      {"sessions.dedicated[0].name", "pool session",
       [](Config& c) {
         c.sessions.pool.size = 2;
         c.sessions.dedicated = {dedicated("pool-2")};
       }},
      {"sessions.dedicated[0].name", "also in sessions.adopt",
       [](Config& c) {
         c.sessions.adopt = {"b", "a"};
         c.sessions.dedicated = {dedicated("a")};
       }},
      {"sessions.dedicated[0].workdir", "absolute",
       [](Config& c) {
         c.sessions.dedicated = {{SessionName("a"), "x", {}}};
       }},
      {"sessions.dedicated[0].command", "empty text",
       [](Config& c) {
         c.sessions.dedicated = {{SessionName("a"), "/x", {""}}};
       }},
      {"sessions.command", "required", [](Config& c) { c.sessions.command = {}; }},
      {"sessions.command", "empty text",
       [](Config& c) {
         c.sessions.command = {"", "x"};
       }},
      {"sessions.command", "control character",
       [](Config& c) {
         c.sessions.command = {"a", std::string(1, '\0')};
       }},
      {"sessions.agent", "no pattern table", [](Config& c) { c.sessions.agent = "../secrets"; }},
      {"sessions.agent", "no pattern table", [](Config& c) { c.sessions.agent = ""; }},
      {"sessions.adopt[1]", "is empty",
       [](Config& c) {
         c.sessions.adopt = {"a", ""};
       }},
      {"sessions.adopt[0]", "at its end", [](Config& c) { c.sessions.adopt = {"a*b"}; }},
      {"sessions.adopt[0]", "match nothing", [](Config& c) { c.sessions.adopt = {"a.b"}; }},
      {"sessions.adopt[0]", "100 bytes", [](Config& c) { c.sessions.adopt = {std::string(101, 'a')}; }},
      {"sessions.pool.prefix", "required", [](Config& c) { c.sessions.pool.prefix = ""; }},
      {"sessions.pool.prefix", "gives a meaning", [](Config& c) { c.sessions.pool.prefix = "p."; }},
      {"sessions.pool.workdir", "absolute", [](Config& c) { c.sessions.pool.workdir = "~"; }},
  });
}

TEST_CASE("measured values stay within their ranges, both ends included", "[core][config_check]") {
  check_each({
      {"sessions.pool.size", "201 is out of range: allowed is 0 to 200 sessions",
       [](Config& c) { c.sessions.pool.size = 201; }},
      {"sessions.pool.size", "out of range", [](Config& c) { c.sessions.pool.size = -1; }},
      {"sessions.columns", "80 to 500", [](Config& c) { c.sessions.columns = 79; }},
      {"sessions.rows", "24 to 300", [](Config& c) { c.sessions.rows = 301; }},
      {"quota.poll_interval", "99ms is out of range: allowed is 100ms to 1h",
       [](Config& c) { c.quota.poll_interval = 99ms; }},
      {"quota.min_blocked_sessions", "1 to 200", [](Config& c) { c.quota.min_blocked_sessions = 0; }},
      {"watcher.quiet", "1s to 1d", [](Config& c) { c.watcher.quiet = 999ms; }},
      {"janitor.keep_newest", "0 to", [](Config& c) { c.janitor.keep_newest = -1; }},
  });
  auto config = sound();
  config.sessions.pool.size = 200;
  config.sessions.columns = 80;
  config.quota.poll_interval = 100ms;
  config.watcher.quiet = 1s;
  CHECK(check_config(config).empty());
}

TEST_CASE("what must stay reachable does not lie behind the switch link", "[core][config_check]") {
  check_each({
      {"dispatcher.queue", "behind the switch link", [](Config& c) { c.dispatcher.queue = c.switching.link + "/q"; }},
      {"state.dir", "behind the switch link", [](Config& c) { c.state.dir = c.switching.link; }},
      {"state.runtime", "behind the switch link", [](Config& c) { c.state.runtime = c.switching.link + "/r"; }},
      {"switch.link", "inside the queue", [](Config& c) { c.switching.link = c.dispatcher.queue + "/link"; }},
      {"switch.link", "required", [](Config& c) { c.switching.link = ""; }},
      {"switch.continue_prompt", "control character", [](Config& c) { c.switching.continue_prompt = "a\nb"; }},
      {"switch.continue_prompt", "required", [](Config& c) { c.switching.continue_prompt = ""; }},
      {"tmux.socket", "107 bytes", [](Config& c) { c.tmux.socket = "/" + std::string(107, 'a'); }},
  });
  auto config = sound();
  config.dispatcher.queue = config.switching.link + "-queue";
  CHECK(check_config(config).empty());
}

TEST_CASE("other machines may reach the server only with a token and on purpose", "[core][config_check]") {
  check_each({
      {"http.listen", "not an address", [](Config& c) { c.http.listen = "8377"; }},
      {"http.listen", "allow_remote: true", [](Config& c) { c.http.listen = "0.0.0.0:8377"; }},
      {"http.listen", "allow_remote: true",
       [](Config& c) {
         c.http = {"[::]:1", false, "/token"};
       }},
      {"http.listen", "set http.token_file as well",
       [](Config& c) {
         c.http = {"0.0.0.0:8377", true, ""};
       }},
  });
}

TEST_CASE("a channel has all that it needs to send", "[core][config_check]") {
  auto const telegram = [](TelegramConfig value) { return [value](Config& c) { c.notifications.telegram = value; }; };
  auto const resend = [](ResendConfig value) { return [value](Config& c) { c.notifications.resend = value; }; };
  check_each({
      {"notifications.telegram.chat_id", "required", telegram({"", "/t"})},
      {"notifications.telegram.token_file", "required", telegram({"1", ""})},
      {"notifications.telegram.api_base", "begin with https://", telegram({"1", "/t", "http://localhost"})},
      {"notifications.telegram.api_base", "no host", telegram({"1", "/t", "https:///x"})},
      {"notifications.telegram.api_base", "without user", telegram({"1", "/t", "https://a@b"})},
      {"notifications.telegram.api_base", "must not end in /", telegram({"1", "/t", "https://a/"})},
      {"notifications.telegram.api_base", "required", telegram({"1", "/t", ""})},
      {"notifications.resend.from", "required", resend({"", "a@b", "/k"})},
      {"notifications.resend.to", "no e-mail address", resend({"a@b", "me", "/k"})},
      {"notifications.resend.key_file", "required", resend({"a@b", "a@b", ""})},
      {"notifications.resend.api_base", "begin with https://", resend({"a@b", "a@b", "/k", "ftp://x"})},
      {"notifications.command.argv", "required", [](Config& c) { c.notifications.command.emplace(); }},
  });
}
