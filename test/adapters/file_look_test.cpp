#include "adapters/file_look.hpp"

#include "test/support/catch.hpp"
#include "test/support/environment.hpp"
#include "test/support/scratch_directory.hpp"

#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

using namespace failover;
using core::FileUse;
namespace fs = std::filesystem;

TEST_CASE("a file's facts are its owner and its mode, those of a link its target's", "[adapters][examination]") {
  test::ScratchDirectory const root;
  test::put_file(root / "file", "");
  REQUIRE(::chmod((root / "file").c_str(), 0640) == 0);
  fs::create_symlink("file", root / "link");
  core::FileFacts const expected{FileUse::configuration, root / "link", true, false, ::geteuid(), 0640};
  CHECK(adapters::look_at_file(FileUse::configuration, root / "link") == expected);
  CHECK_FALSE(adapters::look_at_file(FileUse::state, root / "none").present);
}

TEST_CASE("looked at are the configuration, its pattern files, the state, the queue and its directories",
          "[adapters][examination]") {
  test::ScratchDirectory const root;
  fs::create_directories(root / "agents");
  fs::create_directories(root / "queue/pending");
  test::put_file(root / "queue/note", "");
  test::put_file(root / "agents/mine.yaml", "");
  test::put_file(root / "agents/mine.yaml.bak", "");
  core::Config config;
  config.state = {root / "state", root / "run"};
  config.dispatcher.queue = root / "queue";
  std::vector<std::string> paths;
  for (auto const& file : adapters::look_at_files(config, root / "config.yaml")) paths.push_back(file.path);
  CHECK(paths == std::vector<std::string>{root / "config.yaml", root / "agents/mine.yaml", root / "state", root / "run",
                                          root / "queue", root / "queue/pending"});
}

TEST_CASE("a token's file is read as the daemon reads it, and what it holds is not told", "[adapters][examination]") {
  test::ScratchDirectory const root;
  test::put_file(root / "token", "canary-value\n");
  core::Config config;
  config.notifications.telegram = core::TelegramConfig{"1", root / "token"};
  config.http.token_file = root / "none";
  REQUIRE(::chmod((root / "token").c_str(), 0600) == 0);
  auto tokens = adapters::look_at_tokens(config);
  REQUIRE(tokens.size() == 2);
  CHECK(tokens[0].readable);
  CHECK(tokens[1].readable.error().kind == core::ErrorKind::not_found);
  REQUIRE(::chmod((root / "token").c_str(), 0644) == 0);
  tokens = adapters::look_at_tokens(config);
  REQUIRE_FALSE(tokens[0].readable);
  CHECK_THAT(tokens[0].readable.error().detail, CF_CONTAINS("chmod 600") && !CF_CONTAINS("canary"));
  test::Environment const none{"CREDENTIALS_DIRECTORY", std::nullopt};
  config.http.token_file = "http-token";
  CHECK(adapters::look_at_tokens(config)[1].credential);
}
