#include "core/examine_machine.hpp"

#include "test/support/catch.hpp"

using namespace failover::core;

namespace {

Remark only(Remarks const& remarks) {
  REQUIRE(remarks.size() == 1);
  return remarks.front();
}

Grade grade_of(std::string const& kill_mode, std::string const& type) {
  return only(examine_units({{"/u", UnitSettings{kill_mode, type}}})).grade;
}

PaneInfo pane(std::string const& session, std::string const& mark = "") {
  PaneInfo made;
  made.session = SessionName{session};
  made.owner_mark = mark;
  return made;
}

Config fleet(std::int64_t pool) {
  Config config;
  config.accounts = {{AccountName{"a"}, "/a", false}, {AccountName{"b"}, "/b", false}};
  config.sessions.pool.size = pool;
  return config;
}

}  // namespace

TEST_CASE("a unit is read as systemd does, in its section, the last word counting", "[core][examination]") {
  CHECK(read_unit("") == UnitSettings{"control-group", "simple"});
  CHECK(read_unit("[Service]\nType=notify\nKillMode = process\n") == UnitSettings{"process", "notify"});
  CHECK(read_unit("[Unit]\nKillMode=process\n[Install]\nType=notify\n") == UnitSettings{});
  CHECK(read_unit("[Service]\n# KillMode=process\n;Type=notify\n") == UnitSettings{});
  CHECK(read_unit("[Service]\nKillMode=mixed\nKillMode=process\n").kill_mode == "process");
  CHECK(read_unit("[Service]\nExecStart=x \\\nKillMode=process\nType=notify\n") ==
        UnitSettings{"control-group", "notify"});
  CHECK(read_unit("[Service]\nExecStart=x \\\n# in between\nKillMode=process\n").kill_mode == "control-group");
  CHECK(read_unit("[Service]\r\nKillMode=process\r\n").kill_mode == "process");
  CHECK(read_unit("[Service]\nrubbish\n=\nKillMode").kill_mode == "control-group");
}

TEST_CASE("a drop-in changes what it names, and an empty word brings the default back", "[core][examination]") {
  UnitSettings const before{"process", "notify"};
  CHECK(read_unit("[Service]\nMemoryMax=1G\n", before) == before);
  CHECK(read_unit("[Service]\nKillMode=\n", before) == UnitSettings{"control-group", "notify"});
}

TEST_CASE("a unit that would end the agents is a problem, one that systemd does not watch a warning",
          "[core][examination]") {
  CHECK(grade_of("process", "notify") == Grade::ok);
  CHECK(grade_of("process", "notify-reload") == Grade::ok);
  CHECK(grade_of("process", "simple") == Grade::warning);
  CHECK(grade_of("control-group", "notify") == Grade::problem);
  CHECK(grade_of("mixed", "notify") == Grade::problem);
  CHECK(only(examine_units({})).grade == Grade::skipped);
  CHECK(only(examine_units({{"/u", Error{ErrorKind::permission, "no"}}})).grade == Grade::warning);
}

TEST_CASE("watched are our own sessions, those that are wanted, and those that are adopted", "[core][examination]") {
  auto config = fleet(1).sessions;
  config.adopt = {"mine-*"};
  auto const watched =
      watched_panes({pane("pool-1"), pane("other"), pane("mine-x"), pane("renamed", "claude-failover")}, config);
  CHECK(watched == std::vector<PaneInfo>{pane("pool-1"), pane("mine-x"), pane("renamed", "claude-failover")});
}

TEST_CASE("a token in an agent's environment is a problem of its session, by its name", "[core][examination]") {
  auto const remarks = examine_variables({{SessionName{"pool-1"}, {"ANTHROPIC_API_KEY"}, true},
                                          {SessionName{"pool-2"}, {}, true},
                                          {SessionName{"pool-3"}, {}, false}});
  REQUIRE(remarks.size() == 3);
  CHECK(remarks[0].grade == Grade::problem);
  CHECK(remarks[0].where == "session pool-1");
  CHECK_THAT(remarks[0].what, CF_CONTAINS("ANTHROPIC_API_KEY"));
  CHECK(remarks[1].grade == Grade::skipped);
  CHECK(remarks[2].grade == Grade::ok);
  CHECK(only(examine_variables({})).grade == Grade::skipped);
}

TEST_CASE("time zones that are not known are a problem", "[core][examination]") {
  CHECK(only(examine_zones({"Europe/Berlin", true, true})).grade == Grade::ok);
  CHECK_THAT(only(examine_zones({"UTC", true, false})).cure, CF_CONTAINS("tzdata"));
  CHECK(only(examine_zones({"Nowhere/Land", false, true})).grade == Grade::problem);
}

TEST_CASE("limits of inotify too small for the fleet are a warning, with the command that raises them",
          "[core][examination]") {
  CHECK(only(examine_inotify({8192, needed_instances, 0, false}, fleet(50))).grade == Grade::ok);
  auto const watches = only(examine_inotify({200, needed_instances, 0, false}, fleet(50)));
  CHECK(watches.grade == Grade::warning);
  CHECK(watches.cure == "sysctl fs.inotify.max_user_watches=524288");
  CHECK(only(examine_inotify({200, needed_instances, 50, false}, fleet(0))).grade == Grade::warning);
  auto const instances = only(examine_inotify({8192, 1, 0, false}, fleet(1)));
  CHECK(instances.grade == Grade::warning);
  CHECK(instances.cure == "sysctl fs.inotify.max_user_instances=1024");
  CHECK(only(examine_inotify({8192, 0, 0, true}, fleet(1))).grade == Grade::ok);
  CHECK(only(examine_inotify({std::nullopt, needed_instances, 0, false}, fleet(1))).grade == Grade::skipped);
}
