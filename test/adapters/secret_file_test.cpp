#include "adapters/secret_file.hpp"

#include "test/support/catch.hpp"
#include "test/support/environment.hpp"
#include "test/support/scratch_directory.hpp"
#include "test/support/unprivileged.hpp"

#include <sstream>

#include <sys/stat.h>

using namespace failover;
using adapters::read_secret;
using adapters::Secret;
using core::ErrorKind;

namespace {

struct Place {
  test::ScratchDirectory directory = {};
  test::Environment no_credentials{"CREDENTIALS_DIRECTORY", std::nullopt};

  std::string file(std::string const& bytes, mode_t mode = 0600, std::string const& name = "token") const {
    auto const path = directory / name;
    test::put_file(path, bytes);
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    return path;
  }
};

ErrorKind kind_of(core::Result<Secret> const& result) {
  REQUIRE_FALSE(result);
  return result.error().kind;
}

}  // namespace

TEST_CASE("a secret is the one line of its file, without the line's end", "[adapters][secret_file]") {
  Place const place;
  auto const bytes = GENERATE(as<std::string>{}, "12:abc", "12:abc\n", "12:abc\r\n");
  CHECK(read_secret(place.file(bytes)) == Secret{"12:abc"});
  CHECK(read_secret(place.file(bytes, 0400)) == Secret{"12:abc"});
}

TEST_CASE("a file that group or others may touch is refused, with the cure", "[adapters][secret_file]") {
  Place const place;
  auto const mode = GENERATE(as<mode_t>{}, 0640, 0604, 0644, 0620, 0610);
  auto const path = place.file("12:abc\n", mode);
  auto const result = read_secret(path);
  CHECK(kind_of(result) == ErrorKind::permission);
  CHECK_THAT(result.error().detail, CF_CONTAINS("chmod 600 " + path));
  CHECK(result.error().detail.find("12:abc") == std::string::npos);
}

TEST_CASE("a bare name is a credential of systemd, accepted with the mode it has", "[adapters][secret_file]") {
  Place const place;
  place.file("from-systemd\n", 0440, "telegram-token");
  test::Environment const credentials{"CREDENTIALS_DIRECTORY", place.directory.str()};
  CHECK(read_secret("telegram-token") == Secret{"from-systemd"});
  CHECK(read_secret(place.directory / "telegram-token") == Secret{"from-systemd"});
  CHECK(kind_of(read_secret("other-token")) == ErrorKind::not_found);
}

TEST_CASE("a path that only begins like the credentials' directory is checked as any other",
          "[adapters][secret_file]") {
  Place const place;
  REQUIRE(::mkdir((place.directory / "credentials").c_str(), 0700) == 0);
  auto const outside = place.file("12:abc", 0644);
  test::Environment const credentials{"CREDENTIALS_DIRECTORY", place.directory / "credentials"};
  CHECK(kind_of(read_secret(outside)) == ErrorKind::permission);
  CHECK(kind_of(read_secret(place.directory / "credentials/../token")) == ErrorKind::permission);
  CHECK(kind_of(read_secret(place.file("12:abc", 0644, "credentials-of-mine"))) == ErrorKind::permission);
}

TEST_CASE("a bare name without systemd's directory is not found, and told how to write a path",
          "[adapters][secret_file]") {
  Place const place;
  auto const result = read_secret("telegram-token");
  CHECK(kind_of(result) == ErrorKind::not_found);
  CHECK_THAT(result.error().detail, CF_CONTAINS("full path"));
}

TEST_CASE("what is no token in a file is refused without being shown", "[adapters][secret_file]") {
  Place const place;
  CHECK(kind_of(read_secret(place.file(""))) == ErrorKind::invalid);
  CHECK(kind_of(read_secret(place.file("\n"))) == ErrorKind::invalid);
  CHECK(kind_of(read_secret(place.file("two\nlines\n"))) == ErrorKind::invalid);
  CHECK(kind_of(read_secret(place.file(std::string{"a\0b", 3}))) == ErrorKind::invalid);
  CHECK(kind_of(read_secret(place.directory.str())) == ErrorKind::invalid);
  CHECK(kind_of(read_secret("")) == ErrorKind::invalid);
  CHECK(kind_of(read_secret(place.directory / "missing")) == ErrorKind::not_found);
  CHECK(read_secret(place.file("two\nlines\n")).error().detail.find("two") == std::string::npos);
}

TEST_CASE("a secret of 4 KiB is read, a longer one is too large", "[adapters][secret_file]") {
  Place const place;
  std::string const longest(adapters::max_secret_bytes, 'x');
  CHECK(read_secret(place.file(longest)) == Secret{longest});
  CHECK(kind_of(read_secret(place.file(longest + "x"))) == ErrorKind::too_large);
}

TEST_CASE("a named pipe does not hold the reader", "[adapters][secret_file]") {
  Place const place;
  auto const path = place.directory / "pipe";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  CHECK(kind_of(read_secret(path)) == ErrorKind::invalid);
}

TEST_CASE("a file of another user is a permission error", "[adapters][secret_file]") {
  Place const place;
  auto const path = place.file("12:abc", 0000);
  REQUIRE(::chmod(place.directory.str().c_str(), 0755) == 0);
  CHECK(test::holds_unprivileged([&path] {
    auto const result = read_secret(path);
    return !result && result.error().kind == ErrorKind::permission;
  }));
}

TEST_CASE("a printed secret is three stars, and a text can be freed of it", "[adapters][secret_file]") {
  std::ostringstream out;
  out << Secret{"hunter2"};
  CHECK(out.str() == "***");
  CHECK(Secret{"hunter2"}.hidden_in("a hunter2 b hunter2") == "a *** b ***");
  CHECK(Secret{"*"}.hidden_in("a * b") == "a *** b");
  CHECK(Secret{}.hidden_in("a") == "a");
}
