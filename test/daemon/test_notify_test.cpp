#include "daemon/cli/test_notify.hpp"

#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"

using namespace failover;

namespace {

core::NotificationsConfig shell(std::string const& script) {
  core::NotificationsConfig config;
  config.command.emplace();
  config.command->argv = {"/bin/sh", "-c", script};
  return config;
}

}  // namespace

TEST_CASE("a test message goes to the configured channel and success exits 0", "[daemon][test_notify]") {
  test::ScratchDirectory const directory;
  auto const path = directory / "got";
  auto const channel = GENERATE(as<std::string>{}, "", "command");
  CHECK(daemon::run_test_notify(shell("cat > '" + path + "'"), channel) == 0);
  CHECK_THAT(test::file_bytes(path), CF_CONTAINS("claude-failover: test message"));
}

TEST_CASE("a channel that fails its test exits 1", "[daemon][test_notify]") {
  CHECK(daemon::run_test_notify(shell("exit 3"), "") == 1);
}

TEST_CASE("a failing channel does not keep the others from their test", "[daemon][test_notify]") {
  test::ScratchDirectory const directory;
  auto config = shell("cat > '" + (directory / "got") + "'");
  config.telegram.emplace();
  config.telegram->token_file = directory / "missing";
  CHECK(daemon::run_test_notify(config, "") == 1);
  CHECK_THAT(test::file_bytes(directory / "got"), CF_CONTAINS("test message"));
}

TEST_CASE("a channel that is not configured exits 1, a word that is no channel 64", "[daemon][test_notify]") {
  CHECK(daemon::run_test_notify(shell("exit 0"), "telegram") == 1);
  CHECK(daemon::run_test_notify({}, "") == 1);
  CHECK(daemon::run_test_notify(shell("exit 0"), "pigeon") == 64);
}
