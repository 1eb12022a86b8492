#include "test/support/catch.hpp"
#include "test/support/program.hpp"

#include <arpa/inet.h>
#include <filesystem>

#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

namespace fs = std::filesystem;
using namespace failover::test;

namespace {

std::string const program = std::string(CF_BIN_DIR) + "/claude-failover";

/// A home in which everything is right, to be broken by a test.
struct Home {
  TemporaryFolder folder = {};
  std::string root = folder.path();

  Home() {
    fs::create_directories(root + "/main");
    fs::create_directories(root + "/spare");
    write_text(root + "/main/.credentials.json", "{}");
    write_text(root + "/spare/.credentials.json", "{}");
    fs::create_directory_symlink(root + "/main", root + "/claude");
    write_config("");
  }
  void write_config(std::string const& more) const {
    std::string text = "accounts:\n  - {name: main, config_dir: " + root +
                       "/main}\n  - {name: spare, config_dir: " + root + "/spare}\nswitch:\n  link: " + root +
                       "/claude\ntmux:\n  socket: " + root + "/tmp.sock\nstate:\n  dir: " + root +
                       "/state\n  runtime: " + root + "/run\n" + more;
    if (more.find("http:") == std::string::npos) text += "http:\n  listen: \"\"\n";
    write_text(root + "/config.yaml", text);
  }
  [[nodiscard]] ProgramResult run() const { return run_in(own_environment()); }
  [[nodiscard]] ProgramResult run_in(std::map<std::string, std::string> environment) const {
    return run_program({program, "run", "--config", root + "/config.yaml"}, std::move(environment));
  }
};

std::size_t lines(std::string const& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// One line that names the fault and the cure, the right code, and nothing changed on disk.
void refuses(Home const& home, int code, std::string const& fault, std::string const& cure) {
  auto const before = snapshot(home.root);
  auto const result = home.run();
  CHECK(result.status == code);
  CHECK(lines(result.err) == 1);
  CHECK(result.out.empty());
  CHECK_THAT(result.err, CF_CONTAINS(fault));
  CHECK_THAT(result.err, CF_CONTAINS(cure));
  CHECK(snapshot(home.root) == before);
}

}  // namespace

TEST_CASE("without tmux the daemon ends with 69 and the cure", "[e2e][start]") {
  Home const home;
  auto const before = snapshot(home.root);
  auto environment = own_environment();
  environment["PATH"] = home.root;
  auto const result = home.run_in(environment);
  CHECK(result.status == 69);
  CHECK_THAT(result.err, CF_CONTAINS("tmux is not installed") && CF_CONTAINS("apt-get install tmux"));
  CHECK(lines(result.err) == 1);
  CHECK(snapshot(home.root) == before);
}

TEST_CASE("a missing account directory is refused with 78", "[e2e][start]") {
  Home const home;
  fs::remove_all(home.root + "/spare");
  refuses(home, 78, "account spare: its directory " + home.root + "/spare does not exist", "log in there once");
}

TEST_CASE("a real directory where the link should be is refused with 78, untouched", "[e2e][start]") {
  Home const home;
  fs::remove(home.root + "/claude");
  fs::create_directory(home.root + "/claude");
  write_text(home.root + "/claude/settings.json", "{\"mine\":true}");
  refuses(home, 78, "is not a symlink", "ln -s");
}

TEST_CASE("a link that is missing or leads elsewhere is refused with 78", "[e2e][start]") {
  Home const home;
  fs::remove(home.root + "/claude");
  refuses(home, 78, "does not exist", "ln -s " + home.root + "/main");
  fs::create_directory_symlink("/usr", home.root + "/claude");
  refuses(home, 78, "which is no account's config_dir", "ln -sfn");
}

TEST_CASE("a link that loops, dangles or leads over another link is refused with 78", "[e2e][start]") {
  Home const home;
  auto const link = home.root + "/claude";
  auto const leads_to = [&](std::string const& target) {
    fs::remove(link);
    fs::create_symlink(target, link);
  };
  leads_to("claude");
  refuses(home, 78, link + " leads back to itself", "ln -sfn " + home.root + "/main " + link);
  fs::create_symlink(link, home.root + "/hop");
  leads_to(home.root + "/hop");
  refuses(home, 78, link + " leads back to itself", "ln -sfn " + home.root + "/main " + link);
  leads_to(home.root + "/nowhere");
  refuses(home, 78, home.root + "/nowhere, where no directory is", "ln -sfn " + home.root + "/main " + link);
  fs::remove(home.root + "/hop");
  fs::create_symlink(home.root + "/spare", home.root + "/hop");
  leads_to(home.root + "/hop");
  refuses(home, 78, home.root + "/hop, a link itself, and so to account spare",
          "ln -sfn " + home.root + "/spare " + link);
}

TEST_CASE("one directory under two accounts is refused with 78, naming both", "[e2e][start]") {
  Home const home;
  fs::remove_all(home.root + "/spare");
  fs::create_symlink("main", home.root + "/spare");
  refuses(home, 78, "accounts main and spare: " + home.root + "/main and " + home.root + "/spare are the same",
          "a directory of its own");
}

TEST_CASE("a broken configuration is refused with 78 and the place", "[e2e][start]") {
  Home const home;
  home.write_config("quota:\n  poll_intervall: 30s\n");
  refuses(home, 78, home.root + "/config.yaml:", "poll_interval");
  write_text(home.root + "/config.yaml", "accounts: [\n");
  CHECK(home.run().status == 78);
  fs::remove(home.root + "/config.yaml");
  refuses(home, 78, home.root + "/config.yaml", "");
}

TEST_CASE("no account, and none but disabled ones, are refused with 78 and the place", "[e2e][start]") {
  Home const home;
  auto const config = [&](std::string const& accounts) {
    write_text(home.root + "/config.yaml", "accounts: " + accounts + "\nswitch: {link: " + home.root +
                                               "/claude}\nstate: {dir: " + home.root + "/state, runtime: " + home.root +
                                               "/run}\n");
  };
  config("[]");
  refuses(home, 78, home.root + "/config.yaml:1:", "no accounts: list at least one");
  config("[{name: main, config_dir: " + home.root + "/main, disabled: true}]");
  refuses(home, 78, home.root + "/config.yaml:1:", "all accounts are disabled");
}

TEST_CASE("a broken pattern table of the user's is refused with 78 and the place", "[e2e][start]") {
  Home const home;
  fs::create_directory(home.root + "/agents");
  write_text(home.root + "/agents/claude-code.yaml", "agent: claude-code\nruels: []\n");
  refuses(home, 78, home.root + "/agents/claude-code.yaml:2:1:", "unknown key 'ruels'");
}

TEST_CASE("a second daemon ends with 75 and names the first", "[e2e][start]") {
  Home const home;
  fs::create_directories(home.root + "/state");
  write_text(home.root + "/state/lock", "4242\n");
  int const fd = ::open((home.root + "/state/lock").c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(fd >= 0);
  REQUIRE(::flock(fd, LOCK_EX | LOCK_NB) == 0);
  refuses(home, 75, "another claude-failover", "4242");
  ::close(fd);
}

TEST_CASE("a port in use ends with 75 and the cure", "[e2e][start]") {
  Home const home;
  int const listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(listener, 1) == 0);
  socklen_t size = sizeof address;
  REQUIRE(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  std::string const listen = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  home.write_config("http:\n  listen: " + listen + "\n");
  auto const result = home.run();
  CHECK(result.status == 75);
  CHECK(lines(result.err) == 1);
  CHECK_THAT(result.err, CF_CONTAINS(listen) && CF_CONTAINS("http.listen"));
  CHECK_FALSE(fs::exists(home.root + "/state/state.json"));
  CHECK(fs::read_symlink(home.root + "/claude") == home.root + "/main");
  ::close(listener);
}

TEST_CASE("a state file of a newer version is refused with 78 and left as it is", "[e2e][start]") {
  Home const home;
  // As a later version would write it, with a right checksum.
  std::string const newer = "{\"schema\":2,\"crc\":\"e11f112b069a71a8\",\"body\":{\"schema\":2,\"later\":true}}\n";
  write_text(home.root + "/state/state.json", newer);
  auto const result = home.run();
  CHECK(result.status == 78);
  CHECK_THAT(result.err, CF_CONTAINS("schema 2"));
  CHECK(read_text(home.root + "/state/state.json") == newer);
}

TEST_CASE("a queue directory that is a file is refused by name", "[e2e][start]") {
  Home const home;
  write_text(home.root + "/queue-file", "");
  home.write_config("dispatcher:\n  queue: " + home.root + "/queue-file\n");
  auto const result = home.run();
  CHECK(result.status != 0);
  CHECK_THAT(result.err, CF_CONTAINS("dispatcher.queue") && CF_CONTAINS("queue-file"));
}

TEST_CASE("wrong usage ends with 64", "[e2e][start]") {
  CHECK(run_program({program, "frobnicate"}, own_environment()).status == 64);
  CHECK(run_program({program}, own_environment()).status == 64);
  CHECK(run_program({program, "--help"}, own_environment()).status == 0);
  auto const version = run_program({program, "--version"}, own_environment());
  CHECK(version.status == 0);
  CHECK_THAT(version.out, CF_CONTAINS("claude-failover 0."));
}
