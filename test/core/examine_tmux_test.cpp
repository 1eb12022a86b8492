#include "core/examine_tmux.hpp"

#include "test/support/catch.hpp"

using namespace failover::core;

namespace {

TmuxFacts good() {
  PaneInfo pane;
  pane.session = SessionName{"pool-1"};
  return {"/usr/bin/tmux", "tmux 3.3a", "/tmp/tmux-1000/default", std::vector{pane, pane}};
}

Remark server(TmuxFacts const& facts, bool start_server = false) {
  TmuxConfig config;
  config.start_server = start_server;
  return examine_tmux(facts, config).at(1);
}

TmuxFacts failing(ErrorKind kind) {
  auto facts = good();
  facts.panes = Error{kind, "said by tmux"};
  return facts;
}

constexpr char user_manager[] = "/user.slice/user-1000.slice/user@1000.service";

Remark groups(std::string const& server, std::string const& daemon = "") {
  auto const remarks = examine_groups({42, server, daemon});
  REQUIRE(remarks.size() == 1);
  return remarks.front();
}

}  // namespace

TEST_CASE("a tmux that answers is well", "[core][examination]") {
  auto const remarks = examine_tmux(good(), {});
  CHECK(remarks == Remarks{{Grade::ok, "tmux", "/usr/bin/tmux", "tmux 3.3a", ""},
                           {Grade::ok, "tmux-server", "/tmp/tmux-1000/default", "answers: 1 session, 2 panes", ""}});
}

TEST_CASE("without tmux its server is not asked for", "[core][examination]") {
  auto const remarks = examine_tmux({"", "", "/s", Error{}}, {});
  REQUIRE(remarks.size() == 2);
  CHECK(remarks[0].grade == Grade::problem);
  CHECK_THAT(remarks[0].cure, CF_CONTAINS("apt-get install tmux"));
  CHECK(remarks[1].grade == Grade::skipped);
}

TEST_CASE("a tmux older than 3.3 is a warning, one without numbers is none", "[core][examination]") {
  auto const grade = [](std::string const& version) {
    auto facts = good();
    facts.version = version;
    return examine_tmux(facts, {}).front().grade;
  };
  CHECK(grade("tmux 2.9a") == Grade::warning);
  CHECK(grade("tmux 3.2") == Grade::warning);
  CHECK(grade("tmux 3.3") == Grade::ok);
  CHECK(grade("tmux 3.10") == Grade::ok);
  CHECK(grade("tmux next-3.6") == Grade::ok);
  CHECK(grade("tmux 4.0") == Grade::ok);
  CHECK(grade("tmux master") == Grade::ok);
  CHECK(grade("") == Grade::ok);
}

TEST_CASE("no tmux server is a problem, unless the daemon starts it", "[core][examination]") {
  CHECK(server(failing(ErrorKind::unavailable)).grade == Grade::problem);
  CHECK_THAT(server(failing(ErrorKind::unavailable)).cure, CF_CONTAINS("tmux new -d"));
  CHECK(server(failing(ErrorKind::unavailable), true).grade == Grade::ok);
}

TEST_CASE("a tmux server that hangs, or is not ours, is a problem all the same", "[core][examination]") {
  CHECK(server(failing(ErrorKind::timed_out), true).grade == Grade::problem);
  CHECK_THAT(server(failing(ErrorKind::timed_out)).what, CF_CONTAINS("does not answer"));
  CHECK(server(failing(ErrorKind::permission), true) ==
        Remark{Grade::problem, "tmux-server", "/tmp/tmux-1000/default", "said by tmux", ""});
}

TEST_CASE("the control group is that of systemd's hierarchy", "[core][examination]") {
  CHECK(control_group_in("0::/user.slice/x.scope\n") == "/user.slice/x.scope");
  CHECK(control_group_in("12:cpu,cpuacct:/a\n1:name=systemd:/system.slice/b.service\n0::/c\n") ==
        "/system.slice/b.service");
  CHECK(control_group_in("0::/with:colon.service\n") == "/with:colon.service");
  CHECK(control_group_in("").empty());
  CHECK(control_group_in("rubbish\n::\n").empty());
}

TEST_CASE("a group belongs to the innermost unit, and a scope is no service", "[core][examination]") {
  std::string const user = user_manager;
  CHECK(service_of("/system.slice/cf@alice.service") == "/system.slice/cf@alice.service");
  CHECK(service_of("/system.slice/cf.service/inner/more") == "/system.slice/cf.service");
  CHECK(service_of(user + "/app.slice/cf.service") == user + "/app.slice/cf.service");
  CHECK(service_of(user + "/app.slice/run-r1.scope").empty());
  CHECK(service_of("/user.slice/user-1000.slice/session-3.scope").empty());
  CHECK(service_of(user + "/init.scope").empty());
  CHECK(service_of(user).empty());
  CHECK(service_of("/").empty());
  CHECK(service_of("").empty());
}

TEST_CASE("a tmux server in the daemon's service is a warning with the way out", "[core][examination]") {
  std::string const user = user_manager;
  auto const by_name = groups(user + "/app.slice/claude-failover.service");
  CHECK(by_name.grade == Grade::warning);
  CHECK_THAT(by_name.what, CF_CONTAINS("claude-failover.service") && CF_CONTAINS("KillMode=process"));
  CHECK_THAT(by_name.cure, CF_CONTAINS("systemd-run --user --scope tmux"));
  CHECK(groups("/system.slice/system-claude\\x2dfailover.slice/claude-failover@alice.service").grade == Grade::warning);
  CHECK(groups("/system.slice/agents.service", "/system.slice/agents.service/sub").grade == Grade::warning);
}

TEST_CASE("a tmux server elsewhere is well", "[core][examination]") {
  std::string const user = user_manager;
  CHECK(groups("/user.slice/user-1000.slice/session-3.scope", user + "/app.slice/claude-failover.service").grade ==
        Grade::ok);
  CHECK(groups("/system.slice/tmux.service", "/system.slice/claude-failover@a.service").grade == Grade::ok);
  CHECK(groups("/", "/").grade == Grade::ok);
  CHECK(groups("").grade == Grade::skipped);
  CHECK(examine_groups({}).front().grade == Grade::skipped);
}
