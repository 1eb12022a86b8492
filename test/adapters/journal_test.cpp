#include "adapters/journal.hpp"

#include "adapters/atomic_file.hpp"
#include "adapters/task_group.hpp"
#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

namespace adapters = failover::adapters;
namespace asio = boost::asio;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

/// A journal with its loop and its thread.
class Running {
 public:
  explicit Running(adapters::JournalLimits limits = quick()) : limits_(limits) { begin(); }
  ~Running() { stop(); }
  Running(Running const&) = delete;
  Running& operator=(Running const&) = delete;

  static adapters::JournalLimits quick() {
    adapters::JournalLimits limits;
    limits.pause = 1ms;
    limits.after_failure = 20ms;
    return limits;
  }

  adapters::Journal& journal() { return *journal_; }
  [[nodiscard]] std::string path() const { return folder_ / "events.jsonl"; }
  [[nodiscard]] std::string text(std::string const& suffix = "") const {
    auto const bytes = adapters::read_file(path() + suffix, 1 << 24);
    return bytes ? *bytes : "";
  }
  std::vector<std::string> const& told() const { return told_; }

  template <class Condition>
  bool comes(Condition condition) {
    auto const end = std::chrono::steady_clock::now() + 10s;
    while (!condition() && std::chrono::steady_clock::now() < end) io_.run_one_for(20ms);
    return condition();
  }

  void begin_anew() {
    stop();
    begin();
  }

 private:
  void begin() {
    journal_ = std::make_unique<adapters::Journal>(
        io_.get_executor(), writer_, path(), [this](std::string const& trouble) { told_.push_back(trouble); }, limits_);
    tasks_.spawn("journal", journal_->run());
  }
  void stop() {
    tasks_.cancel_all();
    io_.restart();
    io_.run();
    io_.restart();
  }

  failover::test::ScratchDirectory folder_;
  adapters::JournalLimits limits_;
  asio::io_context io_{1};
  adapters::TaskGroup tasks_{io_.get_executor(), [](auto const&, auto const& what) { FAIL(what); }};
  adapters::WriterThread writer_{io_.get_executor()};
  std::vector<std::string> told_ = {};
  std::unique_ptr<adapters::Journal> journal_ = {};
};

mode_t mode_of(std::string const& path) {
  struct stat facts {};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  return facts.st_mode & 0777U;
}

void write(std::string const& path, std::string const& bytes, mode_t mode = 0600) {
  REQUIRE(adapters::write_file_atomically(path, bytes, mode));
}

}  // namespace

TEST_CASE("lines come into the journal in order, in a file of its owner's alone", "[adapters][journal]") {
  Running running;
  running.journal().begin("a\n");
  running.journal().add("b\n");
  CHECK(running.comes([&] { return running.text() == "a\nb\n"; }));
  running.journal().add("c\n");
  CHECK(running.comes([&] { return running.text() == "a\nb\nc\n"; }));
  CHECK(mode_of(running.path()) == 0600);
  CHECK(running.told().empty());
}

TEST_CASE("a journal goes on where the last process left it, after a torn line on a new one", "[adapters][journal]") {
  Running running;
  write(running.path(), "whole\nto", 0644);
  running.begin_anew();
  running.journal().begin("a\n");
  CHECK(running.comes([&] { return running.text() == "whole\nto\na\n"; }));
  CHECK(mode_of(running.path()) == 0600);
}

TEST_CASE("a full journal becomes the former one, which is the only one kept", "[adapters][journal]") {
  auto limits = Running::quick();
  limits.file_bytes = 10;
  Running running(limits);
  std::string const ten = "123456789\n";
  running.journal().begin(ten);
  CHECK(running.journal().wants_beginning());
  running.journal().begin("b\n");
  CHECK_FALSE(running.journal().wants_beginning());
  CHECK(running.comes([&] { return running.text() == "b\n"; }));
  CHECK(running.text(".1") == ten);
  running.journal().add(ten);
  CHECK(running.comes([&] { return running.journal().wants_beginning(); }));
  running.journal().begin("c\n");
  CHECK(running.comes([&] { return running.text() == "c\n"; }));
  CHECK(running.text(".1") == "b\n" + ten);
  CHECK(std::distance(fs::directory_iterator(fs::path(running.path()).parent_path()), {}) == 2);
}

TEST_CASE("a beginning that is longer than a file leaves room for what follows it", "[adapters][journal]") {
  auto limits = Running::quick();
  limits.file_bytes = 10;
  Running running(limits);
  std::string const long_one(50, 'b');
  running.journal().begin("123456789\n");
  running.journal().begin(long_one + "\n");
  REQUIRE(running.comes([&] { return running.text() == long_one + "\n"; }));
  running.journal().add("one\n");
  REQUIRE(running.comes([&] { return running.text() == long_one + "\none\n"; }));
  CHECK_FALSE(running.journal().wants_beginning());
  running.journal().add("two and three\n");
  CHECK(running.comes([&] { return running.journal().wants_beginning(); }));
}

TEST_CASE("lines that may wait are written with the next one in haste, or when there is much of them",
          "[adapters][journal]") {
  auto limits = Running::quick();
  limits.idle_pause = 10min;
  limits.idle_bytes = 100;
  Running running(limits);
  running.journal().add("a\n", adapters::Haste::some_time);
  running.journal().add("b\n");
  REQUIRE(running.comes([&] { return running.text() == "a\nb\n"; }));
  running.journal().add("c\n", adapters::Haste::some_time);
  auto const much = std::string(98, 'd') + "\n";
  CHECK(running.text() == "a\nb\n");
  running.journal().add(much, adapters::Haste::some_time);
  CHECK(running.comes([&] { return running.text() == "a\nb\nc\n" + much; }));
}

TEST_CASE("lines that may wait go with the next one when nothing was written for long", "[adapters][journal]") {
  auto limits = Running::quick();
  limits.idle_pause = 10min;
  limits.idle_write = {};
  Running running(limits);
  running.journal().add("a\n", adapters::Haste::some_time);
  CHECK(running.comes([&] { return running.text() == "a\n"; }));
}

TEST_CASE("what finds no room is lost and counted, and a beginning is asked for", "[adapters][journal]") {
  auto limits = Running::quick();
  limits.waiting_bytes = 4;
  Running running(limits);
  running.journal().begin("beginning\n");
  running.journal().add("lost\n");
  running.journal().add("x\n");
  CHECK(running.journal().lost() == 2U);
  CHECK_FALSE(running.journal().wants_beginning());
  CHECK(running.comes([&] { return running.journal().wants_beginning(); }));
  running.journal().begin("again\n");
  running.journal().add("y\n");
  CHECK(running.journal().lost() == 1U);
  CHECK(running.comes([&] { return running.text() == "beginning\nagain\n"; }));
}

TEST_CASE("a journal that cannot be written is told once and tried again", "[adapters][journal]") {
  Running running;
  SECTION("a directory in its place") {
    fs::create_directory(running.path());
  }
  SECTION("a FIFO in its place") {
    REQUIRE(::mkfifo(running.path().c_str(), 0600) == 0);
  }
  SECTION("a link in its place") {
    REQUIRE(::symlink("/dev/null", running.path().c_str()) == 0);
  }
  running.journal().begin("a\n");
  running.journal().add("b\n");
  CHECK(running.comes([&] { return running.journal().wants_beginning(); }));
  CHECK(running.journal().lost() == 2U);
  running.journal().begin("c\n");
  CHECK(running.comes([&] { return running.journal().lost() == 1U && running.journal().wants_beginning(); }));
  REQUIRE(running.told().size() == 1U);
  CHECK_THAT(running.told().front(), CF_CONTAINS(running.path()));
  fs::remove(running.path());
  running.journal().begin("d\n");
  CHECK(running.comes([&] { return running.text() == "d\n"; }));
  CHECK(running.comes([&] { return running.told().size() == 2U; }));
  CHECK(running.told().back().empty());
}

TEST_CASE("a journal that somebody removed is made anew", "[adapters][journal]") {
  Running running;
  running.journal().begin("a\n");
  CHECK(running.comes([&] { return running.text() == "a\n"; }));
  fs::remove(running.path());
  running.journal().add("b\n");
  CHECK(running.comes([&] { return running.text() == "b\n"; }));
}

TEST_CASE("a disk that fills up in the middle of a line leaves a torn one, and the next begins its own",
          "[adapters][journal]") {
  Running running;
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  auto const former = ::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 6;
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  running.journal().begin("12345\n");
  running.journal().add("67890\n");
  bool const failed = running.comes([&] { return running.told().size() == 1U; });
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  ::signal(SIGXFSZ, former);
  CHECK(failed);
  CHECK(running.comes([&] { return running.journal().wants_beginning(); }));
  CHECK(running.journal().lost() == 2U);
  running.journal().begin("again\n");
  CHECK(running.comes([&] { return running.text() == "12345\nagain\n"; }));
}
