#include "adapters/terminal_watch.hpp"

#include "adapters/task_group.hpp"
#include "adapters/unique_fd.hpp"
#include "test/support/catch.hpp"
#include "test/support/tmux_server.hpp"

#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace adapters = failover::adapters;
namespace asio = boost::asio;
namespace core = failover::core;
using failover::test::TmuxServer;
using namespace std::chrono_literals;

namespace {

core::PaneRef pane(std::int64_t number) {
  return {77, 1000, core::PaneId("%" + std::to_string(number))};
}

/// A terminal with a program's end and the end that tmux would hold.
struct Pty {
  adapters::UniqueFd master{::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)};
  adapters::UniqueFd slave = {};
  std::string path = {};

  Pty() {
    REQUIRE(master.valid());
    REQUIRE(::grantpt(master.get()) == 0);
    REQUIRE(::unlockpt(master.get()) == 0);
    std::array<char, 64> name{};
    REQUIRE(::ptsname_r(master.get(), name.data(), name.size()) == 0);
    path = name.data();
    slave = adapters::UniqueFd(::open(path.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    REQUIRE(slave.valid());
  }

  void print(std::string const& text) const {
    REQUIRE(::write(slave.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  void close() {
    slave = {};
    master = {};
  }
};

struct Watching {
  asio::io_context io{1};
  std::vector<core::PaneRef> written = {};
  std::vector<core::PaneRef> closed = {};
  std::size_t batches = 0;
  std::vector<std::string> troubles = {};
  adapters::TerminalWatch watch{io.get_executor(),
                                [this](adapters::TerminalHints const& hints) {
                                  ++batches;
                                  written.insert(written.end(), hints.written.begin(), hints.written.end());
                                  closed.insert(closed.end(), hints.closed.begin(), hints.closed.end());
                                },
                                [this](std::string const& trouble) { troubles.push_back(trouble); }};
  adapters::TaskGroup group{io.get_executor(), [](auto const&, auto const& what) { FAIL(what); }};

  Watching() { group.spawn("terminals", watch.run()); }
  ~Watching() {
    group.cancel_all();
    io.restart();
    (void)io.run_for(1s);
  }

  /// Runs the loop until the condition holds; false when it did not within the limit.
  template <class Condition>
  bool until(Condition holds) {
    auto const last = std::chrono::steady_clock::now() + 15s;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > last) return false;
      io.restart();
      (void)io.run_one_for(100ms);
    }
    return true;
  }
  /// Lets all that is due happen, long after a hint would have come.
  void settle() {
    auto const last = std::chrono::steady_clock::now() + 4 * adapters::TerminalWatch::draw_time;
    while (std::chrono::steady_clock::now() < last) {
      io.restart();
      (void)io.run_one_for(10ms);
    }
  }
};

}  // namespace

TEST_CASE("what a program writes is told, once until it is armed again", "[adapters][terminal_watch]") {
  Watching world;
  Pty const one;
  Pty const other;
  world.watch.follow({{pane(1), one.path}, {pane(2), other.path}});
  CHECK(world.watch.watched() == 2);
  one.print("a");
  one.print("b");
  REQUIRE(world.until([&] { return !world.written.empty(); }));
  CHECK(world.written == std::vector{pane(1)});
  one.print("c");
  world.settle();
  CHECK(world.batches == 1);
  world.watch.arm({pane(1), pane(2), pane(3)});
  one.print("d");
  REQUIRE(world.until([&] { return world.batches == 2; }));
  CHECK(world.written == std::vector{pane(1), pane(1)});
  CHECK(world.closed.empty());
  CHECK(world.troubles.empty());
}

TEST_CASE("terminals that are written to together are told together", "[adapters][terminal_watch]") {
  Watching world;
  std::vector<Pty> ptys(20);
  std::vector<core::Terminal> terminals;
  for (std::size_t i = 0; i < ptys.size(); ++i) terminals.push_back({pane(static_cast<std::int64_t>(i)), ptys[i].path});
  world.watch.follow(terminals);
  for (auto const& pty : ptys) pty.print("x");
  REQUIRE(world.until([&] { return world.written.size() == ptys.size(); }));
  CHECK(world.batches == 1);
}

TEST_CASE("a terminal that is closed is told so, armed or not", "[adapters][terminal_watch]") {
  Watching world;
  Pty armed;
  Pty told;
  world.watch.follow({{pane(1), armed.path}, {pane(2), told.path}});
  told.print("x");
  REQUIRE(world.until([&] { return world.written.size() == 1; }));
  armed.close();
  told.close();
  REQUIRE(world.until([&] { return world.closed.size() == 1; }));
  CHECK(world.closed == std::vector{pane(1)});
  world.watch.arm({pane(2)});
  CHECK(world.closed == std::vector{pane(1), pane(2)});
  world.watch.arm({pane(2)});
  CHECK(world.closed.size() == 2);
  CHECK(world.watch.watched() == 0);
}

TEST_CASE("a terminal on which a program draws on tells its end alone, and its words when they are wanted again",
          "[adapters][terminal_watch]") {
  Watching world;
  Pty one;
  Pty other;
  world.watch.follow({{pane(1), one.path}, {pane(2), other.path}});
  for (int look = 0; look < 2; ++look) world.watch.arm({pane(1), pane(2)}, {pane(1)});
  one.print("a");
  other.print("a");
  REQUIRE(world.until([&] { return !world.written.empty(); }));
  world.settle();
  CHECK(world.written == std::vector{pane(2)});
  world.watch.arm({pane(1), pane(2)}, {pane(2)});
  one.print("b");
  other.print("b");
  REQUIRE(world.until([&] { return world.written.size() == 2; }));
  world.settle();
  CHECK(world.written == std::vector{pane(2), pane(1)});
  other.close();
  REQUIRE(world.until([&] { return !world.closed.empty(); }));
  world.settle();
  CHECK(world.closed == std::vector{pane(2)});
  world.watch.arm({pane(1)}, {pane(1)});
  one.close();
  REQUIRE(world.until([&] { return world.closed.size() == 2; }));
  CHECK(world.troubles.empty());
}

TEST_CASE("a terminal that is not followed any more tells nothing, a new one at once", "[adapters][terminal_watch]") {
  Watching world;
  Pty const one;
  Pty const other;
  world.watch.follow({{pane(1), one.path}});
  world.watch.follow({{pane(2), other.path}});
  one.print("x");
  other.print("x");
  REQUIRE(world.until([&] { return !world.written.empty(); }));
  world.settle();
  CHECK(world.written == std::vector{pane(2)});
}

TEST_CASE("a device that was never there is no news, and no trouble", "[adapters][terminal_watch]") {
  Watching world;
  world.watch.follow({{pane(1), "/dev/pts/999999"}});
  world.watch.arm({pane(1)});
  CHECK(world.closed.empty());
  CHECK(world.troubles.empty());
  CHECK(world.watch.watched() == 0);
}

TEST_CASE("a terminal that may not be watched is told once, with what follows", "[adapters][terminal_watch]") {
  if (::geteuid() == 0) return;  // root may watch all
  Watching world;
  world.watch.follow({{pane(1), "/root/secret"}, {pane(2), "/root/secret"}});
  REQUIRE(world.troubles.size() == 1);
  CHECK(world.troubles[0].find("its screen is looked at now and then only") != std::string::npos);
}

TEST_CASE("after a lost event every terminal may have been written to", "[adapters][terminal_watch]") {
  Watching world;
  Pty const one;
  world.watch.follow({{pane(1), one.path}});
  inotify_event event{};
  event.wd = -1;
  event.mask = IN_Q_OVERFLOW;
  std::string events(sizeof event, '\0');
  std::memcpy(events.data(), &event, sizeof event);
  CHECK(world.watch.take(events).written == std::vector{pane(1)});
  CHECK(world.watch.take("short").empty());
}

TEST_CASE("a pane of tmux tells when its program writes, and when it ends", "[adapters][terminal_watch]") {
  TmuxServer server;
  Watching world;
  (void)server.session("a", {"cat"});
  world.watch.follow({{pane(1), server.format("=a:", "#{pane_tty}")}});
  REQUIRE(world.watch.watched() == 1);
  (void)server.command({"send-keys", "-t", "=a:", "hello", "Enter"});
  REQUIRE(world.until([&] { return !world.written.empty(); }));
  world.watch.arm({pane(1)});
  (void)server.command({"set-option", "-w", "-t", "=a:", "remain-on-exit", "on"});
  (void)server.command({"send-keys", "-t", "=a:", "C-c"});
  REQUIRE(world.until([&] { return !world.closed.empty(); }));
}

TEST_CASE("the end of the tmux server is told at once by its terminals", "[adapters][terminal_watch]") {
  TmuxServer server;
  Watching world;
  (void)server.session("a", {"cat"});
  world.watch.follow({{pane(1), server.format("=a:", "#{pane_tty}")}});
  auto const pid = static_cast<pid_t>(std::stol(server.format("=a:", "#{pid}")));
  REQUIRE(::kill(pid, SIGKILL) == 0);
  REQUIRE(world.until([&] { return !world.closed.empty(); }));
}
