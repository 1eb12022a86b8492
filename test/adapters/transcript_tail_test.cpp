#include "adapters/transcript_tail.hpp"

#include "adapters/task_group.hpp"
#include "test/support/catch.hpp"
#include "test/support/no_descriptors.hpp"
#include "test/support/scratch_directory.hpp"
#include "test/support/transcript_lines.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace adapters = failover::adapters;
namespace asio = boost::asio;
namespace core = failover::core;
namespace fs = std::filesystem;
using failover::test::prompt_line;
using failover::test::put_file;
using failover::test::reply_line;
using failover::test::ScratchDirectory;
using namespace std::chrono_literals;

namespace {

using Uuids = std::vector<std::string>;

void append(std::string const& path, std::string const& bytes) {
  std::ofstream file{path, std::ios::binary | std::ios::app};
  file << bytes;
}

asio::awaitable<void> run_job(adapters::WriterThread& writer, std::function<core::Result<void>()> job) {
  auto const outcome = co_await writer.run(std::move(job));
  (void)outcome;  // the job's only purpose is to take its time
}

enum class Inotify { available, none };

struct Fixture {
  ScratchDirectory scratch = {};
  std::string project = scratch / "projects/p";
  asio::io_context io{1};
  std::vector<std::string> failures = {};
  adapters::WriterThread writer{io.get_executor()};
  Uuids rows = {};
  int deliveries = 0;
  int ends = 0;  ///< deliveries that left nothing to be read
  std::vector<std::string> troubles = {};
  std::unique_ptr<adapters::TranscriptTail> tail = {};
  adapters::TaskGroup group{io.get_executor(),
                            [this](auto const& name, auto const& what) { failures.push_back(name + ": " + what); }};

  explicit Fixture(Inotify inotify = Inotify::available) {
    fs::create_directories(project);
    asio::steady_timer const reactor{io};  // the loop's own descriptors are made with the first of these
    std::optional<failover::test::NoDescriptors> none;
    if (inotify == Inotify::none) none.emplace();
    tail = std::make_unique<adapters::TranscriptTail>(
        io.get_executor(), writer,
        [this](auto const& gained, bool all_read) {
          ++deliveries;
          if (all_read) ++ends;
          for (auto const& row : gained) rows.push_back(row.uuid);
        },
        [this](auto const& trouble) { troubles.push_back(trouble); });
    none.reset();
    group.spawn("tail", tail->run());
  }
  ~Fixture() {
    group.cancel_all();
    until([this] { return group.size() == 0; });
  }

  std::string file(std::string const& name) const { return project + "/" + name; }

  /// Lets the loop run until the condition holds, at most ten seconds.
  template <class Condition>
  bool until(Condition const& condition) {
    auto const limit = std::chrono::steady_clock::now() + 10s;
    while (!condition() && std::chrono::steady_clock::now() < limit) io.run_one_for(100ms);
    return condition();
  }
  bool tells(Uuids const& expected) {
    bool const came = until([&] { return rows.size() >= expected.size(); });
    CHECK(rows == expected);
    rows.clear();
    return came;
  }
};

}  // namespace

TEST_CASE("what a transcript has and gains comes on the loop", "[adapters][transcript_tail]") {
  Fixture f;
  put_file(f.file("c.jsonl"), prompt_line("1") + reply_line("2"));
  f.tail->follow({f.project});
  CHECK(f.tells({"1", "2"}));
  append(f.file("c.jsonl"), prompt_line("3"));
  CHECK(f.tells({"3"}));
  append(f.file("c.jsonl"), reply_line("4").substr(0, 30));
  append(f.file("c.jsonl"), reply_line("4").substr(30));
  CHECK(f.tells({"4"}));
  put_file(f.file("d.jsonl"), prompt_line("5"));
  CHECK(f.tells({"5"}));
  CHECK(f.troubles.empty());
  CHECK(f.failures.empty());
}

TEST_CASE("a directory may come after it is followed", "[adapters][transcript_tail]") {
  Fixture f;
  auto const later = f.scratch / "later/projects/p";
  f.tail->follow({later});
  f.io.poll();
  fs::create_directories(later);
  put_file(later + "/c.jsonl", prompt_line("1"));
  CHECK(f.tells({"1"}));
}

TEST_CASE("following the same directories again does nothing", "[adapters][transcript_tail]") {
  Fixture f;
  put_file(f.file("c.jsonl"), prompt_line("1"));
  f.tail->follow({f.project});
  CHECK(f.tells({"1"}));
  f.io.poll();
  f.tail->follow({f.project});
  CHECK(f.io.poll() == 0);
}

TEST_CASE("what is written while a turn is under way is told in the next one", "[adapters][transcript_tail]") {
  Fixture f;
  put_file(f.file("c.jsonl"), prompt_line("1"));
  f.tail->follow({f.project});
  CHECK(f.tells({"1"}));
  std::mutex busy;
  std::unique_lock disk{busy};
  f.group.spawn("disk", run_job(f.writer, [&busy]() -> core::Result<void> {
                  std::lock_guard const wait{busy};
                  return {};
                }));
  f.deliveries = 0;
  for (int i = 0; i < 50; ++i) {
    append(f.file("c.jsonl"), prompt_line("x"));
    f.io.poll();
  }
  CHECK(f.deliveries == 0);
  disk.unlock();
  CHECK(f.tells(Uuids(50, "x")));
  CHECK(f.deliveries <= 2);
}

TEST_CASE("without inotify a rescan finds everything", "[adapters][transcript_tail]") {
  Fixture f{Inotify::none};
  put_file(f.file("c.jsonl"), prompt_line("1"));
  f.tail->follow({f.project});
  CHECK(f.tells({"1"}));
  REQUIRE(f.troubles.size() == 1);
  CHECK(f.troubles.front().find("sysctl") != std::string::npos);
  append(f.file("c.jsonl"), prompt_line("2"));
  f.tail->rescan();
  CHECK(f.tells({"2"}));
  CHECK(f.troubles.size() == 1);
  CHECK(f.failures.empty());
}

TEST_CASE("troubles are told once", "[adapters][transcript_tail]") {
  Fixture f;
  put_file(f.file("c.jsonl"), "broken\n");
  f.tail->follow({f.project});
  CHECK(f.until([&] { return f.troubles.size() == 1; }));
  append(f.file("c.jsonl"), "broken\n" + prompt_line("1"));
  f.tail->rescan();
  CHECK(f.tells({"1"}));
  CHECK(f.troubles.size() == 1);
}

TEST_CASE("cancelling ends the tail without an error, waiting or reading", "[adapters][transcript_tail]") {
  Fixture f;
  SECTION("before anything") {}
  SECTION("while it waits") {
    f.tail->follow({f.project});
    f.io.run_for(10ms);
  }
  SECTION("while a turn is under way") {
    f.tail->follow({f.project});
    f.io.poll();
  }
  f.group.cancel_all();
  CHECK(f.until([&] { return f.group.size() == 0; }));
  CHECK(f.failures.empty());
}

TEST_CASE("rescans asked for in a row are one", "[adapters][transcript_tail]") {
  Fixture f;
  put_file(f.file("c.jsonl"), prompt_line("1"));
  f.tail->follow({f.project});
  for (int i = 0; i < 100; ++i) f.tail->rescan();
  CHECK(f.tells({"1"}));
  CHECK(f.deliveries == 1);
}
