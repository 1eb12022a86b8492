#include "daemon/daemon.hpp"
#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"
#include "test/support/unprivileged.hpp"

#include <filesystem>

using namespace failover;
namespace fs = std::filesystem;

TEST_CASE("in a home that cannot be written the daemon ends with 77 and makes nothing", "[daemon][start]") {
  test::ScratchDirectory const home;
  fs::create_directory(home / "main");
  test::put_file(home / "main/.credentials.json", "{}");
  fs::create_directory_symlink(home / "main", home / "claude");
  test::put_file(home / "config.yaml",
                 "accounts: [{name: main, config_dir: " + home / "main" + "}]\nswitch: {link: " + home / "claude" +
                     "}\ntmux: {socket: " + home / "tmux.sock" + "}\nstate: {dir: " + home / "state" +
                     ", runtime: " + home / "run" + "}\nhttp: {listen: \"\"}\n");
  auto const readable = fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read;
  auto const enterable = fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;
  fs::permissions(home / "config.yaml", readable);
  for (auto const& directory : {home.str(), home / "main"}) fs::permissions(directory, readable | enterable);
  CHECK(test::holds_unprivileged([&] {
    bool const read = !test::file_bytes(home / "config.yaml").empty();
    return read && daemon::run_daemon({home / "config.yaml", false}) == daemon::ExitCode::permission;
  }));
  CHECK_FALSE(fs::exists(home / "state"));
  fs::permissions(home.str(), fs::perms::owner_all);
}
