#include "adapters/account_link.hpp"
#include "core/drift.hpp"
#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"
#include "test/support/unprivileged.hpp"

#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>

namespace adapters = failover::adapters;
namespace core = failover::core;
namespace fs = std::filesystem;
using core::DriftKind;
using failover::test::file_bytes;
using failover::test::put_file;
using failover::test::ScratchDirectory;

namespace {

/// Two accounts on disk as they should be, to be bent by a test.
struct Fleet {
  ScratchDirectory scratch = {};
  std::string root = fs::canonical(scratch.str()).string();
  std::string link = root + "/.claude";
  core::Config config = {};
  adapters::AccountsReader reader = {};

  Fleet() {
    config.switching.link = link;
    for (std::string const name : {"a", "b"}) {
      config.accounts.push_back({.name = core::AccountName{name}, .config_dir = root + "/" + name});
      fs::create_directory(root + "/" + name);
      put_file(root + "/" + name + "/.credentials.json", "secret of " + name);
      log_in(name, name + "-uuid");
    }
    fs::create_symlink(root + "/a", link);
  }
  void log_in(std::string const& account, std::string const& uuid) const {
    put_file(root + "/" + account + "/.claude.json", R"({"oauthAccount": {"accountUuid": ")" + uuid + R"("}})");
  }
  void relink(std::string const& target) const {
    fs::remove_all(link);
    fs::create_symlink(target, link);
  }
  [[nodiscard]] core::AccountsListing look() { return reader.read(config); }
  [[nodiscard]] std::vector<DriftKind> kinds(std::map<core::AccountName, std::string> const& logins = {}) {
    std::vector<DriftKind> found;
    for (auto const& drift : core::find_drift(config, look(), logins)) found.push_back(drift.kind);
    return found;
  }
};

std::vector<DriftKind> only(DriftKind kind) {
  return {kind};
}

}  // namespace

TEST_CASE("accounts as they should be show no drift", "[adapters][drift]") {
  Fleet fleet;
  CHECK(fleet.kinds().empty());
  fleet.relink("b/");
  CHECK(fleet.kinds().empty());
  auto const listing = fleet.look();
  CHECK(listing.link == core::LinkView{core::LinkPlace::symlink, false, true, fleet.root + "/b"});
  CHECK(listing.directories[0].identity == adapters::identity_digest("account\na-uuid"));
  CHECK(listing.directories[0].readable);
}

TEST_CASE("an account's directory that is a link itself is no drift", "[adapters][drift]") {
  Fleet fleet;
  fs::rename(fleet.root + "/a", fleet.root + "/elsewhere");
  fs::create_symlink("elsewhere", fleet.root + "/a");
  CHECK(fleet.look().link.over_link);
  CHECK(fleet.kinds().empty());
}

TEST_CASE("a directory, a file or nothing where the link was is seen and left", "[adapters][drift]") {
  Fleet fleet;
  fs::remove(fleet.link);
  CHECK(fleet.kinds() == only(DriftKind::link_missing));
  put_file(fleet.link, "mine");
  CHECK(fleet.kinds() == only(DriftKind::link_is_directory));
  CHECK(file_bytes(fleet.link) == "mine");
  fs::remove(fleet.link);
  fs::create_directory(fleet.link);
  fleet.config.switching.link += "/";
  CHECK(fleet.kinds() == only(DriftKind::link_is_directory));
}

TEST_CASE("a link that loops, dangles or leads elsewhere is seen", "[adapters][drift]") {
  Fleet fleet;
  fleet.relink(".claude");
  CHECK(fleet.kinds() == only(DriftKind::link_loop));
  fs::create_symlink(fleet.link, fleet.root + "/hop");
  fleet.relink("hop");
  CHECK(fleet.kinds() == only(DriftKind::link_loop));
  fleet.relink(fleet.root + "/nowhere");
  CHECK(fleet.kinds() == only(DriftKind::link_dangling));
  fleet.relink(fleet.root + "/a/.credentials.json");
  CHECK(fleet.kinds() == only(DriftKind::link_dangling));
  fleet.relink("/usr");
  CHECK(fleet.kinds() == only(DriftKind::link_foreign));
  fs::remove(fleet.root + "/hop");
  fs::create_symlink(fleet.root + "/b", fleet.root + "/hop");
  fleet.relink("hop");
  CHECK(fleet.kinds() == only(DriftKind::link_to_link));
}

TEST_CASE("an account without directory, login or a login of its own is seen", "[adapters][drift]") {
  Fleet fleet;
  auto const credentials = fleet.root + "/b/.credentials.json";
  fs::remove(credentials);
  CHECK(fleet.kinds() == only(DriftKind::not_logged_in));
  put_file(credentials, "");
  CHECK(fleet.kinds() == only(DriftKind::not_logged_in));
  CHECK(fleet.look().directories[1].credentials == core::Credentials::empty_file);
  fs::remove(credentials);
  fs::create_symlink("../a/.credentials.json", credentials);
  CHECK(fleet.kinds() == only(DriftKind::credentials_are_link));
  fs::remove_all(fleet.root + "/b");
  CHECK(fleet.kinds() == only(DriftKind::directory_missing));
  fs::create_symlink("b", fleet.root + "/b");
  CHECK(fleet.kinds() == only(DriftKind::directory_missing));
}

TEST_CASE("one directory or one login of two accounts is seen", "[adapters][drift]") {
  Fleet fleet;
  fleet.log_in("b", "a-uuid");
  CHECK(fleet.kinds() == only(DriftKind::same_login));
  CHECK(core::same_login(fleet.look(), core::AccountName{"a"}, core::AccountName{"b"}));
  fs::remove_all(fleet.root + "/b");
  fs::create_symlink("a", fleet.root + "/b");
  CHECK(fleet.kinds() == only(DriftKind::same_directory));
}

TEST_CASE("a login that was changed is seen, one that is being written is not", "[adapters][drift]") {
  Fleet fleet;
  std::map<core::AccountName, std::string> const logins{{core::AccountName{"b"}, fleet.look().directories[1].identity}};
  CHECK(fleet.kinds(logins).empty());
  put_file(fleet.root + "/b/.claude.json", R"({"oauthAccount": {"accountUuid": "anoth)");
  CHECK(fleet.kinds(logins).empty());
  fleet.log_in("b", "another");
  CHECK(fleet.kinds(logins) == only(DriftKind::login_changed));
}

TEST_CASE("a directory that may not be read is seen as that", "[adapters][drift]") {
  Fleet fleet;
  REQUIRE(::chmod(fleet.root.c_str(), 0755) == 0);
  REQUIRE(::chmod((fleet.root + "/b").c_str(), 0) == 0);
  bool const seen = failover::test::holds_unprivileged([&] {
    auto const drifts = core::find_drift(fleet.config, fleet.look(), {});
    return drifts.size() == 1 && drifts[0].kind == DriftKind::not_logged_in &&
           drifts[0].text.find("may not read") != std::string::npos;
  });
  REQUIRE(::chmod((fleet.root + "/b").c_str(), 0755) == 0);
  CHECK(seen);
}

TEST_CASE("credentials are not opened", "[adapters][drift]") {
  Fleet fleet;
  auto const credentials = fleet.root + "/a/.credentials.json";
  timespec const times[2] = {{1'000'000'000, 0}, {1'000'000'000, 0}};
  REQUIRE(::utimensat(AT_FDCWD, credentials.c_str(), times, 0) == 0);
  (void)fleet.look();
  struct stat info {};
  REQUIRE(::stat(credentials.c_str(), &info) == 0);
  CHECK(info.st_atim.tv_sec == 1'000'000'000);
  REQUIRE(::chmod(fleet.root.c_str(), 0755) == 0);
  REQUIRE(::chmod(credentials.c_str(), 0) == 0);
  CHECK(failover::test::holds_unprivileged([&] { return fleet.kinds().empty(); }));
}
