#include "adapters/agent_variables.hpp"

#include "test/support/catch.hpp"
#include "test/support/tmux_server.hpp"

#include <unistd.h>

using namespace failover;
using Names = std::vector<std::string>;

namespace {

Names const tokens = {"ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"};

core::PaneInfo pane_of(test::TmuxServer& server, std::string const& session) {
  core::PaneInfo pane;
  pane.session = core::SessionName{session};
  pane.pid = std::stol(server.format("=" + session + ":", "#{pane_pid}"));
  return pane;
}

/// What is found once the pane's program runs as it should.
std::vector<core::SessionVariables> found(std::vector<core::PaneInfo> const& panes, Names const& wanted) {
  std::vector<core::SessionVariables> rows;
  (void)test::eventually([&] {
    rows = adapters::agent_variables(panes, tokens);
    return !rows.empty() && rows.front().names == wanted;
  });
  return rows;
}

}  // namespace

TEST_CASE("of a process's variables only the names asked for are told, and only those that are set",
          "[adapters][examination]") {
  test::TmuxServer server;
  server.session("one", {"-u", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY=canary",
                         "ANTHROPIC_AUTH_TOKEN=", "MY_ANTHROPIC_API_KEY=x", "sleep", "1000"});
  auto const rows = found({pane_of(server, "one")}, {"ANTHROPIC_API_KEY"});
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].session.str() == "one");
  CHECK(rows[0].names == Names{"ANTHROPIC_API_KEY"});
  CHECK(rows[0].looked);
}

TEST_CASE("what a shell exported is in the agent that it runs, and is found there", "[adapters][examination]") {
  test::TmuxServer server;
  server.session("shell", {"sh", "-mc", "export ANTHROPIC_AUTH_TOKEN=canary; sleep 1000; :"});
  auto const rows = found({pane_of(server, "shell")}, {"ANTHROPIC_AUTH_TOKEN"});
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].names == Names{"ANTHROPIC_AUTH_TOKEN"});
}

TEST_CASE("a process that is gone was not looked at, and a dead pane has none", "[adapters][examination]") {
  core::PaneInfo gone;
  gone.session = core::SessionName{"gone"};
  gone.pid = 0x7ffffff0;
  auto const rows = adapters::agent_variables({gone}, tokens);
  REQUIRE(rows.size() == 1);
  CHECK_FALSE(rows[0].looked);
  gone.dead = true;
  CHECK(adapters::agent_variables({gone}, tokens).empty());
  CHECK(adapters::variables_of(0x7ffffff0, tokens).error().kind == core::ErrorKind::not_found);
  CHECK(adapters::variables_of(::getpid(), {"NO_SUCH_VARIABLE_OF_OURS"}).value().empty());
}
