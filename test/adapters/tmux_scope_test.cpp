#include "adapters/socket_listener.hpp"
#include "adapters/tmux.hpp"
#include "test/support/catch.hpp"
#include "test/support/environment.hpp"
#include "test/support/scratch_directory.hpp"
#include "test/support/tmux_server.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

using namespace failover;
using std::chrono::seconds;
namespace fs = std::filesystem;

namespace {

/// The surroundings of a service of systemd, with a program of ours for its `systemd-run`, which notes each call.
struct Service {
  test::TmuxServer server = {};
  std::string folder = server.dir().string();
  test::Environment path{"PATH", folder + "/bin:" + std::getenv("PATH")};
  test::Environment runtime{"XDG_RUNTIME_DIR", folder + "/run"};
  test::Environment invocation{"INVOCATION_ID", "0123456789abcdef0123456789abcdef"};
  boost::asio::io_context loop{1};
  std::vector<std::string> troubles = {};
  std::optional<adapters::Tmux> tmux = {};

  explicit Service(std::string const& systemd_run, core::Duration timeout = seconds{20}) {
    fs::create_directories(folder + "/run/systemd");
    fs::create_directory(folder + "/bin");
    test::put_file(folder + "/run/systemd/private", "");
    test::put_file(folder + "/bin/systemd-run",
                   "#!/bin/sh\necho \"$*\" >> " + folder + "/calls\n" + systemd_run + "\n");
    fs::permissions(folder + "/bin/systemd-run", fs::perms::owner_all);
    core::TmuxConfig config;
    config.socket = server.socket();
    config.start_server = true;
    config.command_timeout = timeout;
    tmux.emplace(loop.get_executor(), config, adapters::read_clock,
                 [this](std::string const& trouble) { troubles.push_back(trouble); });
  }

  core::Result<core::PaneRef> start(std::string const& name) {
    core::effect::StartSession session;
    session.session = core::SessionName{name};
    session.workdir = folder;
    session.argv = {"sleep", "1000"};
    return test::run_to_end(loop, tmux->start_session(session), seconds{60});
  }
  [[nodiscard]] std::string calls() const {
    return fs::exists(folder + "/calls") ? test::file_bytes(folder + "/calls") : "";
  }
  [[nodiscard]] std::size_t count_calls() const {
    auto const text = calls();
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }
};

/// As the real one: what follows `--` takes its place.
constexpr char works[] = "while [ \"$1\" != -- ]; do shift; done\nshift\nexec \"$@\"";
constexpr char no_bus[] = "echo 'Failed to connect to bus: No such file or directory' >&2\nexit 1";

}  // namespace

TEST_CASE("a service starts its tmux server in a scope of its own, and further sessions without one",
          "[adapters][tmux][server_scope]") {
  Service service(works);
  auto const first = service.start("one");
  REQUIRE(first);
  CHECK_THAT(service.calls(), CF_CONTAINS("--user --scope --quiet --collect -- tmux -u -S " + service.server.socket() +
                                          " new-session -d"));
  REQUIRE(service.start("two"));
  CHECK(service.count_calls() == 1);
  CHECK(service.server.command({"list-sessions", "-F", "#{session_name}"}) == "one\ntwo");
  CHECK(service.troubles.empty());
  auto const listener = adapters::listener_of(service.server.socket());
  REQUIRE(listener);
  CHECK(*listener == first->server_pid);
}

TEST_CASE("where no scope is to be had the server is started directly, told once and not tried again",
          "[adapters][tmux][server_scope]") {
  Service service(no_bus);
  REQUIRE(service.start("one"));
  REQUIRE(service.troubles.size() == 1);
  CHECK_THAT(service.troubles.front(), CF_CONTAINS("Failed to connect to bus") && CF_CONTAINS("start tmux yourself"));
  (void)service.server.command({"kill-server"});
  REQUIRE(test::eventually([&] { return !adapters::listener_of(service.server.socket()); }));
  REQUIRE(service.start("two"));
  CHECK(service.count_calls() == 1);
  CHECK(service.troubles.size() == 1);
}

TEST_CASE("a systemd-run that hangs costs one start, and the next one goes without", "[adapters][tmux][server_scope]") {
  Service service("exec sleep 1000", seconds{2});
  auto const first = service.start("one");
  REQUIRE_FALSE(first);
  CHECK(first.error().kind == core::ErrorKind::timed_out);
  CHECK_THAT(first.error().detail, CF_CONTAINS("systemd-run"));
  CHECK(service.troubles.size() == 1);
  CHECK(service.start("one"));
  CHECK(service.count_calls() == 1);
}

TEST_CASE("a refusal of tmux in a scope is tmux's, and scopes go on", "[adapters][tmux][server_scope]") {
  Service service(works);
  fs::create_directory(service.server.socket());  // no server can be made there
  auto const refused = service.start("one");
  CHECK_FALSE(refused);
  CHECK(service.troubles.empty());
  fs::remove(service.server.socket());
  CHECK(service.start("one"));
  CHECK(service.count_calls() >= 2);
}

TEST_CASE("who is no service starts its server without systemd", "[adapters][tmux][server_scope]") {
  Service service(works);
  test::Environment const none{"INVOCATION_ID", std::nullopt};
  test::Environment const silent{"NOTIFY_SOCKET", std::nullopt};
  REQUIRE(service.start("one"));
  CHECK(service.calls().empty());
}

TEST_CASE("nobody listens at a socket that is missing, a file, or left behind", "[adapters][socket_listener]") {
  test::ScratchDirectory const root;
  using core::ErrorKind;
  CHECK(adapters::listener_of(root / "none").error().kind == ErrorKind::not_found);
  test::put_file(root / "file", "");
  CHECK(adapters::listener_of(root / "file").error().kind == ErrorKind::unavailable);
  CHECK(adapters::listener_of(root / std::string(200, 'x')).error().kind == ErrorKind::invalid);
  test::TmuxServer server;
  (void)server.session("one", {"sleep", "1000"});
  auto const pid = server.pid();
  server.suspend();
  auto const hanging = adapters::listener_of(server.socket());
  server.resume();
  REQUIRE(hanging);
  CHECK(*hanging == pid);
}
