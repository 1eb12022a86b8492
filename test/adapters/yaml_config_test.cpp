#include "adapters/yaml_config.hpp"

#include "core/config_keys.hpp"
#include "test/support/catch.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include <sys/stat.h>
#include <unistd.h>

using namespace failover;
using namespace failover::adapters;
using namespace std::chrono_literals;

namespace {

PathContext const context{"/home/u", "/cwd", "/var/lib/cf", ""};

LoadedConfig load(std::string const& yaml) {
  return load_config(yaml, "/etc/cf/c.yaml", context);
}

std::string const account = "accounts:\n  - name: main\n    config_dir: ~/a/main\n";

std::vector<std::string> lines_of(LoadedConfig const& loaded) {
  std::vector<std::string> lines;
  for (auto const& problem : loaded.problems) lines.push_back(to_line(problem));
  return lines;
}

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "cf-config-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(TemporaryDirectory const&) = delete;
  TemporaryDirectory& operator=(TemporaryDirectory const&) = delete;

  [[nodiscard]] std::string file(std::string const& name) const { return path_ / name; }
  [[nodiscard]] std::string written(std::string const& name, std::string const& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return file(name);
  }

 private:
  std::filesystem::path path_;
};

std::string text_of_file(std::string const& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Takes the `#` away from every setting: those comments have no space after it, or two and more.
std::string with_every_setting(std::string const& example) {
  std::string result;
  for (std::size_t at = 0; at < example.size();) {
    auto const end = example.find('\n', at);
    auto line = example.substr(at, end - at);
    auto const hash = line.find_first_not_of(' ');
    if (hash != std::string::npos && line[hash] == '#' && hash + 2 < line.size() &&
        (line[hash + 1] != ' ' || line[hash + 2] == ' '))
      line.erase(hash, 1);
    result += line + "\n";
    at = end + 1;
  }
  return result;
}

}  // namespace

TEST_CASE("a file with accounts alone has every default and absolute paths", "[adapters][yaml_config]") {
  auto const loaded = load(account);
  CHECK(lines_of(loaded) == std::vector<std::string>{});
  core::Config expected;
  expected.accounts = {{core::AccountName("main"), "/home/u/a/main", false}};
  expected.switching.link = "/home/u/.claude";
  expected.state = {"/var/lib/cf", "/var/lib/cf/run"};
  expected.dispatcher.queue = "/var/lib/cf/queue";
  expected.sessions.pool.workdir = "/home/u";
  CHECK(loaded.config == expected);
}

TEST_CASE("every kind of value is read", "[adapters][yaml_config]") {
  auto const loaded = load(account + R"(    disabled: true
  - {name: spare, config_dir: ~/a/spare}
tmux: {socket: tmux.sock, start_server: true, command_timeout: 2s500ms}
sessions:
  command: [claude, "--model", 'x y', 7]
  pool: {size: 3, prefix: "p ", workdir: ~}
  dedicated:
    - name: web
    - {name: api, workdir: ../api/, command: [other]}
  adopt:
    - work
    - agent-*
quota: {poll_interval: 1m30s, confirm_polls: 1}
switch:
  mode: link
  link: ~/links/claude/
  continue_prompt: |-
    go on
watcher: {on_timeout: interrupt}
dispatcher: {queue: q, max_task_bytes: 2048}
janitor:
notifications:
  telegram: {chat_id: -100123, token_file: /run/t}
  command: {argv: [/bin/true]}
http: {listen: ""}
state: {dir: ~/s//x, runtime: /run/r/}
log: {level: debug, format: "json"}
)");
  CHECK(lines_of(loaded) == std::vector<std::string>{});
  auto const& config = loaded.config;
  CHECK(config.accounts[0].disabled);
  CHECK(config.tmux == core::TmuxConfig{"/etc/cf/tmux.sock", true, true, 2500ms, 15s});
  CHECK(config.sessions.command == std::vector<std::string>{"claude", "--model", "x y", "7"});
  CHECK(config.sessions.pool == core::PoolConfig{3, "p ", "/home/u"});
  CHECK(config.sessions.dedicated ==
        std::vector<core::DedicatedConfig>{{core::SessionName("web"), "/home/u", {}},
                                           {core::SessionName("api"), "/etc/cf/../api", {"other"}}});
  CHECK(config.sessions.adopt == std::vector<std::string>{"work", "agent-*"});
  CHECK(config.quota.poll_interval == 90s);
  CHECK(config.quota.confirm_polls == 1);
  CHECK(config.switching.link == "/home/u/links/claude");
  CHECK(config.switching.continue_prompt == "go on");
  CHECK(config.watcher.on_timeout == core::OnTimeout::interrupt);
  CHECK(config.dispatcher.queue == "/etc/cf/q");
  CHECK(config.dispatcher.max_task_bytes == 2048);
  CHECK(config.notifications.telegram == core::TelegramConfig{"-100123", "/run/t"});
  CHECK_FALSE(config.notifications.resend.has_value());
  CHECK(config.notifications.command == core::CommandChannelConfig{{"/bin/true"}});
  CHECK(config.http.listen.empty());
  CHECK(config.state == core::StateConfig{"/home/u/s/x", "/run/r"});
  CHECK(config.log.level == core::LogLevel::debug);
  CHECK(config.log.format == core::LogFormat::json);
}

TEST_CASE("queue and runtime directory follow the state directory that the file names", "[adapters][yaml_config]") {
  auto const loaded = load(account + "state: {dir: /other}\n");
  CHECK(loaded.problems.empty());
  CHECK(loaded.config.dispatcher.queue == "/other/queue");
  CHECK(loaded.config.state.runtime == "/other/run");
}

TEST_CASE("relative paths start at the file's own directory", "[adapters][yaml_config]") {
  auto const text = account + "http: {token_file: t}\n";
  CHECK(load_config(text, "c.yaml", context).config.http.token_file == "/cwd/t");
  CHECK(load_config(text, "sub/c.yaml", context).config.http.token_file == "/cwd/sub/t");
  CHECK(load_config(text, "/c.yaml", context).config.http.token_file == "/t");
}

TEST_CASE("an empty file has no accounts", "[adapters][yaml_config]") {
  for (std::string const text : {"", "# nothing\n", "---\n", "accounts:\n", "accounts: []\n"}) {
    INFO(text);
    auto const lines = lines_of(load(text));
    REQUIRE(lines.size() == 1);
    CHECK_THAT(lines[0], CF_CONTAINS("/etc/cf/c.yaml:1:1: accounts: no accounts"));
  }
}

TEST_CASE("every mistake is named at once, at its line and column, in the file's order", "[adapters][yaml_config]") {
  auto const loaded = load(R"(accounts:
  - name: main
    config_dir: ~/a
    weigth: 3
  - name: main
    config_dir: ~/a/
  - nam: x
quota:
  poll_intervall: 30s
  settle: 30
  confirm_polls: two
quotas: 1
tmux: {start_server: yes}
watcher:
  on_timeout: hld
  quiet: 10ms
watcher:
  timeout: 1h
settle: 5s
log:
  level:
http.listen: x
)");
  CHECK(
      lines_of(loaded) ==
      std::vector<std::string>{
          "/etc/cf/c.yaml:4:5: unknown key 'weigth' in accounts[0]: did you mean 'weight'?",
          "/etc/cf/c.yaml:5:11: accounts[1].name: 'main' is the name of an earlier account already",
          "/etc/cf/c.yaml:6:17: accounts[1].config_dir: is the directory of account 'main' already: each needs its own",
          "/etc/cf/c.yaml:7:5: unknown key 'nam' in accounts[2]: did you mean 'name'?",
          "/etc/cf/c.yaml:7:5: accounts[2].name: is required and missing or empty: give it a value",
          "/etc/cf/c.yaml:7:5: accounts[2].config_dir: is required and missing or empty: give it a value",
          "/etc/cf/c.yaml:9:3: unknown key 'poll_intervall' in quota: did you mean 'poll_interval'?",
          "/etc/cf/c.yaml:10:11: quota.settle: '30' is not a duration: write a unit after the number: ms, s, m, h or d "
          "(allowed: 0s to 10m)",
          "/etc/cf/c.yaml:11:18: quota.confirm_polls: expects a whole number (1 to 20 looks), found 'two'",
          "/etc/cf/c.yaml:12:1: unknown key 'quotas': did you mean 'quota'?",
          "/etc/cf/c.yaml:13:22: tmux.start_server: expects true or false, found 'yes'",
          "/etc/cf/c.yaml:15:15: watcher.on_timeout: expects one of hold, interrupt, fail, found 'hld': did you mean "
          "'hold'?",
          "/etc/cf/c.yaml:16:10: watcher.quiet: 10ms is out of range: allowed is 1s to 1d",
          "/etc/cf/c.yaml:17:1: 'watcher' is written twice: it stands in line 14 already",
          "/etc/cf/c.yaml:19:1: unknown key 'settle': did you mean 'quota.settle'?",
          "/etc/cf/c.yaml:21:3: log.level: expects one of debug, info, warning, error, found nothing",
          "/etc/cf/c.yaml:22:1: unknown key 'http.listen'",
      });
}

TEST_CASE("a value of the wrong kind is refused with what is expected and what was found", "[adapters][yaml_config]") {
  struct Case {
    std::string yaml;
    std::string says;
  };
  std::vector<Case> const cases{
      {"quota: 5\n", ":4:8: quota: expects a section of keys, found '5'"},
      {"quota: [a]\n", "quota: expects a section of keys, found a list"},
      {"quota: {settle: [5s]}\n",
       "quota.settle: expects a duration such as 30s, 5m or 1h30m (0s to 10m), found a list"},
      {"quota: {settle: 11m}\n", "quota.settle: 11m is out of range: allowed is 0s to 10m"},
      {"quota: {confirm_polls: \"2\"}\n", "found the quoted text '2'"},
      {"quota: {confirm_polls: 02}\n", "expects a whole number (1 to 20 looks), found '02'"},
      {"quota: {confirm_polls: 2.0}\n", "expects a whole number"},
      {"quota: {confirm_polls: 99999999999999999999}\n", "expects a whole number"},
      {"quota: {confirm_polls: -3}\n", "-3 is out of range"},
      {"tmux: {start_server: \"true\"}\n", "expects true or false, found the quoted text 'true'"},
      {"tmux: {start_server: }\n", "expects true or false, found nothing"},
      {"tmux: {socket: {a: b}}\n", "tmux.socket: expects a path, found a section of keys"},
      {"tmux: {socket: ~root/x}\n", "only ~ and ~/ are expanded"},
      {"switch: {mode: copy}\n", "switch.mode: expects one of link, per_session, found 'copy'"},
      {"switch: {continue_prompt: }\n", "switch.continue_prompt: expects a text, found nothing"},
      {"sessions: {command: claude}\n", "sessions.command: expects a list such as [first, second], found 'claude'"},
      {"sessions: {command: [[a]]}\n", "sessions.command: expects a list of texts, found a list"},
      {"sessions: {adopt: [a.b]}\n", ":4:20: sessions.adopt[0]: 'a.b' can match nothing"},
      {"sessions: {dedicated: {name: a}}\n", "sessions.dedicated: expects a list, each element beginning with -"},
      {"sessions: {dedicated: [a]}\n", ":4:24: sessions.dedicated[0]: expects keys (name: …), found 'a'"},
      {"sessions: {dedicated: [{name: 'a.b'}]}\n", ":4:31: sessions.dedicated[0].name: 'a.b' has a character"},
      {"notifications: {telegram: {chat_id: 1}}\n", ":4:17: notifications.telegram.token_file: is required"},
      {"notifications: {command: }\n", ":4:17: notifications.command.argv: is required"},
      {"notifications: {telegram: 5}\n", "notifications.telegram: expects a section of keys"},
      {"http: {listen: 0.0.0.0:8377}\n", ":4:16: http.listen: '0.0.0.0:8377' can be reached from other machines"},
      {"log: {level: &x info}\n", "anchors (&name) are not supported"},
      {"state: {dir: !p /x}\n", "tags (!name) are not supported"},
      {"state: {dir: ~/.claude/state}\n", ":4:14: state.dir: lies behind the switch link"},
      {"dispatcher: {queue: ~/.claude/q}\n", ":4:21: dispatcher.queue: lies behind the switch link"},
      {"state: {dir: \"/a\\nb\"}\n", "state.dir: '/a\\x0ab' holds a control character"},
  };
  for (auto const& one : cases) {
    INFO(one.yaml);
    auto const lines = lines_of(load(account + one.yaml));
    REQUIRE(lines.size() == 1);
    CHECK_THAT(lines[0], CF_CONTAINS(one.says));
  }
}

TEST_CASE("an alias is named once, whatever it stands for", "[adapters][yaml_config]") {
  auto const lines = lines_of(load(account + "log: {level: &l info}\nquota: {settle: *l}\nwatcher: *l\n"));
  REQUIRE(lines.size() == 3);
  CHECK_THAT(lines[1], CF_CONTAINS("c.yaml:5:17: aliases (*name) are not supported"));
  CHECK_THAT(lines[2], CF_CONTAINS("c.yaml:6:10: aliases (*name) are not supported"));
}

TEST_CASE("a list element that cannot be read is named once", "[adapters][yaml_config]") {
  CHECK(lines_of(load("accounts: [main]\n")) ==
        std::vector<std::string>{"/etc/cf/c.yaml:1:12: accounts[0]: expects keys (name: …), found 'main'"});
  CHECK(lines_of(load("accounts: main\n")) ==
        std::vector<std::string>{
            "/etc/cf/c.yaml:1:11: accounts: expects a list, each element beginning with -, found 'main'"});
  CHECK(lines_of(load("just text\n")) ==
        std::vector<std::string>{"/etc/cf/c.yaml:1:1: the file holds a single text: write keys, such as accounts:"});
  CHECK(lines_of(load("- a\n")).size() == 1);
}

TEST_CASE("a file of mistakes ends in a count of them", "[adapters][yaml_config]") {
  std::string text = account;
  for (int i = 0; i < 4000; ++i) text += "wrong" + std::to_string(i) + ": 1\n";
  auto const loaded = load(text);
  REQUIRE(loaded.problems.size() == max_config_problems);
  CHECK_THAT(loaded.problems.back().message, CF_CONTAINS("3901 more problems"));
}

TEST_CASE("broken text has its one problem and no more", "[adapters][yaml_config]") {
  auto const lines = lines_of(load("accounts:\n\t- name: x\n"));
  REQUIRE(lines.size() == 1);
  CHECK_THAT(lines[0], CF_CONTAINS("/etc/cf/c.yaml:2:"));
}

TEST_CASE("without a home and a state directory the places must be named", "[adapters][yaml_config]") {
  PathContext const nothing{"", "/", "", ""};
  auto const loaded = load_config("accounts: [{name: a, config_dir: /a}]\n", "c.yaml", nothing);
  std::vector<std::string> messages;
  for (auto const& problem : loaded.problems) messages.push_back(problem.message.substr(0, problem.message.find(':')));
  CHECK(messages == std::vector<std::string>{"switch.link", "state.dir"});
}

TEST_CASE("the example configuration is sound as it stands", "[adapters][yaml_config]") {
  auto const loaded = load(text_of_file(std::string(CF_SOURCE_DIR) + "/conf/claude-failover.yaml"));
  CHECK(lines_of(loaded) == std::vector<std::string>{});
  CHECK(loaded.config.accounts.size() == 2);
  auto bare = load(account).config;
  bare.accounts = loaded.config.accounts;
  CHECK(loaded.config == bare);
}

TEST_CASE("the example configuration with every setting in force is sound and says the defaults",
          "[adapters][yaml_config]") {
  auto const text = with_every_setting(text_of_file(std::string(CF_SOURCE_DIR) + "/conf/claude-failover.yaml"));
  auto const loaded = load(text);
  CHECK(lines_of(loaded) == std::vector<std::string>{});
  core::Config defaults;
  for (auto const& section : core::config_sections())
    if (section.create != nullptr) section.create(defaults);
  for (auto const& key : core::config_keys()) {
    INFO(key.path);
    auto const value = key.access.get(loaded.config);
    CHECK(value.has_value());
    if (key.example.empty()) CHECK(value == key.access.get(defaults));
    auto const word = key.path.substr(key.path.rfind('.') + 1);
    CHECK_THAT(text, CF_CONTAINS(" " + std::string(word) + ": "));
  }
  REQUIRE(loaded.config.sessions.dedicated.size() == 1);
  CHECK(loaded.config.sessions.dedicated[0].workdir == "/home/u/projects/website");
  CHECK_FALSE(loaded.config.accounts.at(0).disabled);
}

TEST_CASE("a configuration file is read whole", "[adapters][yaml_config]") {
  TemporaryDirectory const directory;
  auto const path = directory.written("c.yaml", account + "# " + std::string(200'000, 'x') + "\nlog: {level: error}\n");
  auto const loaded = load_config_file(path, context);
  REQUIRE(loaded);
  CHECK(lines_of(*loaded) == std::vector<std::string>{});
  CHECK(loaded->config.log.level == core::LogLevel::error);
}

TEST_CASE("what is no readable file of a sensible size is an error that names it", "[adapters][yaml_config]") {
  TemporaryDirectory const directory;
  auto const pipe = directory.file("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::vector<std::pair<std::string, core::ErrorKind>> const cases{
      {directory.file("missing.yaml"), core::ErrorKind::not_found},
      {directory.written("file", "") + "/c.yaml", core::ErrorKind::not_found},
      {directory.file(""), core::ErrorKind::invalid},
      {pipe, core::ErrorKind::invalid},
      {"/dev/zero", core::ErrorKind::invalid},
      {directory.written("big.yaml", std::string(2 << 20, '#')), core::ErrorKind::too_large},
      {directory.written("over.yaml", std::string(max_config_bytes + 1, '#')), core::ErrorKind::too_large},
  };
  for (auto const& [path, kind] : cases) {
    INFO(path);
    auto const loaded = load_config_file(path, context);
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().kind == kind);
    CHECK_THAT(loaded.error().detail, CF_CONTAINS(path));
  }
  CHECK(load_config_file(directory.written("full.yaml", std::string(max_config_bytes, '#')), context));
}

TEST_CASE("a file without read permission is an error of permission", "[adapters][yaml_config]") {
  if (::geteuid() == 0) {
    SUCCEED("root may read everything");
    return;
  }
  TemporaryDirectory const directory;
  auto const path = directory.written("c.yaml", account);
  REQUIRE(::chmod(path.c_str(), 0) == 0);
  auto const loaded = load_config_file(path, context);
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error().kind == core::ErrorKind::permission);
}

TEST_CASE("a damaged file is answered with problems at places in it, never with a crash", "[adapters][yaml_config]") {
  auto const example = with_every_setting(text_of_file(std::string(CF_SOURCE_DIR) + "/conf/claude-failover.yaml"));
  std::string_view const bytes = "\n\t -:#[]{}&*!|>'\"%@`,?~a1\\";
  std::mt19937 random(20251122);
  for (int round = 0; round < 300; ++round) {
    auto text = example.substr(0, random() % 4 == 0 ? random() % example.size() : example.size());
    for (auto change = random() % 6; change > 0 && !text.empty(); --change) {
      auto const at = random() % text.size();
      auto const byte = bytes[random() % bytes.size()];
      if (random() % 2 == 0)
        text[at] = byte;
      else
        text.insert(at, 1 + random() % 3, byte);
    }
    auto const last_line = std::count(text.begin(), text.end(), '\n') + 1;
    for (auto const& problem : load(text).problems) {
      INFO(round << ": " << to_line(problem));
      CHECK(problem.line >= 1);
      CHECK(problem.line <= last_line);
      CHECK(problem.column >= 1);
      CHECK_FALSE(problem.message.empty());
    }
  }
}
