#include "adapters/account_link.hpp"

#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"

#include <filesystem>

#include <sys/stat.h>

namespace adapters = failover::adapters;
namespace core = failover::core;
namespace fs = std::filesystem;
using failover::test::put_file;
using failover::test::ScratchDirectory;

namespace {

core::Config config_in(ScratchDirectory const& scratch) {
  core::Config config;
  config.switching.link = scratch / ".claude";
  config.accounts = {{.name = core::AccountName{"a"}, .config_dir = scratch / "a"},
                     {.name = core::AccountName{"b"}, .config_dir = scratch / "b"}};
  return config;
}

}  // namespace

TEST_CASE("the accounts' directories are told as they are", "[adapters][account_link]") {
  ScratchDirectory const scratch;
  auto const real = fs::canonical(scratch.str()).string();
  fs::create_directory(scratch / "a");
  put_file(scratch / "a/.credentials.json", "not to be read");
  REQUIRE(::chmod((scratch / "a/.credentials.json").c_str(), 0) == 0);
  fs::create_directory(scratch / "real-b");
  fs::create_directory_symlink(scratch / "real-b", scratch / "b");
  fs::create_symlink(scratch / "a", scratch / ".claude");
  auto config = config_in(scratch);
  config.accounts.push_back({.name = core::AccountName{"gone"}, .config_dir = scratch / "gone"});

  auto listing = adapters::read_accounts(config);

  CHECK(listing.link_target == core::Result<std::string>{scratch / "a"});
  REQUIRE(listing.link_since.has_value());
  struct stat link {};
  REQUIRE(::lstat((scratch / ".claude").c_str(), &link) == 0);
  CHECK(std::chrono::floor<std::chrono::seconds>(*listing.link_since).time_since_epoch().count() ==
        link.st_mtim.tv_sec);
  std::vector<core::AccountDirectory> const expected{{.name = core::AccountName{"a"},
                                                      .present = true,
                                                      .logged_in = true,
                                                      .real_path = real + "/a",
                                                      .credentials = core::Credentials::file},
                                                     {.name = core::AccountName{"b"},
                                                      .present = true,
                                                      .logged_in = false,
                                                      .real_path = real + "/real-b",
                                                      .is_symlink = true},
                                                     {.name = core::AccountName{"gone"}}};
  CHECK(listing.directories[0].credentials_written >= *listing.link_since - std::chrono::minutes{1});
  listing.directories[0].credentials_written.reset();  // as the clock had it
  CHECK(listing.directories == expected);
}

TEST_CASE("credentials that are a directory are no login", "[adapters][account_link]") {
  ScratchDirectory const scratch;
  fs::create_directories(scratch / "a/.credentials.json");
  auto const listing = adapters::read_accounts(config_in(scratch));
  REQUIRE(listing.directories.size() == 2);
  CHECK(listing.directories[0].present);
  CHECK_FALSE(listing.directories[0].logged_in);
}

TEST_CASE("a link's target comes absolute and normal, whether it exists or not", "[adapters][account_link]") {
  ScratchDirectory const scratch;
  auto const config = config_in(scratch);
  fs::create_symlink("x/../b/", scratch / ".claude");
  CHECK(adapters::read_accounts(config).link_target == core::Result<std::string>{scratch / "b"});
  fs::remove(scratch / ".claude");
  fs::create_symlink("/nowhere//at/all", scratch / ".claude");
  CHECK(adapters::read_accounts(config).link_target == core::Result<std::string>{"/nowhere/at/all"});
  fs::remove(scratch / ".claude");
  fs::create_symlink(".claude", scratch / ".claude");  // a loop
  CHECK(adapters::read_accounts(config).link_target == core::Result<std::string>{scratch / ".claude"});
}

TEST_CASE("a link that is absent or no symlink is an error with a kind", "[adapters][account_link]") {
  ScratchDirectory const scratch;
  auto config = config_in(scratch);
  auto const absent = adapters::read_accounts(config).link_target;
  REQUIRE_FALSE(absent);
  CHECK(absent.error().kind == core::ErrorKind::not_found);
  fs::create_directory(scratch / ".claude");
  config.switching.link += "/";
  auto const directory = adapters::read_accounts(config).link_target;
  REQUIRE_FALSE(directory);
  CHECK(directory.error().kind == core::ErrorKind::already_exists);
  CHECK_THAT(directory.error().detail, CF_CONTAINS("adopt"));
}
