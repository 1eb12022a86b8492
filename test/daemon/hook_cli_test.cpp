#include "adapters/hook_endpoint.hpp"
#include "adapters/spool.hpp"
#include "daemon/cli/hook.hpp"
#include "test/support/catch.hpp"
#include "test/support/child.hpp"
#include "test/support/environment.hpp"
#include "test/support/running_server.hpp"
#include "test/support/scratch_directory.hpp"

#include <chrono>
#include <thread>

#include <sys/socket.h>
#include <sys/un.h>

using namespace failover;
using namespace failover::daemon;
using namespace failover::test;
using namespace std::chrono_literals;

namespace {

std::string const program = std::string{CF_BIN_DIR} + "/claude-failover";
core::WallTime const now{core::Duration{1795392000000}};

std::string const stop_failure =
    R"({"session_id":"one","transcript_path":"/t/one.jsonl","cwd":"/w","hook_event_name":"StopFailure",)"
    R"("error":"rate_limit","last_assistant_message":"You've hit your session limit · resets 8pm"})";
std::string const figures =
    R"({"session_id":"one","version":"2.1.330","rate_limits":{"five_hour":{"used_percentage":91.9,)"
    R"("resets_at":1795383947},"seven_day":{"used_percentage":40,"resets_at":1795635347}}})";

template <class Condition>
bool comes_true(Condition condition) {
  auto const last = std::chrono::steady_clock::now() + 20s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > last) return false;
    std::this_thread::yield();
  }
  return true;
}

struct Ended {
  int code = 0;
  std::string output = {};  ///< of standard output and error
};

/// A place for a daemon, with or without one, and an agent that calls our commands.
struct Place {
  ScratchDirectory scratch;
  std::string socket = scratch / "control.sock";
  std::string spool = scratch / "spool";
  Environment tmux{"TMUX", "/tmp/tmux-1/default,4242,0"};
  Environment pane{"TMUX_PANE", "%7"};
  Environment config_dir{"CLAUDE_CONFIG_DIR", "/home/dev/cfg/main"};

  Ended call(std::vector<std::string> arguments, std::string const& input) const {
    put_file(scratch / "in", input);
    arguments.insert(arguments.begin(), program);
    Child child{arguments, scratch / "in", scratch / "out"};
    REQUIRE(child.started());
    auto const code = child.wait();
    return {code, file_bytes(scratch / "out")};
  }
  [[nodiscard]] std::vector<std::string> at(std::string const& command) const {
    return {command, "--socket", socket, "--spool", spool};
  }
  [[nodiscard]] std::vector<core::Event> spooled() const {
    std::vector<core::Event> events;
    auto reading = adapters::read_spool(spool, now).value();
    CHECK(reading.bad == 0);
    for (auto& news : reading.news) events.push_back(std::move(news.event));
    return events;
  }
};

/// The daemon's server; what it was told is looked at on its loop.
struct Daemon {
  adapters::ToldOnce once;
  std::vector<core::Event> told = {};
  adapters::TellEvent tell = [this](core::Event news) { told.push_back(std::move(news)); };
  adapters::HttpHandler hooks = adapters::hook_handler(tell, once);
  adapters::HttpHandler lines = adapters::statusline_handler(tell, once);
  RunningServer server{[this](adapters::HttpRequest const& request) {
    return request.path == "/hooks/claude" ? hooks(request) : lines(request);
  }};

  explicit Daemon(std::string const& socket) { server.listen_unix(socket); }
  std::vector<core::Event> news() {
    return server.on_loop([this] { return told; });
  }
};

/// Whatever way the news took on a machine that may be busy.
std::vector<core::Event> all_news(Place const& place, Daemon& daemon) {
  auto events = daemon.news();
  for (auto& event : place.spooled())
    if (std::find(events.begin(), events.end(), event) == events.end()) events.push_back(std::move(event));
  return events;
}

/// A listening socket behind which nobody works.
adapters::UniqueFd silent_listener(std::string const& path) {
  adapters::UniqueFd listener{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  REQUIRE(::bind(listener.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0);
  REQUIRE(::listen(listener.get(), 8) == 0);
  return listener;
}

bool is_quiet(Ended const& ended) {
  return ended.code == 0 && ended.output.empty();
}

}  // namespace

TEST_CASE("a hook's call reaches the daemon with the pane that it came from", "[daemon][hook_cli]") {
  Place const place;
  Daemon daemon{place.socket};
  CHECK(is_quiet(place.call(place.at("hook"), stop_failure)));
  auto const news = all_news(place, daemon);
  REQUIRE(news.size() == 1);
  auto const& call = std::get<core::event::HookCalled>(news[0]).call;
  CHECK(call.name == "StopFailure");
  CHECK(call.error == "rate_limit");
  CHECK(call.caller == core::Caller{4242, core::PaneId{"%7"}, "/home/dev/cfg/main"});
  CHECK(call.at > now - std::chrono::hours{24 * 365 * 30});
}

TEST_CASE("a status line's figures reach the daemon, and its line is short", "[daemon][hook_cli]") {
  Place const place;
  Daemon daemon{place.socket};
  auto const ended = place.call(place.at("statusline"), figures);
  CHECK(ended.code == 0);
  CHECK(ended.output == "5h 91% · week 40%\n");
  auto const news = all_news(place, daemon);
  REQUIRE(news.size() == 1);
  CHECK(std::get<core::event::UsageTold>(news[0]).report.weekly == core::WindowUse{40, core::WallTime{1795635347s}});
}

TEST_CASE("while the daemon is down calls wait in the spool, in order", "[daemon][hook_cli]") {
  Place const place;
  CHECK(is_quiet(place.call(place.at("hook"), stop_failure)));
  CHECK(is_quiet(place.call(place.at("hook"), R"({"session_id":"one","hook_event_name":"SessionEnd"})")));
  CHECK(place.call(place.at("statusline"), figures).code == 0);
  auto const events = place.spooled();
  REQUIRE(events.size() == 3);
  CHECK(std::get<core::event::HookCalled>(events[0]).call.name == "StopFailure");
  CHECK(std::get<core::event::HookCalled>(events[1]).call.name == "SessionEnd");
  CHECK(std::get<core::event::UsageTold>(events[2]).report.five_hour->used_percent == 91.9);
}

TEST_CASE("a daemon that takes the call and never answers does not hold the agent", "[daemon][hook_cli]") {
  Place const place;
  auto const listener = silent_listener(place.socket);
  CHECK(is_quiet(place.call(place.at("hook"), stop_failure)));
  CHECK(place.spooled().size() == 1);
}

TEST_CASE("what stands at the socket's path may be anything", "[daemon][hook_cli]") {
  Place place;
  put_file(place.socket, "no socket");
  CHECK(is_quiet(place.call(place.at("hook"), stop_failure)));
  CHECK(place.spooled().size() == 1);
  std::filesystem::remove(place.socket);
  std::filesystem::create_directory(place.socket);
  CHECK(is_quiet(place.call(place.at("hook"), stop_failure)));
  CHECK(place.spooled().size() == 1);
}

TEST_CASE("a daemon that cannot answer now gets the call again later", "[daemon][hook_cli]") {
  for (unsigned const status : {500U, 503U, 404U, 422U}) {
    Place const place;
    RunningServer server{[status](auto const&) { return adapters::error_response(status, "x", "y"); }};
    server.listen_unix(place.socket);
    CHECK(is_quiet(place.call(place.at("hook"), stop_failure)));
    CHECK(place.spooled().size() == 1);
  }
}

TEST_CASE("neither garbage nor a flood disturbs the agent, and neither is kept", "[daemon][hook_cli]") {
  Place const place;
  auto deep = std::string(100000, '[');
  for (auto const& input : {std::string{}, std::string{"garbage"}, std::string{"\0\xff\xfe", 3}, deep,
                            std::string((1 << 20) + 1, ' '), std::string(5 << 20, '{')}) {
    CHECK(is_quiet(place.call(place.at("hook"), input)));
    CHECK(is_quiet(place.call(place.at("statusline"), input)));
  }
  CHECK(place.spooled().empty());
}

TEST_CASE("a call of a megabyte is no trouble, for little of it travels", "[daemon][hook_cli]") {
  Place const place;
  auto const input = R"({"session_id":"one","hook_event_name":"UserPromptSubmit","prompt":")" +
                     std::string((1 << 20) - 80, 'x') + "\"}";
  REQUIRE(input.size() <= 1 << 20);
  CHECK(is_quiet(place.call(place.at("hook"), input)));
  auto const events = place.spooled();
  REQUIRE(events.size() == 1);
  CHECK(std::get<core::event::HookCalled>(events[0]).call.name == "UserPromptSubmit");
}

TEST_CASE("a daemon that finds a call wrong does not get it again", "[daemon][hook_cli]") {
  Place const place;
  Daemon daemon{place.socket};
  CHECK(is_quiet(place.call(place.at("hook"), R"({"hook_event_name":"Stop"})")));
  CHECK(daemon.news().empty());
}

TEST_CASE("wrong arguments, no home and no standard input are no reason to fail", "[daemon][hook_cli]") {
  Place const place;
  Environment const home{"HOME", place.scratch.str()};
  Environment const state{"XDG_STATE_HOME", std::nullopt};
  Environment const runtime{"XDG_RUNTIME_DIR", std::nullopt};
  CHECK(is_quiet(place.call({"hook", "--bogus", "--socket"}, stop_failure)));
  CHECK(is_quiet(place.call({"hook", "--socket", "relative", "--spool="}, stop_failure)));
  auto const spool = place.scratch / ".local/state/claude-failover/spool";
  CHECK(adapters::read_spool(spool, now).value().news.size() == 2);
  Environment const nowhere{"HOME", "/nonexistent"};
  CHECK(is_quiet(place.call({"hook"}, stop_failure)));
  CHECK(is_quiet(place.call({"hook", "--spool", "/proc/spool", "--socket", "/proc/socket"}, stop_failure)));
  Child child{
      {"sh", "-c", "exec " + program + " hook --socket /x --spool /proc/x <&-"}, "/dev/null", place.scratch / "out"};
  CHECK(child.wait() == 0);
  CHECK(file_bytes(place.scratch / "out").empty());
}

TEST_CASE("without figures the status line is empty", "[daemon][hook_cli]") {
  Place const place;
  CHECK(is_quiet(place.call(place.at("statusline"), R"({"session_id":"one"})")));
  CHECK(is_quiet(place.call(place.at("statusline"), R"({"session_id":"one","rate_limits":{}})")));
}

TEST_CASE("the user's own status line runs as if we were not there, and the figures arrive all the same",
          "[daemon][hook_cli]") {
  Place const place;
  Daemon daemon{place.socket};
  auto arguments = place.at("statusline");
  for (auto const* word : {"--chain", "sh", "-c", "cat; echo \"$0 --socket\" >&2; exit 7", "--chain"})
    arguments.emplace_back(word);
  auto const ended = place.call(arguments, figures);
  CHECK(ended.code == 7);
  CHECK(ended.output == figures + "--chain --socket\n");
  CHECK(comes_true([&] { return all_news(place, daemon).size() == 1; }));
}

TEST_CASE("the user's own status line keeps its input, output and exit code whatever happens to us",
          "[daemon][hook_cli]") {
  Place const place;
  auto const listener = silent_listener(place.socket);
  auto const chained = [&](std::vector<std::string> const& command, std::string const& input) {
    std::vector<std::string> arguments{"statusline", "--socket", place.socket, "--spool", "/proc/none", "--chain"};
    arguments.insert(arguments.end(), command.begin(), command.end());
    return place.call(arguments, input);
  };
  CHECK(chained({"cat"}, "garbage\xff").output == "garbage\xff");
  auto const flood = std::string(3 << 20, 'x');
  CHECK(chained({"cat"}, flood).output == flood);
  CHECK(chained({"head", "-c", "3"}, flood).output == "xxx");
  CHECK(is_quiet(chained({"true"}, flood)));
  CHECK(chained({"sh", "-c", "kill -TERM $$"}, figures).code == -1);
  auto const missing = chained({"/nonexistent/line"}, figures);
  CHECK(missing.code == 127);
  CHECK_THAT(missing.output, CF_CONTAINS("/nonexistent/line"));
  CHECK(chained({"/"}, figures).code == 126);
  // As install-hooks writes it: one line for the shell.
  CHECK(chained({"printf '%s|' 'a b' \"$(cat)\" | tr b c"}, figures).output.starts_with("a c|"));
  CHECK(chained({}, figures).output == "5h 91% · week 40%\n");
}

TEST_CASE("the user's own status line ends when it ends, though the daemon has not answered", "[daemon][hook_cli]") {
  Place const place;
  auto const listener = silent_listener(place.socket);
  auto arguments = place.at("statusline");
  for (auto const* word : {"--chain", "sh", "-c", "wait; echo done"}) arguments.emplace_back(word);
  auto const ended = place.call(arguments, figures);
  CHECK(ended.output == "done\n");
  CHECK(comes_true([&] { return place.spooled().size() == 1; }));
}

TEST_CASE("asking for help is no call", "[daemon][hook_cli]") {
  Place const place;
  auto const ended = place.call({"hook", "--help"}, stop_failure);
  CHECK(ended.code == 0);
  CHECK_THAT(ended.output, CF_CONTAINS("--spool"));
}

TEST_CASE("arguments are read without complaint", "[daemon][hook_cli]") {
  auto const options = hook_options({"--spool=/s", "x", "--socket", "/a b", "--chain", "sh", "--socket", "/other"});
  CHECK(options.socket == "/a b");
  CHECK(options.spool == "/s");
  CHECK(options.chain == std::vector<std::string>{"sh", "--socket", "/other"});
  CHECK_FALSE(hook_options({"--chain", "x", "--help"}).help);
  CHECK(hook_options({"--socket"}).socket.empty());
}
