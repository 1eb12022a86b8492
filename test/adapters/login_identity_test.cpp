#include "adapters/login_identity.hpp"

#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"

#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>

namespace adapters = failover::adapters;
namespace core = failover::core;
namespace fs = std::filesystem;
using failover::test::put_file;
using failover::test::ScratchDirectory;

namespace {

std::string login(std::string const& account) {
  return R"({"numStartups": 3, "projects": {"/w": {"accountUuid": "no", "oauthAccount": {"accountUuid": "no"}}}, )"
         R"("oauthAccount": {"accountUuid": ")" +
         account +
         R"(", "emailAddress": "someone@example.org", "more": {"accountUuid": "no"}, "n": [1, 2.5, null]}, )" +
         R"("last": "é"})";
}

struct Agent {
  ScratchDirectory scratch = {};
  std::string file = scratch / ".claude.json";

  [[nodiscard]] core::Result<std::string> read(std::string const& bytes) const {
    put_file(file, bytes);
    return adapters::read_identity(file);
  }
  /// Makes the file look as if it had not been touched for long.
  void age() const {
    timespec const times[2] = {{1'000'000'000, 0}, {1'000'000'000, 7}};
    REQUIRE(::utimensat(AT_FDCWD, file.c_str(), times, 0) == 0);
  }
};

}  // namespace

TEST_CASE("one login has one digest, which shows nothing of it", "[adapters][login_identity]") {
  CHECK(adapters::identity_digest("") == "cbf29ce484222325");
  CHECK(adapters::identity_digest("a") == "af63dc4c8601ec8c");
  Agent const agent;
  auto const one = agent.read(login("6a6e-1"));
  auto const other = agent.read(login("6a6e-2"));
  REQUIRE(one);
  REQUIRE(other);
  CHECK(one->size() == 16);
  CHECK(one->find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(*one != *other);
  CHECK(*one == adapters::identity_digest("account\n6a6e-1"));
}

TEST_CASE("an address and an organisation name a login where no account does", "[adapters][login_identity]") {
  Agent const agent;
  auto const with = [&](std::string const& fields) {
    auto const read = agent.read("{\"oauthAccount\": {" + fields + "}}");
    REQUIRE(read);
    return *read;
  };
  auto const full = with(R"("emailAddress": "x@y", "organizationUuid": "o1")");
  CHECK(full == with(R"("organizationUuid": "o1", "accountUuid": null, "emailAddress": "x@y")"));
  CHECK(full != with(R"("emailAddress": "x@y", "organizationUuid": "o2")"));
  CHECK(full != with(R"("emailAddress": "x@y")"));
  CHECK(with(R"("organizationUuid": "o1")").empty());
  CHECK(with(R"("accountUuid": 7, "emailAddress": ["x@y"])").empty());
}

TEST_CASE("a whole file that names nobody has no identity", "[adapters][login_identity]") {
  Agent const agent;
  for (auto const* text : {"{}", "[]", "null", "7", "\"oauthAccount\"", R"({"oauthAccount": "accountUuid"})",
                           R"({"oauthAccount": [{"accountUuid": "x"}]})", R"({"oauthAccount": [], "accountUuid": "x"})",
                           R"([{"oauthAccount": {"accountUuid": "x"}}])"}) {
    INFO(text);
    CHECK(agent.read(text) == core::Result<std::string>{std::string{}});
  }
}

TEST_CASE("a file cut at any byte is no answer and never the wrong one", "[adapters][login_identity]") {
  Agent const agent;
  auto const whole = login("6a6e-1");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO(size);
    CHECK_FALSE(agent.read(whole.substr(0, size)));
  }
}

TEST_CASE("what is no JSON in UTF-8 is no answer", "[adapters][login_identity]") {
  Agent const agent;
  auto const whole = login("6a6e-1");
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto broken = whole;
    broken[at] = '\xff';
    INFO(at);
    CHECK_FALSE(agent.read(broken));
    broken[at] = '\0';
    CHECK_FALSE(agent.read(broken));
  }
  CHECK_FALSE(agent.read(whole + "}"));
  CHECK_FALSE(agent.read(whole + whole));
  CHECK_FALSE(agent.read(std::string(100'000, '[')));
}

TEST_CASE("a file's size is bounded, a big one is read in full", "[adapters][login_identity]") {
  Agent const agent;
  std::string const filler(adapters::max_identity_file_bytes - 1000, 'x');
  auto const big = R"({"history": ")" + filler + R"(", )" + login("6a6e-1").substr(1);
  CHECK(agent.read(big) == core::Result<std::string>{adapters::identity_digest("account\n6a6e-1")});
  CHECK(agent.read(big + std::string(2000, ' ')).error().kind == core::ErrorKind::invalid);
}

TEST_CASE("what is no file is no answer and does not block", "[adapters][login_identity]") {
  Agent const agent;
  CHECK(adapters::read_identity(agent.file).error().kind == core::ErrorKind::not_found);
  REQUIRE(::mkfifo(agent.file.c_str(), 0600) == 0);
  CHECK_FALSE(adapters::read_identity(agent.file));
  CHECK(adapters::LoginIdentities{}.look(agent.scratch.str()).empty());
  fs::remove(agent.file);
  fs::create_directory(agent.file);
  CHECK_FALSE(adapters::read_identity(agent.file));
}

TEST_CASE("a half-written or missing file leaves what was known", "[adapters][login_identity]") {
  Agent const agent;
  adapters::LoginIdentities identities;
  auto const look = [&] { return identities.look(agent.scratch.str()); };
  CHECK(look().empty());
  put_file(agent.file, login("1"));
  auto const known = look();
  CHECK(known == adapters::identity_digest("account\n1"));
  put_file(agent.file, login("2").substr(0, 40));
  CHECK(look() == known);
  fs::remove(agent.file);
  CHECK(look() == known);
  put_file(agent.file, login("2"));
  CHECK(look() == adapters::identity_digest("account\n2"));
  put_file(agent.file, "{}");  // logged out
  CHECK(look().empty());
}

TEST_CASE("a file is read again only when it has changed", "[adapters][login_identity]") {
  Agent const agent;
  adapters::LoginIdentities identities;
  auto const look = [&] { return identities.look(agent.scratch.str()); };
  put_file(agent.file, login("1"));
  agent.age();
  auto const first = look();
  put_file(agent.file, login("2"));  // the same size, in the same inode
  agent.age();
  CHECK(look() == first);
  put_file(agent.file, login("3 is longer"));
  agent.age();
  CHECK(look() == adapters::identity_digest("account\n3 is longer"));
}
