#include "adapters/transcript_shelf.hpp"

#include "adapters/clock.hpp"
#include "test/support/catch.hpp"
#include "test/support/no_descriptors.hpp"
#include "test/support/scratch_directory.hpp"
#include "test/support/transcript_lines.hpp"
#include "test/support/unprivileged.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <sys/inotify.h>
#include <sys/stat.h>

namespace adapters = failover::adapters;
namespace core = failover::core;
namespace fs = std::filesystem;
using adapters::TranscriptShelf;
using failover::test::attachment_line;
using failover::test::prompt_line;
using failover::test::put_file;
using failover::test::ScratchDirectory;

namespace {

using Uuids = std::vector<std::string>;

constexpr char conversation[] = "295baf65-ea5f-4921-b992-cda402f51e34";

void append(std::string const& path, std::string const& bytes) {
  std::ofstream file{path, std::ios::binary | std::ios::app};
  file << bytes;
}

void make_old(std::string const& path) {
  fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours{24 * 8});
}

struct Told {
  Uuids rows = {};
  std::vector<core::TranscriptRow> whole = {};
  std::vector<std::string> troubles = {};
  int turns = 0;
};

/// All that the shelf has to tell now, rows in the order of their uuids.
Told told(TranscriptShelf& shelf) {
  Told all;
  bool more = true;
  while (more) {
    REQUIRE(all.turns < 1000);
    auto news = shelf.turn(adapters::read_clock().wall);
    ++all.turns;
    for (auto const& row : news.rows) all.rows.push_back(row.uuid);
    all.whole.insert(all.whole.end(), news.rows.begin(), news.rows.end());
    all.troubles.insert(all.troubles.end(), news.troubles.begin(), news.troubles.end());
    more = news.more;
  }
  std::sort(all.rows.begin(), all.rows.end());
  return all;
}

Uuids rows(TranscriptShelf& shelf) {
  auto const all = told(shelf);
  CHECK(all.troubles.empty());
  return all.rows;
}

Uuids rows_of_scan(TranscriptShelf& shelf) {
  shelf.scan_next();
  return rows(shelf);
}

struct Fixture {
  ScratchDirectory scratch = {};
  std::string project = scratch / "projects/-home-dev-project";
  TranscriptShelf shelf{};

  Fixture() { fs::create_directories(project); }
  std::string file(std::string const& name) const { return project + "/" + name; }
  void follow() { shelf.follow({project}); }
};

/// A shelf for which the system had no inotify instance left.
std::unique_ptr<TranscriptShelf> without_inotify() {
  failover::test::NoDescriptors const none;
  return std::make_unique<TranscriptShelf>();
}

std::string overflow() {
  inotify_event event{};
  event.wd = -1;
  event.mask = IN_Q_OVERFLOW;
  std::string bytes(sizeof event, '\0');
  std::memcpy(bytes.data(), &event, sizeof event);
  return bytes;
}

bool contains(std::string const& text, std::string const& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("every transcript of a directory tells how it stands, then what it gains", "[adapters][transcript_shelf]") {
  Fixture f;
  put_file(f.file("a.jsonl"), prompt_line("a1"));
  put_file(f.file("b.jsonl"), prompt_line("b1"));
  put_file(f.file("agent-7.jsonl"), prompt_line("s1"));
  put_file(f.file("notes.md"), prompt_line("no"));
  put_file(f.file(".a.jsonl"), prompt_line("no"));
  f.follow();
  CHECK(rows(f.shelf) == Uuids{"a1", "b1", "s1"});
  CHECK(rows(f.shelf).empty());
  append(f.file("b.jsonl"), prompt_line("b2") + prompt_line("b3"));
  append(f.file("agent-7.jsonl"), prompt_line("s2"));
  auto const all = told(f.shelf);
  CHECK(all.rows == Uuids{"b2", "b3", "s2"});
  for (auto const& row : all.whole) CHECK(row.sidechain == (row.uuid == "s2"));
}

TEST_CASE("a transcript that is made, moved in or rewritten is told by its hint", "[adapters][transcript_shelf]") {
  Fixture f;
  f.follow();
  CHECK(rows(f.shelf).empty());
  put_file(f.file("a.jsonl"), prompt_line("a1"));
  CHECK(rows(f.shelf) == Uuids{"a1"});
  put_file(f.scratch / "b", prompt_line("b1"));
  fs::rename(f.scratch / "b", f.file("b.jsonl"));
  CHECK(rows(f.shelf) == Uuids{"b1"});
  put_file(f.scratch / "c", prompt_line("c1"));
  fs::rename(f.scratch / "c", f.file("b.jsonl"));
  CHECK(rows(f.shelf) == Uuids{"c1"});
}

TEST_CASE("of what was there the end is told, of what is new the beginning, too", "[adapters][transcript_shelf]") {
  Fixture f;
  auto const filler = attachment_line(400U << 10U);
  put_file(f.file("old.jsonl"), prompt_line("a1") + filler + prompt_line("a2"));
  f.follow();
  CHECK(rows(f.shelf) == Uuids{"a2"});
  put_file(f.file("new.jsonl"), prompt_line("b1") + filler + prompt_line("b2"));
  CHECK(rows(f.shelf) == Uuids{"b1", "b2"});
}

TEST_CASE("a transcript of another week tells only what it gains", "[adapters][transcript_shelf]") {
  Fixture f;
  put_file(f.file("a.jsonl"), prompt_line("a1"));
  make_old(f.file("a.jsonl"));
  f.follow();
  CHECK(rows(f.shelf).empty());
  append(f.file("a.jsonl"), prompt_line("a2"));
  CHECK(rows(f.shelf) == Uuids{"a2"});
}

TEST_CASE("a deleted transcript is forgotten, its name may be given again", "[adapters][transcript_shelf]") {
  Fixture f;
  put_file(f.file("a.jsonl"), prompt_line("a1"));
  f.follow();
  CHECK(rows(f.shelf) == Uuids{"a1"});
  fs::remove(f.file("a.jsonl"));
  CHECK(rows_of_scan(f.shelf).empty());
  put_file(f.file("a.jsonl"), prompt_line("a2") + prompt_line("a3"));
  CHECK(rows(f.shelf) == Uuids{"a2", "a3"});
}

TEST_CASE("a directory that appears later is found without a scan", "[adapters][transcript_shelf]") {
  ScratchDirectory scratch;
  TranscriptShelf shelf;
  auto const project = scratch / "config/projects/-home-dev-project";
  shelf.follow({project, scratch / "config/projects/-other", scratch / "elsewhere/x"});
  CHECK(rows(shelf).empty());
  fs::create_directory(scratch / "unrelated");
  CHECK(told(shelf).turns == 1);
  fs::create_directory(scratch / "config");
  CHECK(rows(shelf).empty());
  fs::create_directory(scratch / "config/projects");
  CHECK(rows(shelf).empty());
  fs::create_directory(project);
  CHECK(rows(shelf).empty());
  put_file(project + "/a.jsonl", prompt_line("a1"));
  CHECK(rows(shelf) == Uuids{"a1"});
}

TEST_CASE("a directory made with its transcripts at once loses none", "[adapters][transcript_shelf]") {
  ScratchDirectory scratch;
  TranscriptShelf shelf;
  shelf.follow({scratch / "a/b/c"});
  CHECK(rows(shelf).empty());
  fs::create_directories(scratch / "a/b/c");
  put_file(scratch / "a/b/c/a.jsonl", prompt_line("a1"));
  CHECK(rows(shelf) == Uuids{"a1"});
}

TEST_CASE("directories made while the shelf looks lose nothing", "[adapters][transcript_shelf]") {
  for (int round = 0; round < 100; ++round) {
    INFO(round);
    ScratchDirectory scratch;
    auto const project = scratch / "a/b/c/d/e";
    TranscriptShelf shelf;
    shelf.follow({project});
    std::thread agent{[&] {
      fs::create_directories(project + "/" + conversation + "/subagents");
      put_file(project + "/" + conversation + "/subagents/agent-1.jsonl", prompt_line("s1"));
      put_file(project + "/a.jsonl", prompt_line("a1"));
    }};
    Uuids all;
    auto const limit = std::chrono::steady_clock::now() + std::chrono::seconds{5};
    while (all.size() < 2 && std::chrono::steady_clock::now() < limit) {
      auto const gained = rows(shelf);
      all.insert(all.end(), gained.begin(), gained.end());
    }
    agent.join();
    std::sort(all.begin(), all.end());
    REQUIRE(all == Uuids{"a1", "s1"});
  }
}

TEST_CASE("a directory that moves away and back tells what was written meanwhile", "[adapters][transcript_shelf]") {
  Fixture f;
  put_file(f.file("a.jsonl"), prompt_line("a1"));
  f.follow();
  CHECK(rows(f.shelf) == Uuids{"a1"});
  fs::rename(f.project, f.scratch / "away");
  CHECK(rows(f.shelf).empty());
  append(f.scratch / "away/a.jsonl", prompt_line("a2"));
  CHECK(rows(f.shelf).empty());
  fs::rename(f.scratch / "away", f.project);
  CHECK(rows(f.shelf) == Uuids{"a2"});
  append(f.file("a.jsonl"), prompt_line("a3"));
  CHECK(rows(f.shelf) == Uuids{"a3"});
}

TEST_CASE("an ancestor that moves away is noticed when somebody writes, and its return at once",
          "[adapters][transcript_shelf]") {
  Fixture f;
  put_file(f.file("a.jsonl"), prompt_line("a1"));
  f.follow();
  CHECK(rows(f.shelf) == Uuids{"a1"});
  fs::rename(f.scratch / "projects", f.scratch / "away");
  append(f.scratch / "away/-home-dev-project/a.jsonl", prompt_line("a2"));
  CHECK(rows(f.shelf).empty());
  fs::rename(f.scratch / "away", f.scratch / "projects");
  CHECK(rows(f.shelf) == Uuids{"a2"});
}

TEST_CASE("a directory that is removed and made again is followed again", "[adapters][transcript_shelf]") {
  Fixture f;
  put_file(f.file("a.jsonl"), prompt_line("a1"));
  f.follow();
  CHECK(rows(f.shelf) == Uuids{"a1"});
  fs::remove_all(f.project);
  CHECK(rows(f.shelf).empty());
  fs::create_directory(f.project);
  CHECK(rows(f.shelf).empty());
  put_file(f.file("b.jsonl"), prompt_line("b1"));
  CHECK(rows(f.shelf) == Uuids{"b1"});
}

TEST_CASE("a directory that two accounts share is read once", "[adapters][transcript_shelf]") {
  Fixture f;
  fs::create_directory(f.scratch / "other");
  fs::create_directory_symlink(f.scratch / "projects", f.scratch / "other/projects");
  put_file(f.file("a.jsonl"), prompt_line("a1"));
  f.shelf.follow({f.project, f.scratch / "other/projects/-home-dev-project", f.project + "/"});
  CHECK(rows(f.shelf) == Uuids{"a1"});
  append(f.file("a.jsonl"), prompt_line("a2"));
  CHECK(rows(f.shelf) == Uuids{"a2"});
  append(f.scratch / "other/projects/-home-dev-project/a.jsonl", prompt_line("a3"));
  CHECK(rows(f.shelf) == Uuids{"a3"});
}

TEST_CASE("a link that leads elsewhere is followed from the next scan on", "[adapters][transcript_shelf]") {
  ScratchDirectory scratch;
  for (auto const* name : {"one", "two"}) {
    fs::create_directories(scratch / (std::string{name} + "/p"));
    put_file(scratch / (std::string{name} + "/p/" + name + ".jsonl"), prompt_line(name));
  }
  fs::create_directory_symlink(scratch / "one", scratch / "live");
  TranscriptShelf shelf;
  shelf.follow({scratch / "live/p"});
  CHECK(rows(shelf) == Uuids{"one"});
  fs::remove(scratch / "live");
  fs::create_directory_symlink(scratch / "two", scratch / "live");
  CHECK(rows_of_scan(shelf) == Uuids{"two"});
  append(scratch / "two/p/two.jsonl", prompt_line("two-2"));
  CHECK(rows(shelf) == Uuids{"two-2"});
  append(scratch / "one/p/one.jsonl", prompt_line("one-2"));
  CHECK(rows(shelf).empty());
}

TEST_CASE("subagents that write below their conversation are followed", "[adapters][transcript_shelf]") {
  Fixture f;
  auto const subagents = f.file(std::string{conversation} + "/subagents");
  fs::create_directories(subagents);
  put_file(subagents + "/agent-1.jsonl", prompt_line("s1"));
  fs::create_directories(f.file("memory/subagents"));
  put_file(f.file("memory/subagents/agent-1.jsonl"), prompt_line("no"));
  f.follow();
  auto const first = told(f.shelf);
  CHECK(first.rows == Uuids{"s1"});
  CHECK(first.whole.front().sidechain);
  append(subagents + "/agent-1.jsonl", prompt_line("s2"));
  put_file(subagents + "/agent-2.jsonl", prompt_line("s3"));
  CHECK(rows(f.shelf) == Uuids{"s2", "s3"});
}

TEST_CASE("the directory of subagents may come in any steps", "[adapters][transcript_shelf]") {
  Fixture f;
  f.follow();
  CHECK(rows(f.shelf).empty());
  auto const home = f.file(conversation);
  bool const in_steps = GENERATE(true, false);
  fs::create_directory(home);
  if (in_steps) CHECK(rows(f.shelf).empty());
  fs::create_directory(home + "/subagents");
  if (in_steps) CHECK(rows(f.shelf).empty());
  put_file(home + "/subagents/agent-1.jsonl", prompt_line("s1"));
  CHECK(rows(f.shelf) == Uuids{"s1"});
  append(home + "/subagents/agent-1.jsonl", prompt_line("s2"));
  CHECK(rows(f.shelf) == Uuids{"s2"});
}

TEST_CASE("a scan finds what no hint told", "[adapters][transcript_shelf]") {
  Fixture f;
  put_file(f.file("a.jsonl"), prompt_line("a1"));
  auto const blind = without_inotify();
  CHECK(blind->descriptor() == -1);
  blind->follow({f.project});
  auto const first = told(*blind);
  CHECK(first.rows == Uuids{"a1"});
  REQUIRE(first.troubles.size() == 1);  // once, however many directories
  CHECK(contains(first.troubles.front(), "sysctl fs.inotify.max_user_instances"));
  append(f.file("a.jsonl"), prompt_line("a2"));
  put_file(f.file("b.jsonl"), prompt_line("b1"));
  CHECK(rows(*blind).empty());
  CHECK(rows_of_scan(*blind) == Uuids{"a2", "b1"});
}

TEST_CASE("a lost event leads to a scan", "[adapters][transcript_shelf]") {
  Fixture f;
  auto const blind = without_inotify();
  blind->follow({f.project});
  CHECK(told(*blind).rows.empty());
  put_file(f.file("a.jsonl"), prompt_line("a1"));
  CHECK(rows(*blind).empty());
  blind->take(overflow());
  CHECK(rows(*blind) == Uuids{"a1"});
}

TEST_CASE("a scan puts the watches on what the paths lead to by then", "[adapters][transcript_shelf]") {
  Fixture f;
  f.follow();
  CHECK(rows(f.shelf).empty());
  fs::rename(f.project, f.scratch / "away");
  fs::create_directory(f.project);
  CHECK(rows_of_scan(f.shelf).empty());
  put_file(f.scratch / "away/a.jsonl", prompt_line("no"));
  put_file(f.file("a.jsonl"), prompt_line("a1"));
  CHECK(rows(f.shelf) == Uuids{"a1"});
}

TEST_CASE("a limit of watches is told with its cure, the same for every directory", "[adapters][transcript_shelf]") {
  auto const failure = adapters::watch_failure(ENOSPC, "/a");
  CHECK(contains(failure.detail, "sysctl fs.inotify.max_user_watches"));
  CHECK(failure == adapters::watch_failure(ENOSPC, "/b"));
  CHECK(contains(adapters::watch_failure(EACCES, "/a").detail, "/a"));
}

TEST_CASE("events of unknown watches and cut events are no hints", "[adapters][transcript_shelf]") {
  Fixture f;
  f.follow();
  CHECK(rows(f.shelf).empty());
  auto event = overflow();
  event[0] = 99;
  event[1] = event[2] = event[3] = 0;
  std::uint32_t const mask = IN_IGNORED;
  std::memcpy(event.data() + 4, &mask, sizeof mask);
  f.shelf.take(event);
  for (std::size_t length = 0; length < event.size(); ++length) f.shelf.take(event.substr(0, length));
  CHECK(told(f.shelf).turns == 1);
}

TEST_CASE("what is no transcript by that name is told once and keeps nothing waiting", "[adapters][transcript_shelf]") {
  Fixture f;
  REQUIRE(::mkfifo(f.file("a.jsonl").c_str(), 0600) == 0);
  put_file(f.scratch / "target", prompt_line("no"));
  fs::create_symlink(f.scratch / "target", f.file("b.jsonl"));
  fs::create_directory(f.file("c.jsonl"));
  put_file(f.file("d.jsonl"), prompt_line("d1"));
  f.follow();
  auto const first = told(f.shelf);
  CHECK(first.rows == Uuids{"d1"});
  CHECK(first.troubles.size() == 3);
  CHECK(rows_of_scan(f.shelf).empty());
}

TEST_CASE("broken rows of a file are told once", "[adapters][transcript_shelf]") {
  Fixture f;
  put_file(f.file("a.jsonl"), "broken\n" + prompt_line("a1") + "broken\n");
  f.follow();
  auto const first = told(f.shelf);
  CHECK(first.rows == Uuids{"a1"});
  REQUIRE(first.troubles.size() == 1);
  CHECK(contains(first.troubles.front(), f.file("a.jsonl")));
  append(f.file("a.jsonl"), "broken\n" + prompt_line("a2"));
  CHECK(rows(f.shelf) == Uuids{"a2"});
}

TEST_CASE("what may not be read is told once, the rest is read", "[adapters][transcript_shelf]") {
  Fixture f;
  fs::permissions(f.scratch.str(), fs::perms::all);
  fs::create_directory(f.scratch / "closed");
  put_file(f.file("a.jsonl"), prompt_line("a1"));
  put_file(f.file("b.jsonl"), prompt_line("b1"));
  fs::permissions(f.file("a.jsonl"), fs::perms::none);
  fs::permissions(f.scratch / "closed", fs::perms::none);
  f.shelf.follow({f.scratch / "closed", f.project});
  CHECK(failover::test::holds_unprivileged([&] {
    auto first = f.shelf.turn(adapters::read_clock().wall);
    f.shelf.scan_next();
    auto const second = f.shelf.turn(adapters::read_clock().wall);
    return first.rows.size() == 1 && first.rows.front().uuid == "b1" && first.troubles.size() == 3 &&
           second.troubles.empty() && second.rows.empty() && !second.more;
  }));
}

TEST_CASE("following other directories ends what was followed", "[adapters][transcript_shelf]") {
  Fixture f;
  fs::create_directory(f.scratch / "other");
  put_file(f.file("a.jsonl"), prompt_line("a1"));
  put_file(f.scratch / "other/b.jsonl", prompt_line("b1"));
  f.follow();
  CHECK(rows(f.shelf) == Uuids{"a1"});
  f.shelf.follow({f.scratch / "other"});
  CHECK(rows(f.shelf) == Uuids{"b1"});
  append(f.file("a.jsonl"), prompt_line("a2"));
  CHECK(rows_of_scan(f.shelf).empty());
  f.shelf.follow({});
  CHECK(rows(f.shelf).empty());
  append(f.scratch / "other/b.jsonl", prompt_line("b2"));
  CHECK(rows_of_scan(f.shelf).empty());
}

TEST_CASE("beyond the bound of directories the first ones are followed", "[adapters][transcript_shelf]") {
  Fixture f;
  adapters::TranscriptBounds bounds;
  bounds.directories = 1;
  TranscriptShelf shelf{bounds};
  fs::create_directory(f.scratch / "other");
  put_file(f.file("a.jsonl"), prompt_line("a1"));
  put_file(f.scratch / "other/b.jsonl", prompt_line("b1"));
  shelf.follow({f.project, f.scratch / "other"});
  auto const all = told(shelf);
  CHECK(all.rows == Uuids{"a1"});
  CHECK(all.troubles.size() == 1);
}

TEST_CASE("beyond the bound of files the newest are followed", "[adapters][transcript_shelf]") {
  Fixture f;
  adapters::TranscriptBounds bounds;
  bounds.files = 3;
  TranscriptShelf shelf{bounds};
  for (auto const* name : {"1", "2", "3", "4", "5"}) {
    put_file(f.file(std::string{name} + ".jsonl"), prompt_line(name));
    fs::last_write_time(f.file(std::string{name} + ".jsonl"),
                        fs::file_time_type::clock::now() - std::chrono::hours{24 - (*name - '0')});
  }
  shelf.follow({f.project});
  auto const first = told(shelf);
  CHECK(first.rows == Uuids{"3", "4", "5"});
  CHECK(first.troubles.size() == 1);
  append(f.file("1.jsonl"), prompt_line("1-2"));
  auto const second = told(shelf);
  CHECK(second.rows == Uuids{"1", "1-2"});
  CHECK(second.troubles.empty());
  append(f.file("3.jsonl"), prompt_line("3-2"));
  CHECK(rows(shelf) == Uuids{"3", "3-2"});  // it had to make room and is told anew
}

TEST_CASE("much to read is read in turns", "[adapters][transcript_shelf]") {
  Fixture f;
  adapters::TranscriptBounds bounds;
  bounds.turn_bytes = 10'000;
  TranscriptShelf shelf{bounds};
  Uuids expected;
  for (int i = 10; i < 60; ++i) {
    put_file(f.file(std::to_string(i) + ".jsonl"), prompt_line(std::to_string(i), std::string(3000, 'x')));
    expected.push_back(std::to_string(i));
  }
  shelf.follow({f.project});
  auto const all = told(shelf);
  CHECK(all.rows == expected);
  CHECK(all.turns > 5);
}

TEST_CASE("an old conversation's subagents cost no watch", "[adapters][transcript_shelf]") {
  Fixture f;
  auto const home = f.file(conversation);
  fs::create_directories(home + "/subagents");
  put_file(home + "/subagents/agent-1.jsonl", prompt_line("s1"));
  make_old(home + "/subagents");
  f.follow();
  CHECK(rows(f.shelf).empty());
  put_file(home + "/subagents/agent-2.jsonl", prompt_line("s2"));
  CHECK(rows_of_scan(f.shelf) == Uuids{"s1", "s2"});
}
