#include "adapters/settings_look.hpp"

#include "adapters/hook_settings.hpp"
#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"

#include <filesystem>

using namespace failover;
namespace fs = std::filesystem;

namespace {

struct Account {
  test::ScratchDirectory root = {};
  core::AccountConfig config = {core::AccountName{"main"}, root.str()};

  [[nodiscard]] core::SettingsFacts look() const {
    return adapters::look_at_settings(config, {"ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"});
  }
  [[nodiscard]] core::SettingsFacts look_at(std::string const& settings) const {
    test::put_file(root / "settings.json", settings);
    return look();
  }
};

std::string with_hooks(std::string const& settings, std::string const& program) {
  return adapters::add_hooks(settings, {program, "/run/control.sock", "/state/spool"}).value();
}

}  // namespace

TEST_CASE("an account without settings has none of our hooks", "[adapters][examination]") {
  Account const account;
  auto const facts = account.look();
  CHECK_FALSE(facts.fault);
  CHECK(facts.hooks == 0);
  CHECK(facts.all_hooks == adapters::hook_events.size());
  CHECK_FALSE(facts.status_line);
  CHECK_FALSE(fs::exists(account.root / "settings.json"));
}

TEST_CASE("our hooks are found with the program that they call", "[adapters][examination]") {
  Account const account;
  auto const program = account.root / "claude-failover";
  auto const settings = with_hooks("{\"model\": \"opus\"}", program);
  auto const facts = account.look_at(settings);
  CHECK(facts.hooks == facts.all_hooks);
  CHECK(facts.status_line);
  CHECK(facts.program == program);
  CHECK_FALSE(facts.program_there);
  test::put_file(program, "");
  fs::permissions(program, fs::perms::owner_all);
  CHECK(account.look().program_there);
  CHECK(test::file_bytes(account.root / "settings.json") == settings);
}

TEST_CASE("disableAllHooks counts only where it is true", "[adapters][examination]") {
  Account const account;
  CHECK(account.look_at("{\"disableAllHooks\": true}").hooks_disabled);
  CHECK_FALSE(account.look_at("{\"disableAllHooks\": false}").hooks_disabled);
  CHECK_FALSE(account.look_at("{\"disableAllHooks\": \"true\"}").hooks_disabled);
  CHECK_FALSE(account.look_at("{\"x\": {\"disableAllHooks\": true}}").hooks_disabled);
}

TEST_CASE("of keys in settings the names are told, and nothing of their values", "[adapters][examination]") {
  Account const account;
  auto const facts = account.look_at(
      "{\"apiKeyHelper\": \"/bin/canary\", \"env\": {\"ANTHROPIC_API_KEY\": \"canary\", \"ANTHROPIC_AUTH_TOKEN\": "
      "\"\", "
      "\"OTHER\": \"canary\"}}");
  CHECK(facts.key_helper);
  CHECK(facts.variables == std::vector<std::string>{"ANTHROPIC_API_KEY"});
  CHECK_FALSE(account.look_at("{\"apiKeyHelper\": \"\", \"env\": []}").key_helper);
}

TEST_CASE("settings that cannot be read have a reason", "[adapters][examination]") {
  Account const account;
  CHECK(account.look_at("{").fault->kind == core::ErrorKind::invalid);
  CHECK(account.look_at("[]").fault->kind == core::ErrorKind::invalid);
  core::AccountConfig const gone{core::AccountName{"gone"}, account.root / "gone"};
  CHECK(adapters::look_at_settings(gone, {}).fault->kind == core::ErrorKind::not_found);
}
