#include "daemon/toy_fleet.hpp"
#include "test/support/catch.hpp"
#include "test/support/program.hpp"
#include "test/support/toy_fleet_looks.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/stat.h>

using failover::daemon::ToyFleet;
using failover::daemon::ToyFleetOptions;
using namespace failover::test;
namespace fs = std::filesystem;

namespace {

std::string const program = std::string(CF_BIN_DIR) + "/claude-failover";

/// `claude-failover queue …`
ProgramResult queue(std::string const& config, std::vector<std::string> words) {
  words.insert(words.begin(), {program, "queue"});
  words.insert(words.begin() + 3, {"--config", config});
  return run_program(words, own_environment());
}

/// A configured home without a daemon, and files to add.
struct Home {
  TemporaryFolder folder = {};
  std::string root = folder.path();
  std::string config = root + "/config.yaml";

  Home() {
    fs::create_directories(root + "/main");
    write_text(config, "accounts:\n  - {name: main, config_dir: " + root + "/main}\nswitch:\n  link: " + root +
                           "/claude\nstate:\n  dir: " + root + "/state\n  runtime: " + root +
                           "/run\ndispatcher:\n  queue: " + root + "/queue\n  max_task_bytes: 2000\n");
  }
  ProgramResult run(std::vector<std::string> words) const { return queue(config, std::move(words)); }
  std::string file(std::string const& name, std::string const& text) const {
    write_text(root + "/" + name, text);
    return root + "/" + name;
  }
  [[nodiscard]] std::vector<std::string> names(std::string const& place) const {
    std::vector<std::string> names;
    if (!fs::exists(root + "/queue/" + place)) return names;
    for (auto const& entry : fs::directory_iterator(root + "/queue/" + place)) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }
};

std::string first_line(std::string const& text) {
  return text.substr(0, text.find('\n'));
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("queue add tells every fault of every file with its place, and adds none", "[e2e][queue]") {
  Home const home;
  auto const good = home.file("good.md", "do it\n");
  auto const bad = home.file("bad.md", "---\nretries: 1\n prority: 3\n---\ndo it\n");
  auto const misspelt = home.file("misspelt.yaml", "prompt: do it\nsesion: x\n");
  auto const empty = home.file("empty.txt", " \n");
  auto const large = home.file("large.md", std::string(2001, 'x'));
  auto const pdf = home.file("paper.pdf", "do it\n");
  auto const hidden = home.file(".hidden.md", "do it\n");
  auto const result = home.run({"add", good, bad, misspelt, empty, large, pdf, hidden, home.root + "/none.md"});
  CHECK(result.status == 78);
  CHECK(result.out.empty());
  CHECK_THAT(result.err, CF_CONTAINS(bad + ":3:"));
  CHECK_THAT(result.err, CF_CONTAINS(misspelt + ":2:1: unknown key 'sesion', did you mean 'session'?"));
  CHECK_THAT(result.err, CF_CONTAINS(empty + ":1:1: the task is empty"));
  CHECK_THAT(result.err, CF_CONTAINS(large + ":1:1: it has more than the 2000 bytes"));
  CHECK_THAT(result.err, CF_CONTAINS(pdf + ":1:1: 'paper.pdf' is no task's name"));
  CHECK_THAT(result.err, CF_CONTAINS(hidden + ":1:1: '.hidden.md' is passed over"));
  CHECK_THAT(result.err, CF_CONTAINS("none.md: No such file"));
  CHECK(home.names("pending").empty());
  CHECK(home.run({"add", home.root + "/none.md"}).status == 74);
  CHECK(home.run({"add"}).status == 64);
}

TEST_CASE("queue add makes the queue, gives each file a free name and prints the ids", "[e2e][queue]") {
  Home const home;
  auto const file = home.file("a.md", "do it\n");
  auto const one = home.run({"add", file, "--session", "it's", "--priority", "-5"});
  INFO(one.err);
  REQUIRE(one.status == 0);
  auto const two = home.run({"add", file, file});
  REQUIRE(two.status == 0);
  CHECK(home.names("pending") == Names{"a-2.md", "a-3.md", "a.md"});
  CHECK(home.names("tmp").empty());
  CHECK(read_text(home.root + "/queue/pending/a.md") == "---\nsession: 'it''s'\npriority: -5\n---\ndo it\n");
  CHECK(read_text(home.root + "/queue/pending/a-2.md") == "do it\n");
  auto const list = home.run({"list", "--json"});
  CHECK(list.status == 0);
  CHECK_THAT(list.err, CF_CONTAINS("no daemon answers"));
  CHECK_THAT(list.out, CF_CONTAINS("\"queue\":null"));
  CHECK_THAT(list.out, CF_CONTAINS("\"session\":\"it's\",\"priority\":-5"));
  for (auto const& id : {first_line(one.out), first_line(two.out)})
    CHECK_THAT(list.out, CF_CONTAINS("\"id\":\"" + id + "\""));
}

TEST_CASE("queue add reads standard input, and writes names that are safe whatever the file is called",
          "[e2e][queue]") {
  Home const home;
  auto const piped =
      run_program({"/bin/sh", "-c", "printf 'do it' | " + program + " queue add --config " + home.config + " -"},
                  own_environment());
  INFO(piped.err);
  CHECK(piped.status == 0);
  auto const odd = home.file("a\n\x1B[1m;$(touch x)#{1}.md", "do it\n");
  auto const dashed = home.file("-rf.md", "do it\n");
  auto const longest = home.file(std::string(252, 'x') + ".md", "do it\n");
  REQUIRE(home.run({"add", odd, dashed, longest, longest}).status == 0);
  CHECK(home.names("pending") == Names{"-rf.md", "a__[1m;$(touch x)#{1}.md", "stdin.md", std::string(97, 'x') + "-2.md",
                                       std::string(97, 'x') + ".md"});
}

TEST_CASE("queue add refuses an id that is taken, in the queue or beside it", "[e2e][queue]") {
  Home const home;
  auto const one = home.file("one.md", "---\nid: mine\n---\ndo it\n");
  auto const two = home.file("two.md", "---\nid: mine\n---\ndo it too\n");
  auto const both = home.run({"add", one, two});
  CHECK(both.status == 78);
  CHECK_THAT(both.err, CF_CONTAINS(two + ":1:1: the id 'mine' is taken by " + one));
  CHECK(home.run({"add", one}).out == "mine\n");
  auto const again = home.run({"add", two});
  CHECK(again.status == 78);
  CHECK_THAT(again.err, CF_CONTAINS("the id 'mine' is taken by a task in pending/"));
  CHECK(home.names("pending") == Names{"one.md"});
}

TEST_CASE("queue add refuses what is no plain file, and keys that it cannot put in", "[e2e][queue]") {
  Home const home;
  auto const fifo = home.root + "/fifo.md";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(home.run({"add", fifo}).status != 0);
  CHECK(home.run({"add", home.root + "/main"}).status != 0);
  auto const flow = home.file("flow.md", "---\n{retries: 1}\n---\ndo it\n");
  CHECK(home.run({"add", flow, "--priority", "1"}).status == 64);
  CHECK(home.run({"add", flow, "--priority", "much"}).status == 64);
  CHECK(home.run({"add", flow}).status == 0);
}

TEST_CASE("without a daemon an agent's word is left as its signal, and no other order is taken", "[e2e][queue]") {
  Home const home;
  auto const id = first_line(home.run({"add", home.file("a.md", "do it\n")}).out);
  auto const early = home.run({"done", id});
  CHECK(early.status == 1);
  CHECK_THAT(early.err, CF_CONTAINS("no session works on it"));
  fs::rename(home.root + "/queue/pending/a.md", home.root + "/queue/claimed/a.md." + id + ".c1");
  auto const done = home.run({"done", id});
  CHECK(done.status == 0);
  CHECK(done.out == "task " + id + " is done\n");
  CHECK_THAT(done.err, CF_CONTAINS("no daemon answers"));
  CHECK(home.names("signals") == Names{id + ".c1.done"});
  CHECK(home.run({"fail", id, "--reason", "no disk"}).status == 0);
  CHECK(read_text(home.root + "/queue/signals/" + id + ".c1.failed") == "no disk");
  for (char const* const order : {"retry", "hold", "release", "cancel"}) CHECK(home.run({order, id}).status == 75);
  CHECK(home.run({"done", "../x"}).status == 64);
}

TEST_CASE("without a queue there is nothing to list", "[e2e][queue]") {
  Home const home;
  CHECK(home.run({"list"}).status == 74);
  CHECK_FALSE(fs::exists(home.root + "/queue"));
}

TEST_CASE("tasks are added, ended from a shell, tried again, held, released and cancelled while a daemon runs",
          "[e2e][queue]") {
  ToyFleetOptions options;
  options.turn_seconds = 300;
  options.accounts = {{"main", 1000, 3600}, {"spare", 1000, 3600}};
  auto made = ToyFleet::make(std::move(options));
  REQUIRE(made.has_value());
  auto fleet = std::move(*made);
  REQUIRE(fleet.start_daemon().has_value());
  WAIT_FOR(fleet, sessions_in(fleet, "idle") == 2);
  auto const run = [&](std::vector<std::string> words) { return queue(fleet.config_path(), std::move(words)); };
  auto const shows = [&](std::string const& id, std::string const& state) {
    auto const list = run({"list", "--json"}).out;
    auto const tasks = list.substr(std::min(list.find("\"tasks\":"), list.size()));
    auto const task = tasks.substr(std::min(tasks.find("{\"id\":\"" + id + "\""), tasks.size()));
    return task.substr(0, task.find('}')).find("\"state\":\"" + state + "\"") != std::string::npos;
  };
  auto const succeeds = [&](std::vector<std::string> words) { return run(std::move(words)).status == 0; };
  auto const add = [&](std::string const& name, std::string const& text) {
    write_text(fleet.folder() + "/" + name, text);
    auto const added = run({"add", fleet.folder() + "/" + name});
    INFO(added.err);
    REQUIRE(added.status == 0);
    return first_line(added.out);
  };

  auto const first = add("first.md", "---\nretries: 0\n---\nWork.\n");
  WAIT_FOR(fleet, sessions_in(fleet, "working") == 1);
  auto const list = run({"list"});
  CHECK(list.err.empty());
  CHECK_THAT(list.out, CF_CONTAINS("1 claimed"));
  CHECK_THAT(list.out, CF_CONTAINS("pool-"));
  CHECK(run({"hold", first}).status == 1);
  WAIT_FOR(fleet, succeeds({"fail", first, "--reason", "no disk"}));
  WAIT_FOR(fleet, shows(first, "failed"));
  CHECK_THAT(run({"list"}).out, CF_CONTAINS("command: failed: no disk, attempt 1 of 1"));
  CHECK(run({"done", first}).status == 1);

  CHECK(succeeds({"retry", first}));
  WAIT_FOR(fleet, sessions_in(fleet, "working") == 2);
  CHECK(shows(first, "claimed"));
  auto const second = add("second.md", "Work.\n");
  WAIT_FOR(fleet, shows(second, "pending"));
  WAIT_FOR(fleet, run({"list"}).out.find("session_busy") != std::string::npos);
  WAIT_FOR(fleet, succeeds({"hold", second}));
  WAIT_FOR(fleet, shows(second, "held"));
  CHECK_THAT(run({"list"}).out, CF_CONTAINS("held by the operator"));
  WAIT_FOR(fleet, succeeds({"release", second}));
  WAIT_FOR(fleet, shows(second, "pending"));
  WAIT_FOR(fleet, succeeds({"cancel", second, "--reason", "not needed"}));
  WAIT_FOR(fleet, shows(second, "failed"));
  CHECK_THAT(run({"list"}).out, CF_CONTAINS("cancelled by the operator: not needed"));

  WAIT_FOR(fleet, succeeds({"done", first}));
  WAIT_FOR(fleet, shows(first, "done"));
  auto const unknown = run({"retry", "nobody"});
  CHECK(unknown.status == 1);
  CHECK_THAT(unknown.err, CF_CONTAINS("there is no task nobody"));
}

TEST_CASE("the turn of a task that is cancelled is interrupted", "[e2e][queue]") {
  ToyFleetOptions options;
  options.turn_seconds = 300;
  options.accounts = {{"main", 1000, 3600}, {"spare", 1000, 3600}};
  options.pool = 1;
  auto made = ToyFleet::make(std::move(options));
  REQUIRE(made.has_value());
  auto fleet = std::move(*made);
  REQUIRE(fleet.start_daemon().has_value());
  WAIT_FOR(fleet, sessions_in(fleet, "idle") == 1);
  write_text(fleet.folder() + "/a.md", "Work.\n");
  auto const id = first_line(queue(fleet.config_path(), {"add", fleet.folder() + "/a.md"}).out);
  WAIT_FOR(fleet, sessions_in(fleet, "working") == 1);
  WAIT_FOR(fleet, queue(fleet.config_path(), {"cancel", id}).status == 0);
  WAIT_FOR(fleet, fleet.queue_files("failed").size() == 1);
  WAIT_FOR(fleet, sessions_in(fleet, "idle") == 1);
}
