#include "adapters/tmux.hpp"

#include "test/support/catch.hpp"
#include "test/support/child.hpp"
#include "test/support/tmux_world.hpp"

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace failover;
using adapters::Tmux;
using core::ErrorKind;
using core::PaneRef;
using World = test::TmuxWorld;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

using Clock = std::chrono::steady_clock;

core::effect::StartSession session_of(World const& world, std::string name, std::vector<std::string> argv) {
  core::effect::StartSession request;
  request.session = core::SessionName{std::move(name)};
  request.workdir = world.server.dir().string();
  request.argv = std::move(argv);
  return request;
}

/// A program that shows each byte that it is given, one per line, as octal; asks for bracketed paste.
std::vector<std::string> byte_shower() {
  return {"sh", "-c", "stty raw -echo opost onlcr; printf '\\033[?2004h'; echo ready; exec od -An -v -w1 -to1"};
}

std::size_t tmux_children_of_ours() {
  std::size_t count = 0;
  for (auto const& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "stat");
    std::string line;
    std::getline(file, line);
    auto const after_name = line.rfind(") ");  // the name itself may contain blanks
    if (after_name == std::string::npos) continue;
    char state = 0;
    pid_t parent = 0;
    std::istringstream(line.substr(after_name + 2)) >> state >> parent;
    if (parent == ::getpid() && state != 'Z') ++count;
  }
  return count;
}

struct Environment {
  std::string name;
  std::optional<std::string> before = {};
  Environment(std::string variable, char const* value) : name(std::move(variable)) {
    if (auto const* const old = std::getenv(name.c_str())) before = old;
    ::setenv(name.c_str(), value, 1);
  }
  Environment(Environment const&) = delete;
  Environment& operator=(Environment const&) = delete;
  ~Environment() { before ? ::setenv(name.c_str(), before->c_str(), 1) : ::unsetenv(name.c_str()); }
};

}  // namespace

TEST_CASE("without a server every command is unavailable and no server is started", "[adapters][tmux]") {
  World world;
  auto const listed = world.run(world.tmux.list_panes());
  REQUIRE_FALSE(listed);
  CHECK(listed.error().kind == ErrorKind::unavailable);
  CHECK_THAT(listed.error().detail, CF_CONTAINS("no tmux server at " + world.server.socket()));
  PaneRef const pane{1, 1, core::PaneId{"%0"}};
  CHECK(world.run(world.tmux.capture({pane})).error().kind == ErrorKind::unavailable);
  CHECK(world.run(world.tmux.press_enter(pane)).error().kind == ErrorKind::unavailable);
  CHECK(world.run(world.tmux.paste(pane, "x")).error().kind == ErrorKind::unavailable);
  auto const started = world.run(world.tmux.start_session(session_of(world, "a", {"cat"})));
  CHECK(started.error().kind == ErrorKind::unavailable);
  CHECK_FALSE(std::filesystem::exists(world.server.socket()));
}

TEST_CASE("a stale socket is no server", "[adapters][tmux]") {
  World world;
  (void)world.server.session("a", {"cat"});
  ::kill(world.server.pid(), SIGKILL);
  auto const listed = world.run(world.tmux.list_panes());
  REQUIRE_FALSE(listed);
  CHECK(listed.error().kind == ErrorKind::unavailable);
}

TEST_CASE("tmux that is not installed is not_found", "[adapters][tmux]") {
  World world;
  Environment const path("PATH", world.server.dir().c_str());
  auto const listed = world.run(world.tmux.list_panes());
  REQUIRE_FALSE(listed);
  CHECK(listed.error().kind == ErrorKind::not_found);
  CHECK_THAT(listed.error().detail, CF_CONTAINS("tmux is not installed"));
}

TEST_CASE("an empty socket means the one where tmux itself would look", "[adapters][tmux]") {
  boost::asio::io_context loop{1};
  Environment const dir("TMUX_TMPDIR", "/some/where");
  Tmux const tmux(loop.get_executor(), {});
  CHECK(tmux.socket() == "/some/where/tmux-" + std::to_string(::geteuid()) + "/default");
}

TEST_CASE("a listing tells every pane's identity, place, size and state", "[adapters][tmux]") {
  World world;
  auto const id = world.server.session("work", {"cat"}, 111, 33);
  (void)world.server.command({"split-window", "-d", "-t", "=work:", "--", "env", "sleep", "1000"});
  (void)world.server.command({"set-option", "-t", "=work:", "@cf_owner", "claude-failover"});
  (void)world.server.session("other", {"sleep", "1000"});
  (void)world.server.command({"copy-mode", "-t", "=other:"});
  auto const panes = world.run(world.tmux.list_panes());
  REQUIRE(panes);
  REQUIRE(panes->size() == 3);
  CHECK_FALSE(panes->back().active);  // a session's active pane comes before its others
  auto const work = world.pane_of("work");
  REQUIRE(work);
  CHECK(work->pane == world.ref("=work:"));
  CHECK(work->pane.id.str() == id);
  CHECK(work->pid == std::stoll(world.server.format("=work:", "#{pane_pid}")));
  CHECK(work->command == "cat");
  CHECK(work->cwd == world.server.dir().string());
  CHECK(work->columns == 111);
  CHECK(work->owner_mark == "claude-failover");
  CHECK(work->active);
  CHECK_FALSE(work->dead);
  CHECK_FALSE(work->in_mode);
  CHECK_FALSE(work->attached);
  auto const other = world.pane_of("other");
  REQUIRE(other);
  CHECK(other->in_mode);
  CHECK(other->owner_mark.empty());
}

TEST_CASE("hostile names, paths and titles do not confuse a listing", "[adapters][tmux]") {
  World world;
  auto const* const path =
      "a\x1f"
      "b\ncf0000[%9|x]\n#{pid}\xff\t é";
  auto const hostile = world.server.dir() / path;
  std::filesystem::create_directories(hostile);
  (void)world.server.session("a b;c $(id)", {"sh", "-c", "cd \"$1\"; printf '\\033]2;#(touch canary)\\007'; exec cat",
                                             "sh", hostile.string()});
  (void)world.server.session("plain", {"cat"});
  REQUIRE(test::eventually([&] {
    auto const panes = world.run(world.tmux.list_panes());
    return panes && panes->size() == 2 && (*panes)[0].cwd == hostile.string() && (*panes)[0].command == "cat";
  }));
  CHECK(world.pane_of("plain").has_value());
  CHECK(world.pane_of("a b;c $(id)").has_value());
  CHECK_FALSE(std::filesystem::exists(world.server.dir() / "canary"));
}

TEST_CASE("the locale C changes nothing of what is read", "[adapters][tmux]") {
  World world;
  auto const dir = world.server.dir() / "é\tü";
  std::filesystem::create_directories(dir);
  Environment const locale("LC_ALL", "C");
  auto request = session_of(world, "a", {"sh", "-c", "echo 'grün ❯'; exec cat"});
  (void)world.server.session("first", {"cat"});
  request.workdir = dir.string();
  auto const started = world.run(world.tmux.start_session(request));
  REQUIRE(started);
  CHECK(test::eventually([&] { return world.pane_of("a").value().cwd == dir.string(); }));
  CHECK(test::eventually([&] {
    auto const screens = world.run(world.tmux.capture({*started}));
    return screens && screens->size() == 1 && (*screens)[0].text.starts_with("grün ❯\n");
  }));
}

TEST_CASE("a session of ours has its directory, environment, words, size and mark", "[adapters][tmux]") {
  World world;
  (void)world.server.session("first", {"cat"});
  auto const dir = world.server.dir() / "odd #{pid} #(touch canary) dir;";
  std::filesystem::create_directories(dir);
  auto request = session_of(
      world, "pool-1", {"sh", "-c", "printf '%s|' \"$A\" \"$B\" \"$@\"; exec cat", "sh", "x;", ";", "#{pid}", "$(id)"});
  request.workdir = dir.string();
  request.environment = {{"A", "one;"}, {"B", "#{pid} $HOME"}};
  request.columns = 130;
  request.rows = 41;
  auto const pane = world.run(world.tmux.start_session(request));
  REQUIRE(pane);
  CHECK(*pane == world.ref("=pool-1:"));
  CHECK(world.server.shows("=pool-1:", "one;|#{pid} $HOME|x;|;|#{pid}|$(id)|"));
  auto const info = world.pane_of("pool-1");
  REQUIRE(info);
  CHECK(info->cwd == dir.string());
  CHECK(info->columns == 130);
  CHECK(info->rows == 41);
  CHECK(info->owner_mark == "claude-failover");
  CHECK_FALSE(std::filesystem::exists(dir / "canary"));
  CHECK_FALSE(std::filesystem::exists(world.server.dir() / "canary"));
}

TEST_CASE("a session of ours is never smaller than 80 by 24", "[adapters][tmux]") {
  World world;
  (void)world.server.session("first", {"cat"});
  auto request = session_of(world, "a", {"cat"});
  request.columns = 10;
  request.rows = 10;
  REQUIRE(world.run(world.tmux.start_session(request)));
  CHECK(world.server.format("=a:", "#{pane_width}x#{pane_height}") == "80x24");
}

TEST_CASE("a program of one word is run as it is, without a shell", "[adapters][tmux]") {
  World world;
  (void)world.server.session("first", {"cat"});
  auto const program = world.server.dir() / "my agent;";
  std::ofstream(program) << "#!/bin/sh\necho started as it is\nexec cat\n";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  REQUIRE(world.run(world.tmux.start_session(session_of(world, "a", {program.string()}))));
  CHECK(world.server.shows("=a:", "started as it is"));
}

TEST_CASE("a program that ends at once leaves its pane to be seen as dead", "[adapters][tmux]") {
  World world;
  (void)world.server.session("first", {"cat"});
  REQUIRE(world.run(world.tmux.start_session(session_of(world, "a", {"sh", "-c", "exit 3"}))));
  CHECK(test::eventually([&] { return world.pane_of("a").has_value() && world.pane_of("a")->dead; }));
}

TEST_CASE("a session name that exists already is already_exists, and left alone", "[adapters][tmux]") {
  World world;
  (void)world.server.session("a", {"cat"});
  auto const before = world.ref("=a:");
  auto const started = world.run(world.tmux.start_session(session_of(world, "a", {"cat"})));
  REQUIRE_FALSE(started);
  CHECK(started.error().kind == ErrorKind::already_exists);
  CHECK(world.ref("=a:") == before);
  CHECK(world.pane_of("a")->owner_mark.empty());
}

TEST_CASE("a session whose name begins another's is not that one", "[adapters][tmux]") {
  World world;
  (void)world.server.session("foobar", {"cat"});
  REQUIRE(world.run(world.tmux.start_session(session_of(world, "foo", {"cat"}))));
  CHECK(world.pane_of("foo")->owner_mark == "claude-failover");
  CHECK(world.pane_of("foobar")->owner_mark.empty());
}

TEST_CASE("names that tmux would change or expand, and missing directories, are refused", "[adapters][tmux]") {
  World world;
  (void)world.server.session("first", {"cat"});
  for (auto const* name : {"", "a.b", "a:b", "#(touch canary)", "-x", "a b", "a;", "a*", "é"}) {
    auto const started = world.run(world.tmux.start_session(session_of(world, name, {"cat"})));
    REQUIRE_FALSE(started);
    CHECK(started.error().kind == ErrorKind::invalid);
  }
  auto request = session_of(world, "a", {"cat"});
  request.workdir += "/nowhere";
  auto const started = world.run(world.tmux.start_session(request));
  REQUIRE_FALSE(started);
  CHECK(started.error().kind == ErrorKind::not_found);
  CHECK_THAT(started.error().detail, CF_CONTAINS("/nowhere"));
  CHECK_FALSE(std::filesystem::exists(world.server.dir() / "canary"));
}

TEST_CASE("a server is started where the configuration says so, also right after one ended", "[adapters][tmux]") {
  World world(seconds{20}, true);
  Environment const home("HOME", world.server.dir().c_str());
  for (int round = 0; round < 10; ++round) {
    auto const started = world.run(world.tmux.start_session(session_of(world, "a", {"cat"})));
    REQUIRE(started);
    auto const pid = world.server.pid();
    CHECK(started->server_pid == pid);
    (void)world.server.command({"kill-server"});
  }
}

TEST_CASE("restarting runs the new program in the same pane, with its directory and environment", "[adapters][tmux]") {
  World world;
  (void)world.server.session("a", {"sh", "-c", "echo old; exec sleep 1000"});
  REQUIRE(world.server.shows("=a:", "old"));
  auto const old_pid = world.pane_of("a")->pid;
  auto const dir = world.server.dir() / "new #{pid} 'dir'";
  std::filesystem::create_directories(dir);
  core::effect::RestartAgent request;
  request.session = core::SessionName{"a"};
  request.pane = world.ref("=a:");
  request.workdir = dir.string();
  request.argv = {"sh", "-c", "printf '%s|' \"$A\" \"$@\"; exec cat", "sh", "it's;", "two\nrows", "{ } %1 ~ $HOME"};
  request.environment = {{"A", "x;"}};
  REQUIRE(world.run(world.tmux.restart(request)));
  CHECK(world.server.shows("=a:", "x;|it's;|two\nrows|{ } %1 ~ $HOME|"));
  auto const info = world.pane_of("a");
  REQUIRE(info);
  CHECK(info->pane == request.pane);
  CHECK(info->pid != old_pid);
  CHECK(info->cwd == dir.string());
}

TEST_CASE("a restarted program that ends keeps its pane and its session", "[adapters][tmux]") {
  World world;
  (void)world.server.session("a", {"cat"});
  core::effect::RestartAgent request;
  request.pane = world.ref("=a:");
  request.workdir = world.server.dir().string();
  request.argv = {"false"};
  REQUIRE(world.run(world.tmux.restart(request)));
  CHECK(test::eventually([&] { return world.pane_of("a").has_value() && world.pane_of("a")->dead; }));
  auto const status = world.pane_of("a")->exit_status;
  CHECK(status.value_or(1) == 1);  // now and then 3.3a does not say
  request.argv = {"cat"};
  REQUIRE(world.run(world.tmux.restart(request)));
  CHECK_FALSE(world.pane_of("a")->dead);
}

TEST_CASE("a pane of ours is ended with what runs in it, and no other", "[adapters][tmux]") {
  World world;
  (void)world.server.session("a", {"cat"});
  (void)world.server.session("b", {"cat"});
  (void)world.server.command({"set-option", "-t", "=a:", "@cf_owner", "claude-failover"});
  auto const persons = world.run(world.tmux.end_pane(world.ref("=b:")));
  REQUIRE_FALSE(persons);
  CHECK(persons.error().kind == ErrorKind::refused);
  auto const ours = world.ref("=a:");
  auto other_server = ours;
  ++other_server.server_start;
  auto const not_it = world.run(world.tmux.end_pane(other_server));
  REQUIRE_FALSE(not_it);
  CHECK(not_it.error().kind == ErrorKind::not_found);
  REQUIRE(world.run(world.tmux.end_pane(ours)));
  CHECK_FALSE(world.pane_of("a"));
  CHECK(world.pane_of("b"));
  auto const again = world.run(world.tmux.end_pane(ours));
  REQUIRE_FALSE(again);
  CHECK(again.error().kind == ErrorKind::not_found);
}

TEST_CASE("all that a restarted program said before it ended is captured, also its first row", "[adapters][tmux]") {
  World world;
  (void)world.server.session("a", {"cat"});
  core::effect::RestartAgent request;
  request.pane = world.ref("=a:");
  request.workdir = world.server.dir().string();
  // It ends when its words were drawn: tmux 3.3a sometimes drops what a program writes just before its end.
  request.argv = {"sh", "-c", "echo No conversation found with session ID: x; read key; exit 1"};
  REQUIRE(world.run(world.tmux.restart(request)));
  REQUIRE(world.server.shows("=a:", "session ID: x"));
  REQUIRE(world.run(world.tmux.press_enter(request.pane)));
  REQUIRE(test::eventually([&] { return world.pane_of("a").has_value() && world.pane_of("a")->dead; }));
  auto const screens = world.run(world.tmux.capture({request.pane}));
  REQUIRE(screens);
  REQUIRE(screens->size() == 1);
  CHECK_THAT(screens->front().text, CF_CONTAINS("No conversation found with session ID: x\n"));
}

TEST_CASE("a pane that is gone or another server's is neither restarted nor typed into", "[adapters][tmux]") {
  World world;
  (void)world.server.session("a", byte_shower());
  REQUIRE(world.server.shows("=a:", "ready"));
  auto const old = world.ref("=a:");
  (void)world.server.command({"kill-server"});
  REQUIRE(test::eventually([&] {
    (void)world.server.command({"list-sessions"});
    return world.server.last_status() != 0;
  }));
  REQUIRE(test::eventually([&] {
    (void)world.server.command({"new-session", "-d", "-s", "canary", "--", "sh", "-c", byte_shower()[2]});
    return world.server.last_status() == 0;
  }));
  REQUIRE(world.server.format("=canary:", "#{pane_id}") == old.id.str());
  REQUIRE(world.server.shows("=canary:", "ready"));
  auto const before = world.server.format("=canary:", "#{pane_pid}");

  core::effect::RestartAgent request;
  request.pane = old;
  request.workdir = world.server.dir().string();
  request.argv = {"cat"};
  CHECK(world.run(world.tmux.restart(request)).error().kind == ErrorKind::not_found);
  CHECK(world.run(world.tmux.press_enter(old)).error().kind == ErrorKind::not_found);
  CHECK(world.run(world.tmux.press_escape(old)).error().kind == ErrorKind::not_found);
  auto const pasted = world.run(world.tmux.paste(old, "secret plan"));
  REQUIRE_FALSE(pasted);
  CHECK(pasted.error().kind == ErrorKind::not_found);
  CHECK_THAT(pasted.error().detail, CF_CONTAINS("replaced"));
  CHECK(world.run(world.tmux.capture({old})).value().empty());

  auto present = world.ref("=canary:");
  auto missing = present;
  missing.id = core::PaneId{"%77"};
  CHECK(world.run(world.tmux.press_enter(missing)).error().kind == ErrorKind::not_found);
  missing.id = core::PaneId{"%0 ; kill-server"};
  CHECK(world.run(world.tmux.press_enter(missing)).error().kind == ErrorKind::invalid);

  // What reaches the canary after all this is the one key that was meant for it.
  REQUIRE(world.run(world.tmux.press_escape(present)));
  CHECK(world.server.shows("=canary:", "033"));
  CHECK(world.server.screen("=canary:").starts_with("ready\n 033\n\n"));
  CHECK(world.server.format("=canary:", "#{pane_pid}") == before);
  CHECK(world.server.command({"list-buffers"}).empty());
}

TEST_CASE("keys reach the program: Escape, Enter", "[adapters][tmux]") {
  World world;
  (void)world.server.session("a", byte_shower());
  REQUIRE(world.server.shows("=a:", "ready"));
  auto const pane = world.ref("=a:");
  REQUIRE(world.run(world.tmux.press_escape(pane)));
  REQUIRE(world.run(world.tmux.press_enter(pane)));
  CHECK(world.server.shows("=a:", " 033\n 015\n"));
}

TEST_CASE("a look tells when a person last typed, and what we type does not count", "[adapters][tmux]") {
  World world;
  (void)world.server.session("a", {"cat"});
  auto const ref = world.ref("=a:");
  CHECK_FALSE(world.run(world.tmux.capture({ref}))->front().typed_at);
  // script(1) gives the client its terminal; what comes through the pipe are keys.
  auto const pipe = (world.server.dir() / "keys").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  adapters::UniqueFd const keys{::open(pipe.c_str(), O_RDWR | O_CLOEXEC)};
  test::Child const person{{"script", "-qc", "tmux -u -S " + world.server.socket() + " attach -t =a:", "/dev/null"},
                           pipe,
                           (world.server.dir() / "seen").string()};
  auto const attached = [&] { return world.run(world.tmux.capture({ref}))->front().typed_at.has_value(); };
  REQUIRE(test::eventually(attached));
  auto const at_first = *world.run(world.tmux.capture({ref}))->front().typed_at;
  auto const now = [] { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); };
  REQUIRE(test::eventually([&] { return now() > at_first; }));  // the time is told in whole seconds
  REQUIRE(world.run(world.tmux.paste(ref, "ours")));
  REQUIRE(world.run(world.tmux.press_enter(ref)));
  CHECK(*world.run(world.tmux.capture({ref}))->front().typed_at == at_first);
  REQUIRE(::write(keys.get(), "x", 1) == 1);
  CHECK(test::eventually([&] { return *world.run(world.tmux.capture({ref}))->front().typed_at > at_first; }));
}

TEST_CASE("a paste arrives bracketed, without controls, and leaves no buffer", "[adapters][tmux]") {
  World world;
  (void)world.server.session("a", byte_shower());
  REQUIRE(world.server.shows("=a:", "ready"));
  REQUIRE(world.run(world.tmux.paste(world.ref("=a:"), "a\n\x1b[201~;")));
  // ESC [ 2 0 0 ~ a CR [ 2 0 1 ~ ; ESC [ 2 0 1 ~
  CHECK(world.server.shows("=a:",
                           " 033\n 133\n 062\n 060\n 060\n 176\n 141\n 015\n 133\n 062\n 060\n 061\n 176\n 073\n"
                           " 033\n 133\n 062\n 060\n 061\n 176"));
  CHECK(world.server.command({"list-buffers"}).empty());
}

TEST_CASE("a large paste arrives whole", "[adapters][tmux]") {
  World world;
  (void)world.server.session("a", {"sh", "-c", "stty raw -echo; echo ready; head -c 200000 | md5sum; exec cat"});
  REQUIRE(world.server.shows("=a:", "ready"));
  REQUIRE(world.run(world.tmux.paste(world.ref("=a:"), std::string(200000, 'x'))));
  CHECK(world.server.shows("=a:", "4b98146705d4b0b98b758a78ff6fb73f"));
}

TEST_CASE("a paste of control characters alone is invalid", "[adapters][tmux]") {
  World world;
  (void)world.server.session("a", {"cat"});
  CHECK(world.run(world.tmux.paste(world.ref("=a:"), "\x1b\x03")).error().kind == ErrorKind::invalid);
}

TEST_CASE("a pane that would not take the keys gets none, and no buffer stays", "[adapters][tmux]") {
  World world;
  (void)world.server.session("a", byte_shower());
  (void)world.server.command({"split-window", "-d", "-t", "=a:", "--", "env", "cat"});
  REQUIRE(world.server.shows("=a:", "ready"));
  auto const pane = world.ref("=a:");
  auto const id = pane.id.str();
  auto const refused_with = [&](std::string const& reason) {
    for (auto const& outcome : {world.run(world.tmux.press_enter(pane)), world.run(world.tmux.press_escape(pane)),
                                world.run(world.tmux.paste(pane, "text"))}) {
      REQUIRE_FALSE(outcome);
      CHECK(outcome.error().kind == ErrorKind::refused);
      CHECK_THAT(outcome.error().detail, CF_CONTAINS(reason));
    }
  };
  (void)world.server.command({"copy-mode", "-t", id});
  refused_with("copy mode");
  (void)world.server.command({"send-keys", "-t", id, "-X", "cancel"});
  (void)world.server.command({"set-option", "-w", "-t", id, "synchronize-panes", "on"});
  refused_with("synchronize-panes");
  (void)world.server.command({"set-option", "-w", "-t", id, "synchronize-panes", "off"});
  (void)world.server.command({"select-pane", "-d", "-t", id});
  refused_with("input switched off");
  (void)world.server.command({"select-pane", "-e", "-t", id});
  CHECK(world.server.screen(id).starts_with("ready\n\n"));
  (void)world.server.command({"set-option", "-p", "-t", id, "remain-on-exit", "on"});
  ::kill(static_cast<pid_t>(std::stol(world.server.format(id, "#{pane_pid}"))), SIGKILL);
  REQUIRE(test::eventually([&] { return world.server.format(id, "#{pane_dead}") == "1"; }));
  refused_with("has ended");
  CHECK(world.server.command({"list-buffers"}).empty());
}

TEST_CASE("a pane's first process is told, and only of the very pane", "[adapters][tmux]") {
  World world;
  (void)world.server.session("a", {"cat"});
  auto pane = world.ref("=a:");
  auto const process = world.run(world.tmux.process_of(pane));
  CHECK(process == core::Result<pid_t>(static_cast<pid_t>(std::stol(world.server.format("=a:", "#{pane_pid}")))));
  pane.server_start += 1;
  auto const of_another_server = world.run(world.tmux.process_of(pane));
  REQUIRE_FALSE(of_another_server);
  CHECK(of_another_server.error().kind == ErrorKind::not_found);
  pane.id = core::PaneId{"%99"};
  auto const gone = world.run(world.tmux.process_of(pane));
  REQUIRE_FALSE(gone);
  CHECK(gone.error().kind == ErrorKind::not_found);
}

TEST_CASE("a server that hangs times out each command, with one child of ours at a time", "[adapters][tmux]") {
  World world(milliseconds{700});
  (void)world.server.session("a", byte_shower());
  REQUIRE(world.server.shows("=a:", "ready"));
  auto const pane = world.ref("=a:");
  world.server.suspend();

  auto const begin = Clock::now();
  std::optional<core::Result<void>> enter;
  std::optional<core::Result<void>> paste;
  std::optional<core::Result<std::vector<core::PaneInfo>>> list;
  int ended = 0;
  auto const count = [&](std::exception_ptr) { ++ended; };
  boost::asio::co_spawn(world.loop, test::keep(world.tmux.press_enter(pane), enter), count);
  boost::asio::co_spawn(world.loop, test::keep(world.tmux.paste(pane, "late"), paste), count);
  boost::asio::co_spawn(world.loop, test::keep(world.tmux.list_panes(), list), count);
  world.loop.restart();
  std::size_t most = 0;
  while (ended < 3 && Clock::now() - begin < seconds{30}) {
    world.loop.run_one_for(milliseconds{20});
    most = std::max(most, tmux_children_of_ours());
  }
  REQUIRE(ended == 3);
  CHECK(most == 1);
  CHECK(enter->error().kind == ErrorKind::timed_out);
  CHECK(paste->error().kind == ErrorKind::timed_out);
  CHECK(list->error().kind == ErrorKind::timed_out);
  CHECK_THAT(list->error().detail, CF_CONTAINS("did not answer within 700 ms"));

  // What was given up is not done when the server goes on, and the next command does its work.
  world.server.resume();
  REQUIRE(test::eventually([&] { return world.run(world.tmux.press_escape(pane)).has_value(); }));
  CHECK(world.server.shows("=a:", "ready\n 033\n"));
  CHECK(world.server.command({"list-buffers"}).empty());
}

TEST_CASE("a loop can be destroyed with commands under way and waiting", "[adapters][tmux]") {
  test::TmuxServer server;
  (void)server.session("a", {"cat"});
  server.suspend();
  std::optional<core::Result<std::vector<core::PaneInfo>>> first;
  std::optional<core::Result<std::vector<core::PaneInfo>>> second;
  {
    boost::asio::io_context loop{1};
    core::TmuxConfig config;
    config.socket = server.socket();
    Tmux tmux(loop.get_executor(), config);
    boost::asio::co_spawn(loop, test::keep(tmux.list_panes(), first), [](std::exception_ptr) {});
    boost::asio::co_spawn(loop, test::keep(tmux.list_panes(), second), [](std::exception_ptr) {});
    loop.poll();
    CHECK(tmux_children_of_ours() == 1);
  }
  CHECK(test::eventually([] { return tmux_children_of_ours() == 0; }));
  CHECK_FALSE(first.has_value());
  CHECK_FALSE(second.has_value());
}

TEST_CASE("a socket of another user is refused", "[adapters][tmux]") {
  if (::geteuid() != 0) {
    SUCCEED("only root can give a file away");
    return;
  }
  World world;
  (void)world.server.session("a", {"cat"});
  REQUIRE(::chown(world.server.socket().c_str(), 12345, 12345) == 0);
  auto const listed = world.run(world.tmux.list_panes());
  REQUIRE_FALSE(listed);
  CHECK(listed.error().kind == ErrorKind::permission);
  CHECK_THAT(listed.error().detail, CF_CONTAINS("12345"));
}
