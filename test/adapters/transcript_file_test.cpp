#include "adapters/transcript_file.hpp"

#include "adapters/transcript_row.hpp"
#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"
#include "test/support/transcript_lines.hpp"
#include "test/support/unprivileged.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

namespace core = failover::core;
namespace fs = std::filesystem;
using failover::adapters::max_row_bytes;
using failover::adapters::transcript_tail_bytes;
using failover::adapters::TranscriptFile;
using failover::test::attachment_line;
using failover::test::prompt_line;
using failover::test::put_file;
using failover::test::reply_line;
using failover::test::ScratchDirectory;

namespace {

void append(std::string const& path, std::string const& bytes) {
  std::ofstream file{path, std::ios::binary | std::ios::app};
  file << bytes;
}

struct Reading {
  std::vector<std::string> rows = {};  ///< their uuids
  std::size_t broken = 0;
  std::size_t bytes = 0;
};

/// All that a file has to tell now.
Reading read_all(TranscriptFile& file, core::WallTime fresh_since = {}) {
  Reading reading;
  bool more = true;
  for (int calls = 0; more; ++calls) {
    REQUIRE(calls < 1000);
    auto const gain = file.read_new(fresh_since);
    REQUIRE(gain);
    for (auto const& row : gain->rows) reading.rows.push_back(row.uuid);
    reading.broken += gain->broken;
    reading.bytes += gain->bytes;
    more = gain->more;
  }
  return reading;
}

std::vector<std::string> uuids(TranscriptFile& file) {
  return read_all(file).rows;
}

using Uuids = std::vector<std::string>;

core::ErrorKind failure(TranscriptFile& file) {
  auto const gain = file.read_new();
  REQUIRE_FALSE(gain);
  return gain.error().kind;
}

struct Fixture {
  ScratchDirectory scratch = {};
  std::string path = scratch / "c-1.jsonl";
  TranscriptFile file{path};
};

}  // namespace

TEST_CASE("a transcript tells what it has, then only what it gains", "[adapters][transcript_file]") {
  Fixture f;
  put_file(f.path, prompt_line("1") + attachment_line(100) + reply_line("2"));
  CHECK(uuids(f.file) == Uuids{"1", "2"});
  CHECK(uuids(f.file).empty());
  append(f.path, prompt_line("3"));
  CHECK(uuids(f.file) == Uuids{"3"});
  append(f.path, reply_line("4") + prompt_line("5"));
  CHECK(uuids(f.file) == Uuids{"4", "5"});
  CHECK(uuids(f.file).empty());
}

TEST_CASE("an unchanged transcript is not read", "[adapters][transcript_file]") {
  Fixture f;
  put_file(f.path, prompt_line("1"));
  CHECK(read_all(f.file).bytes > 0);
  CHECK(read_all(f.file).bytes == 0);
}

TEST_CASE("a row that comes byte by byte is told once, when its line ends", "[adapters][transcript_file]") {
  Fixture f;
  put_file(f.path, prompt_line("1"));
  CHECK(uuids(f.file) == Uuids{"1"});
  auto const row = reply_line("2");
  for (std::size_t i = 0; i < row.size(); ++i) {
    append(f.path, row.substr(i, 1));
    CHECK(uuids(f.file) == (i + 1 == row.size() ? Uuids{"2"} : Uuids{}));
  }
}

TEST_CASE("how the bytes arrive changes nothing in what is told", "[adapters][transcript_file]") {
  std::string whole;
  Uuids expected;
  for (int i = 100; i < 160; ++i) {
    auto const uuid = std::to_string(i);
    expected.push_back(uuid);
    whole += prompt_line(uuid, std::string(static_cast<std::size_t>(i * i % 700 + 1), 'x'));
    if (i % 7 == 0) whole += "broken\n\n";
    if (i % 11 == 0) whole += attachment_line(1000);
  }
  std::minstd_rand random{4711};
  for (int round = 0; round < 30; ++round) {
    Fixture f;
    put_file(f.path, "");
    Uuids rows;
    std::size_t broken = 0;
    for (std::size_t i = 0; i < whole.size();) {
      auto const length = random() % (round % 2 == 0 ? 50 : 3000) + 1;
      append(f.path, whole.substr(i, length));
      i += length;
      if (random() % 3 == 0) continue;
      auto const reading = read_all(f.file);
      rows.insert(rows.end(), reading.rows.begin(), reading.rows.end());
      broken += reading.broken;
    }
    auto const last = read_all(f.file);
    rows.insert(rows.end(), last.rows.begin(), last.rows.end());
    REQUIRE(rows == expected);
    REQUIRE(broken + last.broken == 8);
  }
}

TEST_CASE("a line that grows for long costs each byte twice, no more", "[adapters][transcript_file]") {
  Fixture f;
  put_file(f.path, "");
  std::size_t bytes = 0;
  auto const row = prompt_line("1", std::string(1'000'000, 'x'));
  for (std::size_t i = 0; i < row.size(); i += 10'000) {
    append(f.path, row.substr(i, 10'000));
    bytes += read_all(f.file).bytes;
  }
  CHECK(bytes <= 2 * row.size() + 20'000);
}

TEST_CASE("a transcript cut at any byte and written on is told anew and completely", "[adapters][transcript_file]") {
  ScratchDirectory scratch;
  auto const path = scratch / "c-1.jsonl";
  auto const first = prompt_line("1");
  auto const whole = first + reply_line("2");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    INFO(length);
    put_file(path, whole);
    TranscriptFile file{path};
    REQUIRE(uuids(file) == Uuids{"1", "2"});
    fs::resize_file(path, length);
    REQUIRE(uuids(file) == (length >= first.size() ? Uuids{"1"} : Uuids{}));
    append(path, whole.substr(length));
    REQUIRE(uuids(file) == (length >= first.size() ? Uuids{"2"} : Uuids{"1", "2"}));
  }
}

TEST_CASE("another file by the same name is told from its beginning", "[adapters][transcript_file]") {
  Fixture f;
  put_file(f.path, prompt_line("1"));
  CHECK(uuids(f.file) == Uuids{"1"});
  put_file(f.scratch / "new", prompt_line("2") + prompt_line("3") + prompt_line("4"));
  fs::rename(f.scratch / "new", f.path);
  CHECK(uuids(f.file) == Uuids{"2", "3", "4"});
}

TEST_CASE("each row says where it stands, in a file that counts as another when it is rewritten",
          "[adapters][transcript_file]") {
  Fixture f;
  put_file(f.path, prompt_line("1") + reply_line("2"));
  auto const first = f.file.read_new();
  append(f.path, prompt_line("3"));
  auto const second = f.file.read_new();
  REQUIRE(first);
  REQUIRE(second);
  REQUIRE(first->rows.size() == 2);
  REQUIRE(second->rows.size() == 1);
  CHECK(first->rows[0].place.offset == 0);
  CHECK(first->rows[1].place.offset == prompt_line("1").size());
  CHECK(second->rows[0].place.offset == prompt_line("1").size() + reply_line("2").size());
  CHECK(first->rows[0].place.file != 0);
  CHECK(second->rows[0].place.file == first->rows[0].place.file);
  put_file(f.path, reply_line("4"));
  auto const rewritten = f.file.read_new();
  REQUIRE(rewritten);
  REQUIRE(rewritten->rows.size() == 1);
  CHECK(rewritten->rows[0].place.file != first->rows[0].place.file);
}

TEST_CASE("a transcript rewritten in place to a longer one is told from its beginning", "[adapters][transcript_file]") {
  Fixture f;
  put_file(f.path, prompt_line("1"));
  CHECK(uuids(f.file) == Uuids{"1"});
  put_file(f.path, prompt_line("2", std::string(500, 'x')) + prompt_line("3"));
  CHECK(uuids(f.file) == Uuids{"2", "3"});
}

TEST_CASE("a transcript that goes away and comes back tells what it gained", "[adapters][transcript_file]") {
  Fixture f;
  CHECK(failure(f.file) == core::ErrorKind::not_found);
  put_file(f.path, prompt_line("1"));
  CHECK(uuids(f.file) == Uuids{"1"});
  fs::rename(f.path, f.scratch / "elsewhere");
  CHECK(failure(f.file) == core::ErrorKind::not_found);
  append(f.scratch / "elsewhere", prompt_line("2"));
  fs::rename(f.scratch / "elsewhere", f.path);
  CHECK(uuids(f.file) == Uuids{"2"});
}

TEST_CASE("broken rows are skipped and counted, the others are told", "[adapters][transcript_file]") {
  Fixture f;
  put_file(f.path, prompt_line("1") + "{\"type\":\"user\",\"mess\n" + prompt_line("2") + std::string(5000, '\0') +
                       "\n" + prompt_line("3") + "\xFF\xFE\n\n\r\n" + prompt_line("4", "\xC3(") + prompt_line("5"));
  auto const reading = read_all(f.file);
  CHECK(reading.rows == Uuids{"1", "2", "3", "5"});
  CHECK(reading.broken == 4);
}

TEST_CASE("lines may end in carriage return and line feed", "[adapters][transcript_file]") {
  Fixture f;
  auto row = prompt_line("1");
  row.insert(row.size() - 1, "\r");
  put_file(f.path, row + row);
  CHECK(read_all(f.file).rows.size() == 2);
}

TEST_CASE("a row beyond the bound is dropped up to its end", "[adapters][transcript_file]") {
  Fixture f;
  put_file(f.path, "");
  TranscriptFile file{f.path, 64U << 20U};
  auto const giant = prompt_line("2", std::string(2 * max_row_bytes + 12345, 'x'));
  SECTION("written at once") {
    put_file(f.path, prompt_line("1") + giant + prompt_line("3"));
    auto const reading = read_all(file);
    CHECK(reading.rows == Uuids{"1", "3"});
    CHECK(reading.broken == 1);
  }
  SECTION("written in parts") {
    put_file(f.path, prompt_line("1"));
    CHECK(uuids(file) == Uuids{"1"});
    std::size_t broken = 0;
    for (std::size_t i = 0; i < giant.size(); i += 1'000'000) {
      append(f.path, giant.substr(i, 1'000'000));
      auto const reading = read_all(file);
      CHECK(reading.rows.empty());
      broken += reading.broken;
    }
    CHECK(broken == 1);
    append(f.path, prompt_line("3"));
    CHECK(uuids(file) == Uuids{"3"});
  }
}

TEST_CASE("a row as long as the bound is told", "[adapters][transcript_file]") {
  Fixture f;
  auto const frame = prompt_line("2", "").size() - 1;
  for (auto const ahead : {std::size_t{1}, std::size_t{20'000}}) {
    put_file(f.path, attachment_line(ahead) + prompt_line("1", std::string(max_row_bytes - frame, 'x')) +
                         prompt_line("2", std::string(max_row_bytes - frame, 'x')) + prompt_line("3"));
    TranscriptFile file{f.path, 64U << 20U};
    auto const reading = read_all(file);
    CHECK(reading.rows == Uuids{"1", "2", "3"});
    CHECK(reading.broken == 0);
  }
}

TEST_CASE("a transcript of 100 MB costs its last 256 KiB", "[adapters][transcript_file]") {
  Fixture f;
  auto const filler = attachment_line((1U << 20U) - 200);
  {
    std::ofstream out{f.path, std::ios::binary};
    for (int i = 0; i < 100; ++i) out << filler;
    out << prompt_line("1") << attachment_line(transcript_tail_bytes / 2) << prompt_line("2") << reply_line("3");
  }
  auto const reading = read_all(f.file);
  CHECK(reading.rows == Uuids{"1", "2", "3"});
  CHECK(reading.bytes <= transcript_tail_bytes + 2);
  CHECK(reading.broken == 0);
  append(f.path, prompt_line("4"));
  CHECK(uuids(f.file) == Uuids{"4"});
}

TEST_CASE("reading begins with the first whole row of the end", "[adapters][transcript_file]") {
  Fixture f;
  auto const two = prompt_line("2");
  auto const three = prompt_line("3");
  put_file(f.path, prompt_line("1") + two + three);
  auto first_of = [&](std::size_t first_bytes) {
    TranscriptFile file{f.path, first_bytes};
    return uuids(file);
  };
  CHECK(first_of(three.size() - 1).empty());
  CHECK(first_of(three.size()) == Uuids{"3"});
  CHECK(first_of(three.size() + two.size() - 1) == Uuids{"3"});
  CHECK(first_of(three.size() + two.size()) == Uuids{"2", "3"});
}

TEST_CASE("of a transcript that nobody wrote to for long the end is remembered", "[adapters][transcript_file]") {
  Fixture f;
  put_file(f.path, prompt_line("1") + prompt_line("2").substr(0, 20));
  auto const after =
      core::WallTime{std::chrono::floor<core::Duration>(std::chrono::system_clock::now())} + std::chrono::hours{1};
  auto const reading = read_all(f.file, after);
  CHECK(reading.rows.empty());
  CHECK(reading.bytes == 0);
  append(f.path, prompt_line("2").substr(20) + prompt_line("3"));
  CHECK(read_all(f.file, after).rows == Uuids{"3"});  // the second began before our time
}

TEST_CASE("rows in a subagent's file are its own", "[adapters][transcript_file]") {
  ScratchDirectory scratch;
  fs::create_directories(scratch / "c-1/subagents");
  auto sidechain = [&](std::string const& name) {
    put_file(scratch / name, prompt_line("1"));
    TranscriptFile file{scratch / name};
    auto const gain = file.read_new();
    REQUIRE(gain);
    REQUIRE(gain->rows.size() == 1);
    return gain->rows.front().sidechain;
  };
  CHECK(sidechain("agent-7.jsonl"));
  CHECK(sidechain("c-1/subagents/x.jsonl"));
  CHECK_FALSE(sidechain("c-1.jsonl"));
}

TEST_CASE("what is no regular file is refused and never waited for", "[adapters][transcript_file]") {
  Fixture f;
  SECTION("pipe") {
    REQUIRE(::mkfifo(f.path.c_str(), 0600) == 0);
  }
  SECTION("directory") {
    fs::create_directory(f.path);
  }
  SECTION("link") {
    put_file(f.scratch / "target", prompt_line("1"));
    fs::create_symlink(f.scratch / "target", f.path);
  }
  SECTION("dangling link") {
    fs::create_symlink(f.scratch / "nothing", f.path);
  }
  CHECK(failure(f.file) == core::ErrorKind::refused);
}

TEST_CASE("a transcript in a directory that is a link is read", "[adapters][transcript_file]") {
  ScratchDirectory scratch;
  fs::create_directory(scratch / "real");
  fs::create_directory_symlink(scratch / "real", scratch / "link");
  put_file(scratch / "real/c-1.jsonl", prompt_line("1"));
  TranscriptFile file{scratch / "link/c-1.jsonl"};
  CHECK(uuids(file) == Uuids{"1"});
}

TEST_CASE("a transcript that may not be read is an error of permission and is read when it may",
          "[adapters][transcript_file]") {
  Fixture f;
  fs::permissions(f.scratch.str(), fs::perms::all);
  put_file(f.path, prompt_line("1"));
  fs::permissions(f.path, fs::perms::none);
  CHECK(failover::test::holds_unprivileged([&] {
    auto const gain = f.file.read_new();
    return !gain && gain.error().kind == core::ErrorKind::permission;
  }));
  fs::permissions(f.path, fs::perms::owner_read);
  CHECK(uuids(f.file) == Uuids{"1"});
}
