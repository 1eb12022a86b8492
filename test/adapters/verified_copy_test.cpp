#include "adapters/verified_copy.hpp"

#include "adapters/directory.hpp"
#include "adapters/file_tree.hpp"
#include "adapters/missing_lines.hpp"
#include "adapters/sha256.hpp"
#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"
#include "test/support/unprivileged.hpp"

#include <filesystem>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace adapters = failover::adapters;
namespace core = failover::core;
namespace fs = std::filesystem;
using adapters::Likeness;
using failover::test::file_bytes;
using failover::test::names_in;
using failover::test::put_file;
using failover::test::ScratchDirectory;

namespace {

using Names = std::set<std::string>;

/// Two directories, opened.
struct Pair {
  ScratchDirectory scratch = {};
  adapters::UniqueFd from = open("from");
  adapters::UniqueFd to = open("to");

  [[nodiscard]] adapters::UniqueFd open(std::string const& name) const {
    fs::create_directory(scratch / name);
    auto opened = adapters::open_directory(scratch / name);
    REQUIRE(opened);
    return std::move(*opened);
  }

  void put(std::string const& source, std::string const& target) const {
    put_file(scratch / "from/f.jsonl", source);
    put_file(scratch / "to/f.jsonl", target);
  }

  [[nodiscard]] std::string target() const { return file_bytes(scratch / "to/f.jsonl"); }
};

struct stat look(std::string const& path) {
  struct stat info {};
  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return info;
}

}  // namespace

TEST_CASE("SHA-256 of the standard's examples", "[adapters][sha256]") {
  adapters::Sha256 none;
  CHECK(none.result() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  adapters::Sha256 abc;
  abc.add("a");
  abc.add("bc");
  CHECK(abc.result() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("two files are compared byte for byte", "[adapters][verified_copy]") {
  Pair const pair;
  std::string const long_text(600'000, 'x');
  put_file(pair.scratch / "from/f.jsonl", "abc");
  CHECK(adapters::compare(pair.from, pair.to, "f.jsonl")->likeness == Likeness::missing);
  pair.put(long_text, long_text);
  CHECK(adapters::compare(pair.from, pair.to, "f.jsonl")->likeness == Likeness::same);
  pair.put(long_text + "y", long_text);
  CHECK(*adapters::compare(pair.from, pair.to, "f.jsonl") ==
        adapters::Comparison{Likeness::beginning, 600'001, 600'000, 600'000});
  pair.put("", "abc");
  CHECK(adapters::compare(pair.from, pair.to, "f.jsonl")->likeness == Likeness::longer);
  pair.put(long_text + "y1", long_text + "z");
  CHECK(*adapters::compare(pair.from, pair.to, "f.jsonl") ==
        adapters::Comparison{Likeness::different, 600'002, 600'001, 600'000});
  CHECK(adapters::compare(pair.from, pair.to, "absent").error().kind == core::ErrorKind::not_found);
  fs::create_directory(pair.scratch / "to/g");
  put_file(pair.scratch / "from/g", "");
  CHECK(adapters::compare(pair.from, pair.to, "g").error().kind == core::ErrorKind::refused);
}

TEST_CASE("a copy has bytes, mode and times of its source, and nothing else is left", "[adapters][verified_copy]") {
  Pair const pair;
  std::string const bytes(1'000'001, 'b');
  put_file(pair.scratch / "from/f.jsonl", bytes);
  REQUIRE(::chmod((pair.scratch / "from/f.jsonl").c_str(), 0640) == 0);
  std::array<timespec, 2> const times{timespec{1'600'000'000, 5}, timespec{1'700'000'000, 7}};
  REQUIRE(::utimensat(AT_FDCWD, (pair.scratch / "from/f.jsonl").c_str(), times.data(), 0) == 0);
  put_file(pair.scratch / "to/.failover-copying.tmp", "a crash left this");
  REQUIRE(adapters::copy_verified(pair.from, pair.to, "f.jsonl"));
  CHECK(pair.target() == bytes);
  auto const info = look(pair.scratch / "to/f.jsonl");
  CHECK((info.st_mode & 07777U) == 0640U);
  CHECK(info.st_mtim.tv_sec == 1'700'000'000);
  CHECK(info.st_mtim.tv_nsec == 7);
  CHECK(names_in(pair.scratch / "to") == Names{"f.jsonl"});
}

TEST_CASE("a copy never replaces a file", "[adapters][verified_copy]") {
  Pair const pair;
  pair.put("new", "old");
  auto const outcome = adapters::copy_verified(pair.from, pair.to, "f.jsonl");
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().kind == core::ErrorKind::already_exists);
  CHECK(pair.target() == "old");
  CHECK(names_in(pair.scratch / "to") == Names{"f.jsonl"});
}

TEST_CASE("a copy that the disk refuses leaves nothing", "[adapters][verified_copy]") {
  Pair const pair;
  put_file(pair.scratch / "from/f.jsonl", std::string(5000, 'x'));
  fs::permissions(pair.scratch / "to", fs::perms::all);
  CHECK(failover::test::holds_unprivileged([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit const limit{1000, 1000};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return false;
    auto const outcome = adapters::copy_verified(pair.from, pair.to, "f.jsonl");
    return !outcome && outcome.error().kind == core::ErrorKind::too_large;
  }));
  CHECK(names_in(pair.scratch / "to").empty());
}

TEST_CASE("a link on the way to a file is not followed", "[adapters][verified_copy]") {
  Pair const pair;
  fs::create_directory(pair.scratch / "secret");
  put_file(pair.scratch / "secret/file", "secret");
  fs::create_symlink(pair.scratch / "secret", pair.scratch / "from/dir");
  fs::create_symlink(pair.scratch / "secret/file", pair.scratch / "from/file");
  CHECK_FALSE(adapters::open_below(pair.from, "dir/file", O_RDONLY));
  CHECK_FALSE(adapters::copy_verified(pair.from, pair.to, "file"));
  CHECK(names_in(pair.scratch / "to").empty());
}

TEST_CASE("what a file lacks of a longer one is appended", "[adapters][verified_copy]") {
  Pair const pair;
  pair.put("one\ntwo\nthree\n", "one\n");
  REQUIRE(adapters::append_rest(pair.from, pair.to, "f.jsonl", 4));
  CHECK(pair.target() == "one\ntwo\nthree\n");
  CHECK(look(pair.scratch / "to/f.jsonl").st_mtim.tv_sec == look(pair.scratch / "from/f.jsonl").st_mtim.tv_sec);
}

TEST_CASE("lines that only the source has are appended once, after the target's own", "[adapters][missing_lines]") {
  Pair const pair;
  pair.put("base\nline source\n", "base\nline target\n");
  REQUIRE(adapters::append_missing_lines(pair.from, pair.to, "f.jsonl"));
  REQUIRE(adapters::append_missing_lines(pair.from, pair.to, "f.jsonl"));
  CHECK(pair.target() == "base\nline target\nline source\n");
}

TEST_CASE("a half line at either end swallows no other", "[adapters][missing_lines]") {
  Pair const pair;
  pair.put("base\nsource\nhalf", "base\ntarget\nsour");
  REQUIRE(adapters::append_missing_lines(pair.from, pair.to, "f.jsonl"));
  CHECK(pair.target() == "base\ntarget\nsour\nsource\nhalf\n");
  pair.put("a", "b");
  REQUIRE(adapters::append_missing_lines(pair.from, pair.to, "f.jsonl"));
  CHECK(pair.target() == "b\na\n");
}

TEST_CASE("a tree is told without following links or opening anything", "[adapters][file_tree]") {
  ScratchDirectory const scratch;
  fs::create_directories(scratch / "a/b");
  put_file(scratch / "a/b/file", "x");
  put_file(scratch / "a/.failover-copying.tmp", "x");
  put_file(scratch / "top", "x");
  fs::create_symlink("/", scratch / "link");
  REQUIRE(::mkfifo((scratch / "fifo").c_str(), 0600) == 0);
  auto const tree = adapters::read_tree(scratch.str());
  REQUIRE(tree);
  CHECK(*tree == adapters::FileTree{{"a", "a/b"}, {"a/b/file", "top"}, {"fifo is a FIFO", "link is a symlink"}});
  CHECK(adapters::read_tree(scratch / "absent").error().kind == core::ErrorKind::not_found);
}

TEST_CASE("what may not be read is an obstacle, and a tree too deep is refused", "[adapters][file_tree]") {
  ScratchDirectory const scratch;
  put_file(scratch / "secret", "x");
  REQUIRE(::chmod((scratch / "secret").c_str(), 0) == 0);
  fs::create_directory(scratch / "closed");
  REQUIRE(::chmod((scratch / "closed").c_str(), 0) == 0);
  fs::permissions(scratch.str(), fs::perms::all);
  CHECK(failover::test::holds_unprivileged([&] {
    auto const tree = adapters::read_tree(scratch.str());
    return tree && *tree == adapters::FileTree{{}, {}, {"closed may not be read", "secret may not be read"}};
  }));
  std::string deep = scratch / "deep";
  for (int level = 0; level < 40; ++level) deep += "/d";
  fs::create_directories(deep);
  CHECK(adapters::read_tree(scratch / "deep").error().kind == core::ErrorKind::too_large);
}
