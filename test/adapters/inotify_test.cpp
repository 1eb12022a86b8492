#include "adapters/inotify.hpp"

#include "adapters/task_group.hpp"
#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"

#include <chrono>
#include <cstring>
#include <filesystem>

#include <boost/asio/io_context.hpp>

#include <sys/inotify.h>

namespace adapters = failover::adapters;
namespace asio = boost::asio;
namespace core = failover::core;
namespace fs = std::filesystem;
using failover::test::put_file;
using failover::test::ScratchDirectory;
using namespace std::chrono_literals;

namespace {

struct Fixture {
  ScratchDirectory scratch = {};
  asio::io_context io{1};
  int hints = 0;
  std::vector<std::string> failures = {};
  adapters::DirectoryWatch watch{io.get_executor(), [this] { ++hints; }};
  adapters::TaskGroup group{io.get_executor(),
                            [this](auto const& name, auto const& what) { failures.push_back(name + ": " + what); }};

  Fixture() {
    fs::create_directory(pending());
    fs::create_directory(scratch / "tmp");
    group.spawn("watch", watch.run());
  }
  ~Fixture() {
    group.cancel_all();
    io.run_for(5s);
  }

  std::string pending() const { return scratch / "pending"; }

  /// Lets the loop run until the condition holds, at most five seconds.
  template <class Condition>
  bool until(Condition const& condition) {
    auto const limit = std::chrono::steady_clock::now() + 5s;
    while (!condition() && std::chrono::steady_clock::now() < limit) io.run_one_for(100ms);
    return condition();
  }
  bool hinted() {
    bool const came = until([this] { return hints > 0; });
    io.poll();
    hints = 0;
    return came;
  }
  /// Whether nothing is told of what happened so far: a visible change after it is the first hint.
  bool silent() {
    io.poll();
    return hints == 0;
  }
};

std::string event_bytes(int descriptor, std::uint32_t mask, std::string const& name = "") {
  inotify_event event{};
  event.wd = descriptor;
  event.mask = mask;
  event.len = name.empty() ? 0 : 16;
  std::string bytes(sizeof event, '\0');
  std::memcpy(bytes.data(), &event, sizeof event);
  if (!name.empty()) bytes += name + std::string(16 - name.size(), '\0');
  return bytes;
}

}  // namespace

TEST_CASE("a file that is moved in or closed after writing gives a hint", "[adapters][inotify]") {
  Fixture f;
  REQUIRE(f.watch.watch(f.pending()));
  put_file(f.scratch / "tmp/a.md", "a");
  CHECK(f.silent());
  fs::rename(f.scratch / "tmp/a.md", f.scratch / "pending/a.md");
  CHECK(f.hinted());
  put_file(f.scratch / "pending/b.md", "b");
  CHECK(f.hinted());
}

TEST_CASE("hidden files and removals give no hint", "[adapters][inotify]") {
  Fixture f;
  put_file(f.scratch / "pending/a.md", "a");
  REQUIRE(f.watch.watch(f.pending()));
  put_file(f.scratch / "pending/.hidden", "");
  fs::remove(f.scratch / "pending/a.md");
  CHECK(f.silent());
}

TEST_CASE("many changes at once give one hint", "[adapters][inotify]") {
  Fixture f;
  REQUIRE(f.watch.watch(f.pending()));
  for (int number = 0; number < 2000; ++number) put_file(f.scratch / ("pending/" + std::to_string(number)), "");
  REQUIRE(f.until([&] { return f.hints > 0; }));
  f.io.poll();
  CHECK(f.hints == 1);
}

TEST_CASE("a directory that was removed and made again is found by rewatch", "[adapters][inotify]") {
  Fixture f;
  REQUIRE(f.watch.watch(f.pending()));
  CHECK_FALSE(f.watch.lost());
  fs::remove(f.pending());
  CHECK(f.hinted());
  CHECK(f.watch.lost());
  auto const absent = f.watch.rewatch();
  REQUIRE_FALSE(absent);
  CHECK(absent.error().kind == core::ErrorKind::not_found);
  CHECK(f.watch.lost());
  fs::create_directory(f.pending());
  REQUIRE(f.watch.rewatch());
  CHECK_FALSE(f.watch.lost());
  put_file(f.scratch / "pending/a.md", "a");
  CHECK(f.hinted());
}

TEST_CASE("a directory that was moved away is not followed", "[adapters][inotify]") {
  Fixture f;
  REQUIRE(f.watch.watch(f.pending()));
  fs::rename(f.pending(), f.scratch / "elsewhere");
  CHECK(f.hinted());
  CHECK(f.watch.lost());
  put_file(f.scratch / "elsewhere/a.md", "a");
  CHECK(f.silent());
  fs::create_directory(f.pending());
  REQUIRE(f.watch.rewatch());
  put_file(f.scratch / "pending/a.md", "a");
  CHECK(f.hinted());
}

TEST_CASE("rewatch finds a directory whose parent was replaced without a word", "[adapters][inotify]") {
  Fixture f;
  fs::create_directories(f.scratch / "queue/pending");
  REQUIRE(f.watch.watch(f.scratch / "queue/pending"));
  fs::rename(f.scratch / "queue", f.scratch / "old");
  fs::create_directories(f.scratch / "queue/pending");
  CHECK(f.silent());
  REQUIRE(f.watch.rewatch());
  put_file(f.scratch / "queue/pending/a.md", "a");
  CHECK(f.hinted());
  put_file(f.scratch / "old/pending/b.md", "b");
  CHECK(f.silent());
}

TEST_CASE("rewatching what is still watched changes nothing", "[adapters][inotify]") {
  Fixture f;
  REQUIRE(f.watch.watch(f.pending()));
  REQUIRE(f.watch.rewatch());
  REQUIRE(f.watch.rewatch());
  CHECK_FALSE(f.watch.lost());
  put_file(f.scratch / "pending/a.md", "a");
  CHECK(f.hinted());
}

TEST_CASE("a directory that is not there yet is watched as soon as it is", "[adapters][inotify]") {
  Fixture f;
  CHECK_FALSE(f.watch.watch(f.scratch / "later"));
  put_file(f.scratch / "file", "");
  CHECK_FALSE(f.watch.watch(f.scratch / "file"));
  fs::create_directory(f.scratch / "later");
  CHECK_FALSE(f.watch.rewatch());  // the file is none
  put_file(f.scratch / "later/a.md", "a");
  CHECK(f.hinted());
}

TEST_CASE("an overflow gives a hint and makes every watch doubtful", "[adapters][inotify]") {
  Fixture f;
  REQUIRE(f.watch.watch(f.pending()));
  f.watch.take(event_bytes(-1, IN_Q_OVERFLOW));
  CHECK(f.hints == 1);
  CHECK(f.watch.lost());
  REQUIRE(f.watch.rewatch());
  CHECK_FALSE(f.watch.lost());
  f.hints = 0;
  put_file(f.scratch / "pending/a.md", "a");
  CHECK(f.hinted());
}

TEST_CASE("an end of a watch that is not ours any more is no news", "[adapters][inotify]") {
  Fixture f;
  REQUIRE(f.watch.watch(f.pending()));
  f.watch.take(event_bytes(4711, IN_IGNORED));
  CHECK(f.hints == 0);
  CHECK_FALSE(f.watch.lost());
  f.watch.take(event_bytes(1, IN_MOVED_TO, "a.md") + event_bytes(1, IN_CLOSE_WRITE, "b.md"));
  CHECK(f.hints == 1);
}

TEST_CASE("cancelling ends the watch without an error", "[adapters][inotify]") {
  Fixture f;
  REQUIRE(f.watch.watch(f.pending()));
  f.io.poll();
  f.group.cancel_all();
  CHECK(f.until([&] { return f.group.size() == 0; }));
  CHECK(f.failures.empty());
}
