#include "adapters/control_post.hpp"
#include "adapters/spool.hpp"
#include "test/support/catch.hpp"
#include "test/support/child.hpp"
#include "test/support/program.hpp"

#include <chrono>
#include <filesystem>
#include <thread>

namespace fs = std::filesystem;
using namespace failover::test;
using namespace std::chrono_literals;

namespace {

std::string const program = std::string(CF_BIN_DIR) + "/claude-failover";
std::string const call = R"({"v":1,"at":5,"input":{"hook_event_name":"Stop","session_id":"one"}})";

template <class Condition>
bool comes_true(Condition condition) {
  auto const last = std::chrono::steady_clock::now() + 30s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > last) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

/// A configured home and the daemon's places in it.
struct Home {
  TemporaryFolder folder = {};
  std::string root = folder.path();
  std::string spool = root + "/state/spool";

  Home() {
    fs::create_directories(root + "/main");
    write_text(root + "/main/.credentials.json", "{}");
    fs::create_directory_symlink(root + "/main", root + "/claude");
    write_text(root + "/config.yaml", "accounts:\n  - {name: main, config_dir: " + root +
                                          "/main}\nswitch:\n  link: " + root + "/claude\ntmux:\n  socket: " + root +
                                          "/tmux.sock\nstate:\n  dir: " + root + "/state\n  runtime: " + root +
                                          "/run\ndispatcher:\n  queue: " + root + "/queue\nhttp:\n  listen: \"\"\n");
    fs::create_directories(spool);
    fs::permissions(spool, fs::perms::owner_all);
    write_text(spool + "/5-0123456789abcdef.json", call);
    write_text(spool + "/6-0123456789abcdef.json", "garbage");
  }
  [[nodiscard]] std::vector<std::string> command(std::vector<std::string> more) const {
    more.insert(more.begin(), {program, "run", "--config", root + "/config.yaml"});
    return more;
  }
};

}  // namespace

TEST_CASE("the daemon takes what waited in the spool, and then what comes to its socket", "[e2e][hooks]") {
  Home const home;
  Child const daemon{home.command({}), "/dev/null", home.root + "/log"};
  REQUIRE(daemon.started());
  CHECK(comes_true([&] { return fs::is_empty(home.spool); }));
  CHECK(comes_true([&] { return read_text(home.root + "/log").find("bad_files=1") != std::string::npos; }));
  auto const status = [&](char const* target, std::string const& body) {
    auto const answer = failover::adapters::control_post(home.root + "/run/control.sock", target, body, 10s);
    return answer ? *answer : 0;
  };
  CHECK(status("/hooks/claude", call) == 204);
  CHECK(status("/statusline", R"({"v":1,"at":5,"input":{"session_id":"one"}})") == 204);
  CHECK(status("/hooks/claude", "{}") == 400);
  CHECK(status("/status", "{}") == 405);
}

TEST_CASE("what comes into the spool beside a daemon that runs is taken at once, also when its directory is made anew",
          "[e2e][hooks]") {
  Home const home;
  fs::remove_all(home.spool);
  Child const daemon{home.command({}), "/dev/null", home.root + "/log"};
  REQUIRE(daemon.started());
  auto const taken_at_once = [&] {
    REQUIRE(comes_true([&] { return fs::exists(home.spool); }));
    REQUIRE(failover::adapters::write_spool(home.spool,
                                            {failover::core::WallTime{std::chrono::milliseconds{5}}, call, ""}));
    return comes_true([&] { return fs::is_empty(home.spool); });
  };
  CHECK(taken_at_once());
  fs::remove_all(home.spool);
  CHECK(taken_at_once());
}

TEST_CASE("a dry run leaves the spool to the daemon that acts on it", "[e2e][hooks]") {
  Home const home;
  Child const daemon{home.command({"--dry-run"}), "/dev/null", home.root + "/log"};
  CHECK(comes_true([&] {
    auto const answer = failover::adapters::control_post(home.root + "/run/control.sock", "/hooks/claude", call, 1s);
    return answer && *answer == 204;
  }));
  CHECK(fs::exists(home.spool + "/5-0123456789abcdef.json"));
}
