#include "adapters/tmux_look.hpp"

#include "adapters/control_group.hpp"
#include "adapters/inotify_limits.hpp"
#include "test/support/catch.hpp"
#include "test/support/environment.hpp"
#include "test/support/tmux_server.hpp"

#include <chrono>

#include <unistd.h>

using namespace failover;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

core::TmuxFacts look(std::string const& socket, core::Duration timeout = seconds{5}) {
  core::TmuxConfig config;
  config.socket = socket;
  config.command_timeout = timeout;
  config.start_server = true;
  boost::asio::io_context loop{1};
  return test::run_to_end(loop, adapters::look_at_tmux(loop.get_executor(), config));
}

}  // namespace

TEST_CASE("a server is listed, and its process known by its socket", "[adapters][examination]") {
  test::TmuxServer server;
  server.session("one", {"sleep", "1000"});
  auto const facts = look(server.socket());
  CHECK_THAT(facts.version, CF_CONTAINS("tmux"));
  CHECK_FALSE(facts.program.empty());
  REQUIRE(facts.panes);
  CHECK(facts.panes->size() == 1);
  auto const groups = adapters::look_at_groups(server.socket(), server.socket() + ".none");
  CHECK(groups.server == server.pid());
  CHECK(groups.server_group == adapters::control_group_of(server.pid()));
  CHECK(groups.daemon_group.empty());
}

TEST_CASE("no server is started to be looked at", "[adapters][examination]") {
  test::TmuxServer const server;
  auto const facts = look(server.socket());
  REQUIRE_FALSE(facts.panes);
  CHECK(facts.panes.error().kind == core::ErrorKind::unavailable);
  CHECK_FALSE(std::filesystem::exists(server.socket()));
  CHECK_FALSE(adapters::look_at_groups(server.socket(), "").server);
}

TEST_CASE("a server that hangs costs one deadline, and its process is known all the same", "[adapters][examination]") {
  test::TmuxServer server;
  server.session("one", {"sleep", "1000"});
  auto const pid = server.pid();
  server.suspend();
  auto const facts = look(server.socket(), milliseconds{300});
  auto const groups = adapters::look_at_groups(server.socket(), "");
  server.resume();
  REQUIRE_FALSE(facts.panes);
  CHECK(facts.panes.error().kind == core::ErrorKind::timed_out);
  CHECK(groups.server == pid);
}

TEST_CASE("without tmux nothing is run", "[adapters][examination]") {
  test::TmuxServer server;
  {
    test::Environment const path{"PATH", server.dir().string()};
    auto const facts = look(server.socket());
    CHECK(facts.program.empty());
    CHECK(facts.version.empty());
  }
}

TEST_CASE("the limits of inotify are read, and the instances that were tried are given back",
          "[adapters][examination]") {
  for (int round = 0; round < 100; ++round) CHECK(adapters::inotify_limits().free_instances > 0);
  CHECK(adapters::inotify_limits().max_watches.value_or(0) > 0);
}
