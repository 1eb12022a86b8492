#include "adapters/exchange_names.hpp"

#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"

#include <filesystem>

namespace adapters = failover::adapters;
namespace core = failover::core;
namespace fs = std::filesystem;
using failover::test::file_bytes;
using failover::test::names_in;
using failover::test::put_file;
using failover::test::ScratchDirectory;

using Names = std::set<std::string>;

TEST_CASE("a directory and a link in another directory change places", "[adapters][exchange_names]") {
  ScratchDirectory const scratch;
  fs::create_directories(scratch / "real");
  fs::create_directories(scratch / "elsewhere");
  put_file(scratch / "real/file", "yes");
  fs::create_symlink("/nowhere", scratch / "elsewhere/link");
  REQUIRE(adapters::exchange_names(scratch / "real", scratch / "elsewhere/link"));
  CHECK(fs::read_symlink(scratch / "real") == "/nowhere");
  CHECK(file_bytes(scratch / "elsewhere/link/file") == "yes");
}

TEST_CASE("an exchange with nothing, or over two file systems, changes nothing", "[adapters][exchange_names]") {
  ScratchDirectory const scratch;
  put_file(scratch / "file", "yes");
  auto const absent = adapters::exchange_names(scratch / "file", scratch / "absent");
  REQUIRE_FALSE(absent);
  CHECK(absent.error().kind == core::ErrorKind::not_found);
  auto const foreign = adapters::exchange_names(scratch / "file", "/proc/self/comm");
  REQUIRE_FALSE(foreign);
  CHECK(foreign.error().kind == core::ErrorKind::unsupported);
  CHECK_THAT(foreign.error().detail, CF_CONTAINS("two file systems"));
  CHECK(names_in(scratch.str()) == Names{"file"});
}

TEST_CASE("a rename to a free name and a new link replace nothing", "[adapters][exchange_names]") {
  ScratchDirectory const scratch;
  put_file(scratch / "one", "1");
  put_file(scratch / "two", "2");
  for (auto const& outcome : {adapters::rename_to_free_name(scratch / "one", scratch / "two"),
                              adapters::make_symlink(scratch / "two", "/nowhere")}) {
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().kind == core::ErrorKind::already_exists);
  }
  CHECK(file_bytes(scratch / "two") == "2");
  REQUIRE(adapters::rename_to_free_name(scratch / "one", scratch / "three"));
  REQUIRE(adapters::make_symlink(scratch / "one", "/nowhere"));
  CHECK(file_bytes(scratch / "three") == "1");
  CHECK(fs::read_symlink(scratch / "one") == "/nowhere");
}

TEST_CASE("only a symlink is removed as one", "[adapters][exchange_names]") {
  ScratchDirectory const scratch;
  put_file(scratch / "file", "yes");
  auto const file = adapters::remove_symlink(scratch / "file");
  REQUIRE_FALSE(file);
  CHECK(file.error().kind == core::ErrorKind::already_exists);
  fs::create_symlink(scratch / "file", scratch / "link");
  CHECK(adapters::remove_symlink(scratch / "link"));
  CHECK(adapters::remove_symlink(scratch / "link"));
  CHECK(names_in(scratch.str()) == Names{"file"});
}

TEST_CASE("directories are made down to the last, for nobody else", "[adapters][exchange_names]") {
  ScratchDirectory const scratch;
  REQUIRE(adapters::make_directories(scratch / "a/b/c"));
  REQUIRE(adapters::make_directories(scratch / "a/b/c"));
  CHECK(fs::status(scratch / "a/b").permissions() == fs::perms::owner_all);
  put_file(scratch / "file", "yes");
  CHECK_FALSE(adapters::make_directories(scratch / "file"));
  CHECK_FALSE(adapters::make_directories(scratch / "file/below"));
}
