#include "adapters/pane_processes.hpp"

#include "adapters/process_stat.hpp"
#include "test/support/catch.hpp"
#include "test/support/idle_program.hpp"
#include "test/support/tmux_server.hpp"

#include <string>
#include <vector>

#include <unistd.h>

using namespace failover;
using core::Foreground;

namespace {

core::SessionsConfig adopting(std::string const& pattern) {
  core::SessionsConfig config;
  config.adopt = {pattern};
  return config;
}

core::PaneInfo pane_of(std::string const& session, std::int64_t pid) {
  core::PaneInfo pane;
  pane.session = core::SessionName(session);
  pane.pid = pid;
  return pane;
}

core::event::PanesListed listed(std::vector<core::PaneInfo> panes, std::vector<core::ProcessRef> asked) {
  return {std::move(panes), std::move(asked)};
}

}  // namespace

TEST_CASE("a process that tmux still has in a pane runs on, and its start is known", "[adapters][pane_processes]") {
  auto news = listed({pane_of("a", ::getpid())}, {{::getpid(), 4711}});
  REQUIRE(adapters::PaneProcesses{}.add_at_once(news, {}));
  CHECK(news.panes->front().started == 4711);
  CHECK(news.running == std::vector<core::ProcessRef>{{::getpid(), 4711}});
}

TEST_CASE("a process that is in no pane any more takes a longer look", "[adapters][pane_processes]") {
  auto const own = adapters::process_stat(::getpid());
  REQUIRE(own);
  auto news = listed({}, {{::getpid(), own->started}, {::getpid(), own->started + 1}});
  auto const before = news;
  CHECK_FALSE(adapters::PaneProcesses{}.add_at_once(news, {}));
  CHECK(news == before);
  adapters::add_processes(news, {});
  CHECK(news.running == std::vector<core::ProcessRef>{{::getpid(), own->started}});
}

TEST_CASE("the process of a dead pane is looked for", "[adapters][pane_processes]") {
  auto pane = pane_of("a", ::getpid());
  pane.dead = true;
  auto news = listed({pane}, {{::getpid(), 4711}});
  CHECK_FALSE(adapters::PaneProcesses{}.add_at_once(news, {}));
  adapters::add_processes(news, {});
  CHECK(news.running.empty());
}

TEST_CASE("a new pane's process is told with its start", "[adapters][pane_processes]") {
  auto const own = adapters::process_stat(::getpid());
  REQUIRE(own);
  auto news = listed({pane_of("a", ::getpid())}, {});
  REQUIRE(adapters::PaneProcesses{}.add_at_once(news, {}));
  CHECK(news.panes->front().started == own->started);
}

TEST_CASE("who has an adopted pane's terminal is told at once where no group must be searched, and the same both ways",
          "[adapters][pane_processes]") {
  test::TmuxServer server;
  (void)server.session("mine", {"cat"});
  (void)server.session("bare", {"PS1=>", "HISTFILE=", "bash", "--norc", "--noprofile", "-i"});
  auto const pid = [&](std::string const& session) {
    return std::stol(server.format("=" + session + ":", "#{pane_pid}"));
  };
  auto const told = [&](std::string const& session, auto const& add) {
    auto news = listed({pane_of(session, pid(session))}, {});
    add(news);
    return news.panes->front().foreground;
  };
  auto const thoroughly = [&](auto& news) { adapters::add_processes(news, adopting("*")); };
  REQUIRE(test::eventually([&] { return told("mine", thoroughly) == Foreground::program; }));
  REQUIRE(test::eventually([&] { return told("bare", thoroughly) == Foreground::shell; }));
  CHECK(told("mine", [&](auto& news) { CHECK(adapters::PaneProcesses{}.add_at_once(news, adopting("*"))); }) ==
        Foreground::program);
  CHECK(told("bare", [&](auto& news) { CHECK_FALSE(adapters::PaneProcesses{}.add_at_once(news, adopting("*"))); }) ==
        Foreground::unknown);
}

namespace {

/// A program in a pane, which tmux calls by the name that the test says.
struct NamedProgram {
  test::TmuxServer server = {};
  core::PaneInfo pane = {};
  adapters::PaneProcesses processes = {};

  NamedProgram() {
    (void)server.session("other", {"cat"});
    (void)server.session("mine", {"cat"});
    pane = pane_of("mine", std::stol(server.format("=mine:", "#{pane_pid}")));
    REQUIRE(test::eventually([&] { return told("cat") == Foreground::program; }));
  }

  Foreground told(std::string const& command) {
    pane.command = command;
    auto news = listed({pane}, {});
    REQUIRE(processes.add_at_once(news, adopting("*")));
    return news.panes->front().foreground;
  }

  void end() {
    (void)server.command({"kill-session", "-t", "=mine"});
    REQUIRE(test::eventually([&] { return !adapters::still_runs({pane.pid, 0}); }));
  }
};

}  // namespace

TEST_CASE("a program that tmux goes on naming is taken on trust three times, then looked up",
          "[adapters][pane_processes]") {
  NamedProgram program;
  CHECK(program.told("sh") == Foreground::program);  // no shell's name is remembered
  CHECK(program.told("cat") == Foreground::program);
  program.end();
  for (int i = 0; i < 3; ++i) CHECK(program.told("cat") == Foreground::program);
  CHECK(program.told("cat") == Foreground::unknown);
}

TEST_CASE("what tmux calls otherwise than before is looked up again", "[adapters][pane_processes]") {
  NamedProgram program;
  program.end();
  CHECK(program.told("zsh") == Foreground::unknown);
  CHECK(program.told("cat") == Foreground::unknown);
}

TEST_CASE("where no panes were listed nothing is told at once", "[adapters][pane_processes]") {
  core::event::PanesListed news{core::Error{core::ErrorKind::unavailable, "no server"}, {{::getpid(), 0}}};
  CHECK_FALSE(adapters::PaneProcesses{}.add_at_once(news, {}));
  adapters::add_processes(news, {});
  CHECK(news.running.size() == 1);
}
