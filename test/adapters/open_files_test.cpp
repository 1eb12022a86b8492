#include "adapters/open_files.hpp"

#include "test/support/catch.hpp"
#include "test/support/file_holder.hpp"
#include "test/support/scratch_directory.hpp"

#include <filesystem>

namespace adapters = failover::adapters;
namespace core = failover::core;
namespace fs = std::filesystem;
using adapters::UsedAs;
using failover::test::FileHolder;
using failover::test::put_file;
using failover::test::ScratchDirectory;

TEST_CASE("a process that has a file below the directory open is told, also through a link", "[adapters][open_files]") {
  ScratchDirectory const scratch;
  fs::create_directories(scratch / "real/deep");
  put_file(scratch / "real/deep/file", "x");
  fs::create_symlink(scratch / "real", scratch / "link");
  FileHolder const holder{scratch / "link/deep/file"};
  auto const users = adapters::processes_using(scratch / "link", UsedAs::open_file);
  REQUIRE(users);
  REQUIRE(users->size() == 1);
  CHECK(users->front().pid == holder.pid());
  CHECK(users->front().path == fs::canonical(scratch / "real/deep/file"));
  CHECK_FALSE(users->front().program.empty());
  CHECK_THAT(adapters::to_text(*users), CF_CONTAINS("(pid " + std::to_string(holder.pid()) + ": "));
}

TEST_CASE("a process beside the directory does not use it", "[adapters][open_files]") {
  ScratchDirectory const scratch;
  fs::create_directories(scratch / "dir");
  fs::create_directories(scratch / "dir-more");
  put_file(scratch / "dir-more/file", "x");
  FileHolder const holder{scratch / "dir-more/file", scratch.str()};
  CHECK(adapters::processes_using(scratch / "dir", UsedAs::open_file_or_working_directory)->empty());
}

TEST_CASE("a working directory counts only where it is asked for", "[adapters][open_files]") {
  ScratchDirectory const scratch;
  FileHolder const holder{"", scratch.str()};
  CHECK(adapters::processes_using(scratch.str(), UsedAs::open_file)->empty());
  auto const users = adapters::processes_using(scratch.str(), UsedAs::open_file_or_working_directory);
  REQUIRE(users->size() == 1);
  CHECK(users->front().pid == holder.pid());
}

TEST_CASE("a directory that is not there is an error", "[adapters][open_files]") {
  ScratchDirectory const scratch;
  auto const users = adapters::processes_using(scratch / "absent", UsedAs::open_file);
  REQUIRE_FALSE(users);
  CHECK(users.error().kind == core::ErrorKind::not_found);
}
