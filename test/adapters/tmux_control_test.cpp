#include "adapters/tmux_control.hpp"

#include "adapters/program_path.hpp"
#include "adapters/tmux.hpp"
#include "adapters/tmux_replies.hpp"
#include "test/support/catch.hpp"
#include "test/support/child.hpp"
#include "test/support/run_to_end.hpp"
#include "test/support/tmux_server.hpp"

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace failover;
using adapters::RetryPause;
using adapters::Tmux;
using adapters::TmuxControl;
using core::ErrorKind;
using core::PaneRef;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

std::string const mark = "cf00112233445566778899aabbccddeeff";

/// A private server, and a clock that can be put forward.
struct Base {
  test::TmuxServer server = {};
  boost::asio::io_context loop{1};
  core::Duration ahead = {};

  std::function<core::Now()> clock() {
    return [this] {
      auto now = adapters::read_clock();
      now.mono += ahead;
      return now;
    };
  }

  template <class T>
  core::Result<T> run(adapters::Async<T> task) {
    return test::run_to_end(loop, std::move(task), seconds{60});
  }

  PaneRef ref(std::string const& target) {
    return {std::stoll(server.format(target, "#{pid}")), std::stoll(server.format(target, "#{start_time}")),
            core::PaneId{server.format(target, "#{pane_id}")}};
  }

  /// A session whose program shows this text and waits; its pane, once all is to be seen.
  PaneRef showing(std::string const& name, std::string const& text, int columns = 100, int rows = 30) {
    auto const file = server.dir() / name;
    std::ofstream(file) << text << "shown";
    (void)server.session(name, {"sh", "-c", "cat '" + file.string() + "'; exec cat"}, columns, rows);
    REQUIRE(server.shows("=" + name + ":", "shown"));
    return ref("=" + name + ":");
  }

  /// Lets the loop go on until the condition holds.
  bool eventually(std::function<bool()> const& condition) {
    return test::eventually([&] {
      loop.restart();
      loop.poll();
      return condition();
    });
  }
};

struct World : Base {
  TmuxControl control{loop.get_executor(), server.socket(), clock()};

  core::Result<std::string> ask(std::string batch, core::Duration limit = seconds{20}) {
    return run(control.ask(batch + "display-message -p '" + mark + " end'\n", mark, 8 << 20, limit));
  }

  std::string by_child(std::string batch) {
    std::vector<std::string> argv = {"tmux", "-u", "-N", "-S", server.socket(), "source-file", "-"};
    auto const result =
        run(adapters::run_child(loop.get_executor(), std::move(argv), batch + "display-message -p '" + mark + " end'\n",
                                adapters::ChildLimits{seconds{20}, 8 << 20}));
    REQUIRE(result);
    return result->out;
  }

  /// A first answer, by a client that is attached to this session.
  void attach(std::string const& target) {
    control.attach_to(server.format(target, "#{session_id}"));
    REQUIRE(ask(""));
    REQUIRE(test::eventually([&] { return !clients().empty(); }));
  }

  std::string clients() { return server.command({"list-clients", "-F", "#{session_name} #{client_pid}"}); }
};

/// The whole adapter on a private server.
struct Fleet : Base {
  Tmux tmux{loop.get_executor(), config(true), clock()};

  core::TmuxConfig config(bool control_mode) const {
    core::TmuxConfig result;
    result.socket = server.socket();
    result.command_timeout = seconds{20};
    result.control_mode = control_mode;
    return result;
  }

  std::string screen(PaneRef const& pane) {
    auto const screens = run(tmux.capture({pane}));
    return screens && screens->size() == 1 ? screens->front().text : "";
  }

  /// tmux 3.3a may answer a control client before it has attached it.
  bool attached_to(std::string const& session) {
    return test::eventually([&] { return server.command({"list-clients", "-F", "#{session_name}"}) == session; });
  }
};

/// What ended and was not reaped counts, too.
std::size_t children_of_ours() {
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
    if (parent == ::getpid()) ++count;
  }
  return count;
}

/// Whoever it was left to may not have waited for it yet.
bool has_ended(std::string const& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  std::string line;
  if (!std::getline(file, line)) return true;
  return line.substr(line.rfind(')') + 2, 1) == "Z";
}

std::size_t open_descriptors() {
  auto const all = std::filesystem::directory_iterator("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

std::string captures(std::vector<PaneRef> const& panes) {
  std::string batch;
  for (auto const& pane : panes) {
    auto const id = pane.id.str();
    batch += "display-message -p -t " + id + " '" + mark + " #{pid} #{start_time} #{pane_id}'\n";
    batch += "if-shell -F -t " + id + " '#{pane_dead}' { capture-pane -p -J -t " + id +
             " -S -1 } { capture-pane -p -J -t " + id + " }\n";
  }
  return batch;
}

}  // namespace

TEST_CASE("a control client's answer is a child's, byte for byte, of ordinary and of odd screens",
          "[adapters][tmux_control]") {
  World world;
  std::vector<PaneRef> panes;
  for (int i = 0; i < 12; ++i)
    panes.push_back(world.showing("s" + std::to_string(i), "screen " + std::to_string(i) + "\n"));
  panes.push_back(world.showing("odd", "%end 1 2 3\n%begin 1 2 1\n%error 1 2 3\n%exit\n%output %1 x\n%\n\n%end\n"));
  panes.push_back(world.showing("marks", mark.substr(1) + " end\n end\n" + mark.substr(0, 33) + " 1 2 %0\n"));
  std::string wide;
  for (int row = 0; row < 20; ++row) wide += std::string(499, static_cast<char>('a' + row)) + "\n";
  panes.push_back(world.showing("wide", wide + std::string(1200, 'w') + "\n", 500, 50));
  panes.push_back(world.showing("utf8", "grün ❯ 日本語 ⏵⏵ é\u0301 👩‍💻 │╭─╮\n"));
  world.attach("=s0:");
  auto gone = panes.front();
  gone.id = core::PaneId{"%999"};
  panes.insert(panes.begin() + 5, gone);
  auto const batch = "delete-buffer -b cf-nothing\n" + captures(panes) + "list-sessions\n";
  auto const answer = world.ask(batch);
  REQUIRE(answer);
  CHECK(*answer == world.by_child(batch));
  CHECK(adapters::tmux::parse_screens(*answer, mark, panes).size() == panes.size() - 1);
}

TEST_CASE("a screen that shows the right numbers of its block harms no text but its own", "[adapters][tmux_control]") {
  World world;
  auto const first = world.showing("first", "first text\n");
  // Panes are told the numbers that commands get next, at any of the next seconds.
  std::vector<std::string> raw = {"tmux",           "-u", "-N",     "-S", world.server.socket(), "-C",
                                  "attach-session", "-t", "=first:"};
  auto const said = world.run(adapters::run_child(world.loop.get_executor(), std::move(raw), "display-message -p x\n",
                                                  adapters::ChildLimits{seconds{20}, 1 << 20}));
  REQUIRE(said);
  auto const at = said->out.rfind("%begin ");
  REQUIRE(at != std::string::npos);
  std::int64_t time = 0;
  std::int64_t number = 0;
  std::istringstream(said->out.substr(at + 7)) >> time >> number;
  std::string forged;
  for (std::int64_t t = time; t < time + 20; ++t) {
    for (auto n = number; n < number + 400; ++n) {
      forged += "%end " + std::to_string(t) + " " + std::to_string(n) + " 1\n";
    }
  }
  std::ofstream(world.server.dir() / "forged") << forged << "%begin 7 7 7\nforged text\n";
  (void)world.server.session("forger", {"sh", "-c", "stty -echo; cat forged; exec cat"}, 40, 9000);
  auto const forger = world.ref("=forger:");
  auto const last = world.showing("last", "last text\n");
  world.attach("=first:");

  auto const batch = captures({first, forger, last});
  std::optional<std::vector<core::Screen>> screens;
  REQUIRE(test::eventually([&] {
    auto const answer = world.ask(batch);
    REQUIRE(answer);
    screens = adapters::tmux::parse_screens(*answer, mark, {first, forger, last});
    return screens->size() == 3 && (*screens)[1].text.find("forged text") != std::string::npos;
  }));
  auto const whole = adapters::tmux::parse_screens(world.by_child(batch), mark, {first, forger, last});
  CHECK((*screens)[1].text.size() < whole[1].text.size());  // it did meet the numbers
  CHECK((*screens)[0] == whole[0]);
  CHECK((*screens)[2] == whole[2]);
  CHECK_THAT((*screens)[1].text, !CF_CONTAINS("last text"));
}

TEST_CASE("news of the server is no part of an answer", "[adapters][tmux_control]") {
  World world;
  auto const pane = world.showing("a", "text\n");
  world.attach("=a:");
  for (int i = 0; i < 20; ++i) {
    (void)world.server.session("b" + std::to_string(i), {"cat"});
    (void)world.server.command({"rename-session", "-t", "=b" + std::to_string(i), "c" + std::to_string(i)});
    world.loop.restart();
    if (i % 2 == 0) world.loop.poll();
    auto const question = captures(std::vector<PaneRef>(i % 3 == 0 ? 1 : 40, pane));
    auto const answer = world.ask(question);
    REQUIRE(answer);
    CHECK(*answer == world.by_child(question));
  }
}

TEST_CASE("attaching changes no size, no name and no environment", "[adapters][tmux_control]") {
  World world;
  (void)world.server.session("a", {"cat"}, 133, 44);
  (void)world.server.command({"set-environment", "-t", "=a:", "SSH_AUTH_SOCK", "/kept"});
  auto const look = [&] {
    return world.server.command({"list-panes", "-a", "-F", "#{session_name} #{pane_width} #{pane_height}"}) +
           world.server.command({"list-sessions", "-F", "#{session_name}"}) +
           world.server.command({"show-environment", "-t", "=a:"});
  };
  auto const before = look();
  world.attach("=a:");
  CHECK(look() == before);
  CHECK_THAT(look(), CF_CONTAINS("SSH_AUTH_SOCK=/kept"));
}

TEST_CASE("many questions are asked by one client, and leave no descriptor behind", "[adapters][tmux_control]") {
  World world;
  auto const pane = world.showing("a", "text\n");
  (void)world.by_child("");  // the loop has its own by now
  auto const before = open_descriptors();
  world.attach("=a:");
  auto const client = world.clients();
  auto const with_client = open_descriptors();
  for (int i = 0; i < 300; ++i) REQUIRE(world.ask(captures({pane})));
  CHECK(open_descriptors() == with_client);
  CHECK(world.clients() == client);
  CHECK(children_of_ours() == 1);
  REQUIRE(world.run(world.control.ask("", mark, 10, milliseconds{1})).error().kind == ErrorKind::timed_out);
  CHECK(world.eventually([] { return children_of_ours() == 0; }));
  CHECK(open_descriptors() == before);
}

TEST_CASE("without a session to attach to there is no question to ask", "[adapters][tmux_control]") {
  World world;
  (void)world.server.session("a", {"cat"});
  CHECK_FALSE(world.control.usable());
  auto const answer = world.ask("");
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == ErrorKind::unavailable);
  CHECK(world.clients().empty());
}

TEST_CASE("a client whose session is killed is unavailable, and not tried again for ten seconds",
          "[adapters][tmux_control]") {
  World world;
  (void)world.server.session("a", {"cat"});
  (void)world.server.session("b", {"cat"});
  world.attach("=a:");
  (void)world.server.command({"kill-session", "-t", "=a:"});
  REQUIRE(world.eventually([&] { return !world.control.usable(); }));
  CHECK(world.eventually([] { return children_of_ours() == 0; }));
  auto const b = world.server.format("=b:", "#{session_id}");
  world.control.attach_to(b);
  CHECK_FALSE(world.control.usable());
  world.ahead += seconds{10};
  CHECK(world.control.usable());
  CHECK(world.ask(""));
}

TEST_CASE("a session that is not there is unavailable", "[adapters][tmux_control]") {
  World world;
  (void)world.server.session("a", {"cat"});
  world.control.attach_to("$77");
  REQUIRE(world.eventually([&] {
    auto const answer = world.ask("");  // commands that came before tmux looked for the session are answered
    if (!answer) CHECK(answer.error().kind == ErrorKind::unavailable);
    return !world.control.usable();
  }));
  CHECK(world.eventually([] { return children_of_ours() == 0; }));
}

TEST_CASE("a server that hangs times a question out, and is asked again once it goes on", "[adapters][tmux_control]") {
  World world;
  auto const pane = world.showing("a", "text\n");
  auto const session = world.server.format("=a:", "#{session_id}");
  world.attach("=a:");
  world.server.suspend();
  std::string long_batch;  // more than the pipe takes: writing must not wait, either
  for (int i = 0; i < 5000; ++i) long_batch += captures({pane});
  for (auto const& batch : {std::string(), long_batch}) {
    auto const answer = world.ask(batch, milliseconds{300});
    REQUIRE_FALSE(answer);
    CHECK(answer.error().kind == ErrorKind::timed_out);
    CHECK_THAT(answer.error().detail, CF_CONTAINS("300 ms"));
    CHECK(world.eventually([] { return children_of_ours() == 0; }));
    CHECK_FALSE(world.control.usable());
    world.ahead += minutes{5};
    world.control.attach_to(session);
    CHECK(world.control.usable());
  }
  world.server.resume();
  auto const answer = world.ask(captures({pane}));
  REQUIRE(answer);
  CHECK_THAT(*answer, CF_CONTAINS("text\nshown"));
}

TEST_CASE("a server that is killed makes the client unavailable", "[adapters][tmux_control]") {
  World world;
  (void)world.server.session("a", {"cat"});
  world.attach("=a:");
  ::kill(world.server.pid(), SIGKILL);
  auto const answer = world.ask("");
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == ErrorKind::unavailable);
  CHECK(world.eventually([] { return children_of_ours() == 0; }));
}

TEST_CASE("a client goes with the process that asks by it, also while its server hangs", "[adapters][tmux_control]") {
  if (adapters::program_path("setpriv").empty()) {
    WARN("no setpriv(1) here");
    return;
  }
  World world;
  (void)world.server.session("s0", {"cat"});
  auto const id = world.server.format("=s0:", "#{session_id}");
  auto const asker = ::fork();
  REQUIRE(asker >= 0);
  if (asker == 0) {
    boost::asio::io_context loop{1};
    TmuxControl control{loop.get_executor(), world.server.socket(), adapters::read_clock};
    control.attach_to(id);
    (void)test::run_to_end(loop, control.ask("display-message -p '" + mark + " end'\n", mark, 1 << 20, seconds{20}),
                           seconds{20});
    ::pause();
  }
  std::string client;
  bool const attached = test::eventually([&] {
    client = world.server.command({"list-clients", "-F", "#{client_pid}"});
    return !client.empty();
  });
  world.server.suspend();
  ::kill(asker, SIGKILL);
  (void)::waitpid(asker, nullptr, 0);
  REQUIRE(attached);
  CHECK(test::eventually([&] { return has_ended(client); }));
  world.server.resume();
}

TEST_CASE("an answer beyond its bound drops the client", "[adapters][tmux_control]") {
  World world;
  auto const pane = world.showing("a", std::string(1000, 'x'));
  world.attach("=a:");
  auto const answer = world.run(world.control.ask(captures({pane}), mark, 500, seconds{20}));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == ErrorKind::too_large);
  CHECK_FALSE(world.control.usable());
  CHECK(world.eventually([] { return children_of_ours() == 0; }));
}

TEST_CASE("a cancelled question ends its client", "[adapters][tmux_control]") {
  World world;
  (void)world.server.session("a", {"cat"});
  world.attach("=a:");
  world.server.suspend();
  boost::asio::cancellation_signal signal;
  std::optional<core::Result<std::string>> answer;
  bool ended = false;
  boost::asio::co_spawn(world.loop, test::keep(world.control.ask("", mark, 1000, seconds{60}), answer),
                        boost::asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr) { ended = true; }));
  world.loop.restart();
  world.loop.poll();
  signal.emit(boost::asio::cancellation_type::terminal);
  CHECK(world.eventually([&] { return ended && children_of_ours() == 0; }));
}

TEST_CASE("a loop can be destroyed with a question open or a client at rest", "[adapters][tmux_control]") {
  test::TmuxServer server;
  (void)server.session("a", {"cat"});
  auto const session = server.format("=a:", "#{session_id}");
  for (bool const hangs : {false, true}) {
    if (hangs) server.suspend();
    std::optional<core::Result<std::string>> answer;
    {
      boost::asio::io_context loop{1};
      TmuxControl control(loop.get_executor(), server.socket());
      control.attach_to(session);
      auto question = control.ask("display-message -p '" + mark + " end'\n", mark, 1000, seconds{60});
      if (hangs) {
        boost::asio::co_spawn(loop, test::keep(std::move(question), answer), [](std::exception_ptr) {});
        loop.poll();
      } else {
        REQUIRE(test::run_to_end(loop, std::move(question)));
      }
      CHECK(children_of_ours() == 1);
    }
    CHECK(children_of_ours() == 0);
    CHECK_FALSE(answer.has_value());
  }
}

TEST_CASE("pauses double while failures follow a start within ten seconds, up to five minutes",
          "[adapters][tmux_control]") {
  RetryPause pause;
  core::MonoTime now{};
  CHECK(pause.over(now));
  for (auto const wait :
       {seconds{10}, seconds{20}, seconds{40}, seconds{80}, seconds{160}, seconds{300}, seconds{300}}) {
    pause.started(now);
    now += seconds{1};
    pause.failed(now);
    CHECK_FALSE(pause.over(now + wait - milliseconds{1}));
    CHECK(pause.over(now + wait));
    now += wait;
  }
  pause.started(now);
  now += seconds{10};
  pause.failed(now);
  CHECK_FALSE(pause.over(now + seconds{10} - milliseconds{1}));
  CHECK(pause.over(now + seconds{10}));
}

TEST_CASE("once a listing named a session, listings and screens come by the control client",
          "[adapters][tmux_control]") {
  Fleet fleet;
  auto const pane = fleet.showing("a", "text\n");
  CHECK_THAT(fleet.screen(pane), CF_CONTAINS("text\nshown"));
  auto const by_child = fleet.run(fleet.tmux.list_panes());
  REQUIRE(by_child);
  CHECK(fleet.tmux.transports() == core::TransportCounts{"child", 0, 2, 0});
  CHECK_THAT(fleet.screen(pane), CF_CONTAINS("text\nshown"));
  CHECK(fleet.run(fleet.tmux.list_panes()) == by_child);
  CHECK(fleet.tmux.transports() == core::TransportCounts{"control", 2, 2, 0});
  REQUIRE(fleet.run(fleet.tmux.capture_colours(pane)));
  CHECK(fleet.tmux.transports() == core::TransportCounts{"child", 2, 3, 0});
}

TEST_CASE("the control client counts neither as a person nor as a key", "[adapters][tmux_control]") {
  Fleet fleet;
  auto const pane = fleet.showing("a", "text\n");
  REQUIRE(fleet.run(fleet.tmux.list_panes()));
  for (int i = 0; i < 3; ++i) {
    auto const screens = fleet.run(fleet.tmux.capture({pane}));
    REQUIRE(screens);
    REQUIRE(screens->size() == 1);
    CHECK_FALSE(screens->front().typed_at);
    auto const panes = fleet.run(fleet.tmux.list_panes());
    REQUIRE(panes);
    CHECK_FALSE(panes->front().attached);
  }
  CHECK(fleet.tmux.transports().in_use == "control");
  CHECK(fleet.attached_to("a"));
}

TEST_CASE("a person's terminal counts beside the control client, also by a session that shares the window",
          "[adapters][tmux_control]") {
  Fleet fleet;
  auto const pane = fleet.showing("a", "text\n");
  auto const other = fleet.showing("other", "text\n");
  (void)fleet.server.command({"new-session", "-d", "-t", "=a", "-s", "shared"});
  REQUIRE(fleet.run(fleet.tmux.list_panes()));
  auto const pipe = (fleet.server.dir() / "keys").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  adapters::UniqueFd const keys{::open(pipe.c_str(), O_RDWR | O_CLOEXEC)};
  test::Child const person{
      {"script", "-qc", "tmux -u -S " + fleet.server.socket() + " attach -t =shared:", "/dev/null"},
      pipe,
      (fleet.server.dir() / "seen").string()};
  REQUIRE(test::eventually([&] {
    auto const screens = fleet.run(fleet.tmux.capture({pane, other}));
    return screens && screens->size() == 2 && (*screens)[0].typed_at && !(*screens)[1].typed_at;
  }));
  auto const panes = fleet.run(fleet.tmux.list_panes());
  REQUIRE(panes);
  CHECK(fleet.tmux.transports().in_use == "control");
  REQUIRE(panes->size() == 3);
  for (auto const& seen : *panes) CHECK(seen.attached == (seen.session.str() == "shared"));
}

TEST_CASE("with tmux.control_mode off all goes by children", "[adapters][tmux_control]") {
  Fleet fleet;
  auto const pane = fleet.showing("a", "text\n");
  Tmux tmux(fleet.loop.get_executor(), fleet.config(false));
  REQUIRE(fleet.run(tmux.list_panes()));
  REQUIRE(fleet.run(tmux.capture({pane})));
  CHECK(tmux.transports() == core::TransportCounts{"child", 0, 2, 0});
  CHECK(fleet.server.command({"list-clients"}).empty());
}

TEST_CASE("when the control client fails a child answers, and later a control client again",
          "[adapters][tmux_control]") {
  Fleet fleet;
  (void)fleet.server.session("a", {"cat"});
  auto const pane = fleet.showing("b", "text\n");
  (void)fleet.server.command({"set-option", "-t", "=a:", "@cf_owner", "claude-failover"});
  REQUIRE(fleet.run(fleet.tmux.list_panes()));
  CHECK_THAT(fleet.screen(pane), CF_CONTAINS("text"));
  REQUIRE(fleet.tmux.transports().in_use == "control");
  REQUIRE(fleet.attached_to("a"));
  (void)fleet.server.command({"kill-session", "-t", "=a:"});
  CHECK(test::eventually([&] {
    CHECK_THAT(fleet.screen(pane), CF_CONTAINS("text"));
    return fleet.tmux.transports().in_use == "child";
  }));
  CHECK(fleet.tmux.transports().fallbacks <= 1);
  REQUIRE(fleet.run(fleet.tmux.list_panes()));
  CHECK_THAT(fleet.screen(pane), CF_CONTAINS("text"));
  CHECK(fleet.tmux.transports().in_use == "child");
  fleet.ahead += seconds{10};
  CHECK_THAT(fleet.screen(pane), CF_CONTAINS("text"));
  CHECK(fleet.tmux.transports().in_use == "control");
  CHECK(fleet.attached_to("b"));
}

TEST_CASE("what timed out by the control client is not asked again by a child", "[adapters][tmux_control]") {
  Fleet fleet;
  auto const pane = fleet.showing("a", "text\n");
  auto config = fleet.config(true);
  config.command_timeout = milliseconds{700};
  Tmux tmux(fleet.loop.get_executor(), config, fleet.clock());
  REQUIRE(test::eventually([&] { return fleet.run(tmux.list_panes()).has_value(); }));
  REQUIRE(test::eventually([&] { return fleet.run(tmux.capture({pane})).has_value(); }));
  REQUIRE(tmux.transports().in_use == "control");
  auto const before = tmux.transports();
  fleet.server.suspend();
  auto const screens = fleet.run(tmux.capture({pane}));
  REQUIRE_FALSE(screens);
  CHECK(screens.error().kind == ErrorKind::timed_out);
  CHECK_THAT(screens.error().detail, CF_CONTAINS("did not answer within 700 ms"));
  CHECK(tmux.transports() == core::TransportCounts{"control", before.control + 1, before.child, 0});
  CHECK(fleet.eventually([] { return children_of_ours() == 0; }));
  fleet.server.resume();
  CHECK(test::eventually([&] { return fleet.run(tmux.capture({pane})).has_value(); }));
}
