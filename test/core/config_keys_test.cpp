#include "core/config_keys.hpp"

#include "core/config_docs.hpp"
#include "test/support/catch.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

using namespace failover::core;
using namespace std::chrono_literals;

namespace {

ConfigKey const& key_called(std::string_view path) {
  for (auto const& key : config_keys())
    if (key.path == path) return key;
  FAIL("no such key: " << path);
  std::abort();
}

template <class Owner>
void check_form(Key<Owner> const& key) {
  INFO(key.path);
  bool const measured = key.access.type == KeyType::integer || key.access.type == KeyType::duration;
  CHECK(key.range.has_value() == measured);
  CHECK(key.unit.empty() == (key.access.type != KeyType::integer));
  CHECK(key.access.words.empty() == (key.access.type != KeyType::word));
  bool const whole = key.sentence.ends_with(".") || key.sentence.ends_with("…");
  CHECK(whole);
  CHECK(key.access.get != nullptr);
  CHECK(key.access.set != nullptr);
}

template <class Owner>
void check_set_and_get(Key<Owner> const& key, Owner owner) {
  INFO(key.path);
  KeyValue value;
  switch (key.access.type) {
    case KeyType::boolean:
      value = !std::get<bool>(*key.access.get(owner));
      break;
    case KeyType::integer:
      value = key.range->most;
      break;
    case KeyType::duration:
      value = Duration{key.range->most};
      break;
    case KeyType::word:
      value = std::string(key.access.words.back());
      break;
    case KeyType::list:
      value = std::vector<std::string>{"one", "two"};
      break;
    default:
      value = std::string("/some/text");
  }
  key.access.set(owner, value);
  CHECK(key.access.get(owner) == value);
}

Config with_all_sections() {
  Config config;
  for (auto const& section : config_sections())
    if (section.create != nullptr) section.create(config);
  return config;
}

std::string file_text(std::string const& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// With CF_UPDATE_DOCS=1 the test writes the file instead of comparing it: that is how the two files are made.
std::string documented(std::string const& name, std::string const& rendered) {
  auto const path = std::string(CF_SOURCE_DIR) + "/conf/" + name;
  if (std::getenv("CF_UPDATE_DOCS") != nullptr) std::ofstream(path, std::ios::binary) << rendered;
  return file_text(path);
}

}  // namespace

TEST_CASE("every key has a sentence, and a range exactly when it is measured", "[core][config_keys]") {
  for (auto const& key : config_keys()) check_form(key);
  for (auto const& key : account_keys()) check_form(key);
  for (auto const& key : dedicated_keys()) check_form(key);
}

TEST_CASE("every key reads back what was set", "[core][config_keys]") {
  for (auto const& key : config_keys()) check_set_and_get(key, with_all_sections());
  for (auto const& key : account_keys()) check_set_and_get(key, AccountConfig{});
  for (auto const& key : dedicated_keys()) check_set_and_get(key, DedicatedConfig{});
}

TEST_CASE("no two keys reach the same field", "[core][config_keys]") {
  for (auto const& key : config_keys()) {
    auto config = with_all_sections();
    auto const before = config;
    auto const value = key.access.get(config);
    REQUIRE(value);
    if (key.access.type != KeyType::text && key.access.type != KeyType::path) continue;
    key.access.set(config, std::string("/changed"));
    for (auto const& other : config_keys()) {
      INFO(key.path << " and " << other.path);
      CHECK((other.access.get(config) == other.access.get(before)) == (other.path != key.path));
    }
  }
}

TEST_CASE("every key stands once and in a section of the table", "[core][config_keys]") {
  std::set<std::string_view> paths;
  std::set<std::string_view> sections;
  for (auto const& section : config_sections()) CHECK(sections.insert(section.path).second);
  for (auto const& key : config_keys()) {
    INFO(key.path);
    CHECK(paths.insert(key.path).second);
    CHECK(sections.contains(key.path.substr(0, key.path.rfind('.'))));
  }
}

TEST_CASE("the default of every measured key is within its range", "[core][config_keys]") {
  auto const config = with_all_sections();
  for (auto const& key : config_keys()) {
    if (!key.range) continue;
    INFO(key.path);
    auto const value = *key.access.get(config);
    auto const* const number = std::get_if<std::int64_t>(&value);
    auto const measured = number != nullptr ? *number : std::get<Duration>(value).count();
    CHECK(measured >= key.range->least);
    CHECK(measured <= key.range->most);
  }
}

TEST_CASE("defaults are shown as they are written", "[core][config_keys]") {
  CHECK(default_text(key_called("quota.poll_interval")) == "30s");
  CHECK(default_text(key_called("janitor.keep_for")) == "14d");
  CHECK(default_text(key_called("sessions.command")) == "[claude]");
  CHECK(default_text(key_called("sessions.adopt")).empty());
  CHECK(default_text(key_called("sessions.columns")) == "120");
  CHECK(default_text(key_called("janitor.dry_run")) == "false");
  CHECK(default_text(key_called("log.level")) == "info");
  CHECK(default_text(key_called("http.listen")) == "127.0.0.1:8377");
  CHECK(default_text(key_called("notifications.telegram.api_base")) == "https://api.telegram.org");
  CHECK(default_text(key_called("switch.link")) == "`~/.claude`");
  CHECK(default_text(account_keys()[0]).empty());
  CHECK(range_text({100, 3'600'000}, KeyType::duration, "") == "100ms to 1h");
  CHECK(range_text({80, 500}, KeyType::integer, "columns") == "80 to 500 columns");
  CHECK(yaml_text(KeyValue{std::string("a \"b\"")}) == "\"a \\\"b\\\"\"");
  CHECK(yaml_text(KeyValue{std::string{}}) == "\"\"");
}

TEST_CASE("a key of an absent section has no value", "[core][config_keys]") {
  CHECK_FALSE(key_called("notifications.telegram.chat_id").access.get(Config{}).has_value());
  CHECK(key_called("notifications.telegram.chat_id").access.get(with_all_sections()).has_value());
}

TEST_CASE("a reload keeps what needs a restart and takes the rest", "[core][config_keys]") {
  Config running;
  running.http.listen = "127.0.0.1:1";
  running.state.dir = "/a";
  Config loaded;
  loaded.http.listen = "127.0.0.1:2";
  loaded.state.dir = "/a";
  loaded.tmux.socket = "/tmp/other";
  loaded.quota.settle = 1s;
  loaded.accounts = {{AccountName("a"), "/x", false}};

  CHECK(keys_needing_restart(running, loaded) == std::vector<std::string_view>{"tmux.socket", "http.listen"});

  auto expected = loaded;
  expected.http.listen = "127.0.0.1:1";
  expected.tmux.socket = "";
  CHECK(reloaded_config(running, loaded) == expected);
}

TEST_CASE("exactly these keys need a restart", "[core][config_keys]") {
  std::set<std::string_view> restart;
  for (auto const& key : config_keys())
    if (key.applied == KeyApplied::restart) restart.insert(key.path);
  CHECK(restart == std::set<std::string_view>{"tmux.socket", "tmux.control_mode", "switch.mode", "switch.link",
                                              "dispatcher.queue", "http.listen", "state.dir", "state.runtime"});
}

TEST_CASE("conf/configuration.md is what the table renders (CF_UPDATE_DOCS=1 writes it)", "[core][config_docs]") {
  auto const rendered = configuration_table_markdown();
  CHECK(documented("configuration.md", rendered) == rendered);
}

TEST_CASE("conf/claude-failover.yaml is what the table renders (CF_UPDATE_DOCS=1 writes it)", "[core][config_docs]") {
  auto const rendered = example_configuration_yaml();
  CHECK(documented("claude-failover.yaml", rendered) == rendered);
}
