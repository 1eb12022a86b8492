#include "core/drift.hpp"

#include "test/support/catch.hpp"

#include <set>

using namespace failover::core;

namespace {

/// Two accounts as they should be, to be bent by a test.
struct Disk {
  Config config = [] {
    Config made;
    made.switching.link = "/home/u/.claude";
    made.accounts = {{AccountName{"a"}, "/home/u/a", false}, {AccountName{"b"}, "/home/u/b", false}};
    return made;
  }();
  AccountsListing listing = [] {
    AccountsListing made;
    made.link_target = std::string{"/home/u/a"};
    made.link = {LinkPlace::symlink, false, true, "/home/u/a"};
    made.directories = {directory("a", "aaaa"), directory("b", "bbbb")};
    return made;
  }();
  std::map<AccountName, std::string> logins = {};

  static AccountDirectory directory(std::string const& name, std::string const& identity) {
    return {AccountName{name}, true, true, "/home/u/" + name, identity, false, true, Credentials::file};
  }
  AccountDirectory& a() { return listing.directories[0]; }
  AccountDirectory& b() { return listing.directories[1]; }
  void leads_to(std::string const& target, std::string const& real_path) {
    listing.link_target = target;
    listing.link.real_path = real_path;
  }
  [[nodiscard]] std::vector<Drift> drifts() const { return find_drift(config, listing, logins); }
  /// The one drift that there is; its text says no path.
  [[nodiscard]] Drift drift() const {
    auto const found = drifts();
    REQUIRE(found.size() == 1);
    CHECK_THAT(found[0].text, !CF_CONTAINS("/"));
    CHECK_THAT(found[0].text, CF_CONTAINS(": "));
    return found[0];
  }
};

std::vector<AccountName> const only_b{AccountName{"b"}};
std::vector<AccountName> const both{AccountName{"a"}, AccountName{"b"}};

}  // namespace

TEST_CASE("a listing as it should be has no drift", "[core][drift]") {
  Disk disk;
  CHECK(disk.drifts().empty());
  disk.logins = {{AccountName{"a"}, "aaaa"}, {AccountName{"b"}, ""}};
  CHECK(disk.drifts().empty());
  disk.leads_to("/data/a", "/data/a");
  disk.a().real_path = "/data/a";
  disk.a().is_symlink = true;
  CHECK(disk.drifts().empty());
}

TEST_CASE("what was not looked at is no drift", "[core][drift]") {
  CHECK(find_drift(Disk{}.config, AccountsListing{}, {}).empty());
}

TEST_CASE("something else at the link's place is drift, and adopting is the cure", "[core][drift]") {
  Disk disk;
  disk.listing.link_target = Error{ErrorKind::already_exists, "x"};
  disk.listing.link = {.place = LinkPlace::directory};
  CHECK(disk.drift().kind == DriftKind::link_is_directory);
  CHECK_THAT(disk.drift().text, CF_CONTAINS("claude-failover adopt"));
  disk.listing.link.place = LinkPlace::other;
  CHECK(disk.drift().kind == DriftKind::link_is_directory);
  CHECK_THAT(disk.drift().text, CF_CONTAINS("a file stands"));
}

TEST_CASE("a link that is gone, loops or leads to nothing is drift", "[core][drift]") {
  Disk disk;
  disk.listing.link = {.place = LinkPlace::absent};
  CHECK(disk.drift().kind == DriftKind::link_missing);
  disk.listing.link = {.place = LinkPlace::loop};
  CHECK(disk.drift().kind == DriftKind::link_loop);
  disk.listing.link = {.place = LinkPlace::symlink};
  CHECK(disk.drift().kind == DriftKind::link_dangling);
}

TEST_CASE("a link to an account over another link is drift, one to elsewhere is foreign", "[core][drift]") {
  Disk disk;
  disk.listing.link.over_link = true;
  disk.leads_to("/home/u/hop", "/home/u/b");
  CHECK(disk.drift().kind == DriftKind::link_to_link);
  CHECK(disk.drift().accounts == only_b);
  disk.leads_to("/home/u/hop", "/usr");
  CHECK(disk.drift().kind == DriftKind::link_foreign);
  disk.leads_to("/usr", "/usr");
  CHECK(disk.drift().kind == DriftKind::link_foreign);
}

TEST_CASE("an account without directory or login is drift, unless it is disabled", "[core][drift]") {
  Disk disk;
  disk.b().logged_in = false;
  disk.b().credentials = Credentials::absent;
  CHECK(disk.drift().kind == DriftKind::not_logged_in);
  CHECK(disk.drift().accounts == only_b);
  disk.b().credentials = Credentials::empty_file;
  CHECK_THAT(disk.drift().text, CF_CONTAINS("empty"));
  disk.b().credentials = Credentials::symlink;
  CHECK_THAT(disk.drift().text, CF_CONTAINS("leads to none"));
  disk.b().readable = false;
  CHECK_THAT(disk.drift().text, CF_CONTAINS("may not read"));
  disk.config.accounts[1].disabled = true;
  CHECK(disk.drifts().empty());
  disk.b() = {AccountName{"b"}};
  CHECK(disk.drifts().empty());
  disk.config.accounts[1].disabled = false;
  CHECK(disk.drift().kind == DriftKind::directory_missing);
}

TEST_CASE("credentials that are a link are drift", "[core][drift]") {
  Disk disk;
  disk.b().credentials = Credentials::symlink;
  CHECK(disk.drift().kind == DriftKind::credentials_are_link);
  CHECK(disk.drift().accounts == only_b);
}

TEST_CASE("one directory or one login of two accounts is drift, once", "[core][drift]") {
  Disk disk;
  disk.b().identity = "aaaa";
  CHECK(disk.drift().kind == DriftKind::same_login);
  CHECK(disk.drift().accounts == both);
  CHECK_THAT(disk.drift().text, CF_CONTAINS("accounts a and b"));
  disk.b().real_path = disk.a().real_path;
  CHECK(disk.drift().kind == DriftKind::same_directory);
  CHECK(disk.drift().accounts == both);
}

TEST_CASE("three accounts of one login are one drift", "[core][drift]") {
  Disk disk;
  disk.config.accounts.push_back({AccountName{"c"}, "/home/u/c", true});
  disk.listing.directories.push_back(Disk::directory("c", "bbbb"));
  disk.a().identity = "bbbb";
  CHECK_THAT(disk.drift().text, CF_CONTAINS("accounts a, b and c"));
}

TEST_CASE("a login that is not there is no twin and has not changed", "[core][drift]") {
  Disk disk;
  disk.b().identity = "aaaa";
  disk.b().logged_in = false;
  disk.logins = {{AccountName{"b"}, "bbbb"}};
  CHECK(disk.drift().kind == DriftKind::not_logged_in);
}

TEST_CASE("another login than the one that was known is drift", "[core][drift]") {
  Disk disk;
  disk.logins = {{AccountName{"b"}, "cccc"}};
  CHECK(disk.drift().kind == DriftKind::login_changed);
  CHECK(disk.drift().accounts == only_b);
  disk.b().identity.clear();
  CHECK(disk.drifts().empty());
}

TEST_CASE("two accounts are one login by directory or by identity", "[core][drift]") {
  Disk disk;
  AccountName const a{"a"};
  AccountName const b{"b"};
  CHECK(same_login(disk.listing, a, a));
  CHECK_FALSE(same_login(disk.listing, a, b));
  CHECK_FALSE(same_login(disk.listing, a, AccountName{"gone"}));
  disk.b().identity = "aaaa";
  CHECK(same_login(disk.listing, a, b));
  disk.a().identity.clear();
  disk.b().identity.clear();
  CHECK_FALSE(same_login(disk.listing, a, b));
  disk.b().real_path = disk.a().real_path;
  CHECK(same_login(disk.listing, a, b));
  disk.a().real_path.clear();
  disk.b().real_path.clear();
  CHECK_FALSE(same_login(disk.listing, a, b));
}

TEST_CASE("each kind of drift has a word of its own", "[core][drift]") {
  std::set<std::string_view> words;
  for (auto const kind : drift_kinds) words.insert(to_string(kind));
  CHECK(words.size() == drift_kinds.size());
  CHECK_FALSE(words.contains(""));
}
