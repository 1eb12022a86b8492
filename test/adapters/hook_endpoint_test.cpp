#include "adapters/hook_endpoint.hpp"

#include "adapters/control_post.hpp"
#include "adapters/routes.hpp"
#include "adapters/status_endpoint.hpp"
#include "test/support/catch.hpp"
#include "test/support/raw_http.hpp"
#include "test/support/running_server.hpp"
#include "test/support/sample_status.hpp"
#include "test/support/scratch_directory.hpp"

#include <thread>

#include <sys/stat.h>

using namespace failover;
using namespace failover::adapters;
using namespace failover::test;
using namespace std::chrono_literals;

namespace {

std::string hook_body(std::string const& name, std::string const& more = {}) {
  return R"({"v":1,"at":5,"tmux":"","pane":"","config_dir":"","input":{"hook_event_name":")" + name +
         R"(","session_id":"one")" + more + "}}";
}

std::string const usage_body =
    R"({"v":1,"at":5,"tmux":"","pane":"","config_dir":"","input":{"session_id":"one","rate_limits":)"
    R"({"five_hour":{"used_percentage":91}}}})";

/// The daemon's handlers, with the pages behind them.
struct Daemon {
  std::vector<core::Event> told = {};
  ToldOnce once;
  HttpHandler answer =
      routed({{"/hooks/claude", hook_handler([this](core::Event news) { told.push_back(std::move(news)); }, once)},
              {"/statusline", statusline_handler([this](core::Event news) { told.push_back(std::move(news)); }, once)}},
             status_handler({[] { return sample_state().version; }, [] { return sample_report(); },
                             [] { return core::Health{}; }}));

  HttpResponse post(std::string const& path, std::string const& body, std::string const& type = "application/json",
                    std::string const& method = "POST", bool over_unix_socket = true) {
    HttpRequest request;
    request.method = method;
    request.path = path;
    request.headers = {{"content-type", type}};
    request.body = body;
    request.over_unix_socket = over_unix_socket;
    return answer(request);
  }
};

std::string header(HttpResponse const& response, std::string const& name) {
  for (auto const& [candidate, value] : response.headers)
    if (candidate == name) return value;
  return {};
}

std::string post_text(std::string const& path, std::string const& body, std::string const& host = "localhost") {
  return "POST " + path + " HTTP/1.1\r\nHost: " + host +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("a hook's call becomes one event and is answered without a body", "[adapters][hook_endpoint]") {
  Daemon daemon;
  auto const response = daemon.post("/hooks/claude", hook_body("Stop"));
  CHECK(response.status == 204);
  CHECK(response.body.empty());
  core::HookCall expected;
  expected.name = "Stop";
  expected.conversation = core::ConversationId{"one"};
  expected.at = core::WallTime{5ms};
  CHECK(daemon.told == std::vector<core::Event>{core::event::HookCalled{expected}});
}

TEST_CASE("a status line's figures become one event", "[adapters][hook_endpoint]") {
  Daemon daemon;
  CHECK(daemon.post("/statusline", usage_body).status == 204);
  REQUIRE(daemon.told.size() == 1);
  CHECK(std::get<core::event::UsageTold>(daemon.told[0]).report.five_hour == core::WindowUse{91, {}});
}

TEST_CASE("the same bytes by a second road are taken and not told again", "[adapters][hook_endpoint]") {
  Daemon daemon;
  for (int i = 0; i < 3; ++i) CHECK(daemon.post("/hooks/claude", hook_body("Stop")).status == 204);
  CHECK(daemon.told.size() == 1);
  CHECK_FALSE(daemon.once.first_time(hook_body("Stop")));
  CHECK(daemon.post("/hooks/claude", hook_body("SessionEnd")).status == 204);
  CHECK(daemon.told.size() == 2);
}

TEST_CASE("only so much is remembered of what was told", "[adapters][hook_endpoint]") {
  ToldOnce once{2};
  CHECK(once.first_time("a"));
  CHECK(once.first_time("b"));
  CHECK_FALSE(once.first_time("a"));
  CHECK(once.first_time("c"));
  CHECK(once.first_time("a"));
  CHECK_FALSE(once.first_time("c"));
}

TEST_CASE("over TCP nobody may report, and is told why", "[adapters][hook_endpoint]") {
  Daemon daemon;
  for (auto const* path : {"/hooks/claude", "/statusline"})
    for (auto const* method : {"POST", "GET"}) {
      auto const response = daemon.post(path, hook_body("Stop"), "application/json", method, false);
      CHECK(response.status == 403);
      CHECK_THAT(response.body, CF_CONTAINS("unix_socket_only"));
      CHECK_THAT(response.body, CF_CONTAINS("forge"));
    }
  CHECK(daemon.told.empty());
}

TEST_CASE("a report that is none is refused by what is wrong with it", "[adapters][hook_endpoint]") {
  Daemon daemon;
  auto const got = daemon.post("/hooks/claude", "", "application/json", "GET");
  CHECK(got.status == 405);
  CHECK(header(got, "Allow") == "POST");
  for (auto const* type : {"", "text/plain", "application/jsonx", "application/x-www-form-urlencoded"})
    CHECK(daemon.post("/hooks/claude", hook_body("Stop"), type).status == 415);
  for (auto const* body : {"", "{}", "garbage", "{\"v\":1}"}) {
    CHECK(daemon.post("/hooks/claude", body).status == 400);
    CHECK(daemon.post("/statusline", body).status == 400);
  }
  CHECK(daemon.post("/hooks/claude", usage_body).status == 400);
  auto const wrong = daemon.post("/hooks/claude", hook_body("Stop", R"(,"cwd":7)"));
  CHECK_THAT(wrong.body, CF_CONTAINS("input.cwd: a string is expected"));
  CHECK(daemon.post("/hooks/claude", R"({"v":2,"at":5,"input":{}})").status == 422);
  CHECK(daemon.told.empty());
  CHECK(daemon.post("/hooks/claude", hook_body("Stop"), "Application/JSON ; charset=utf-8").status == 204);
}

TEST_CASE("the pages answer as before beside it", "[adapters][hook_endpoint]") {
  Daemon daemon;
  CHECK(daemon.post("/health", "", "", "GET").status == 200);
  CHECK(daemon.post("/hooks", "", "", "GET").status == 404);
  CHECK(daemon.post("/hooks/claude/", hook_body("Stop")).status == 404);
  CHECK_THAT(daemon.post("/nowhere", "", "", "GET").body, CF_CONTAINS("there are /status, /metrics and /health"));
  auto const posted = daemon.post("/status", "{}");
  CHECK(posted.status == 405);
  CHECK(header(posted, "Allow") == "GET, HEAD");
}

TEST_CASE("a body passes the server up to its bound, on the unix socket only", "[adapters][hook_endpoint]") {
  ScratchDirectory const scratch;
  Daemon daemon;
  RunningServer server{[&](HttpRequest const& request) { return daemon.answer(request); }};
  auto const path = scratch / "control.sock";
  server.listen_unix(path);
  auto const port = server.listen_tcp();
  auto const filled = [](std::size_t bytes) {
    auto const bare = hook_body("Stop", R"(,"x":"")").size();
    return hook_body("Stop", R"(,"x":")" + std::string(bytes - bare, 'x') + "\"");
  };
  CHECK(control_post(path, "/hooks/claude", filled(1 << 20), 10s).value() == 204);
  CHECK(control_post(path, "/hooks/claude", hook_body("SessionEnd"), 10s).value() == 204);
  CHECK(control_post(path, "/hooks/claude", std::string((1 << 20) + 1, 'x'), 10s).value() == 413);
  CHECK(control_post(path, "/elsewhere", "{}", 10s).value() == 404);
  auto client = RawClient::tcp(port);
  auto const refused = client.ask(post_text("/hooks/claude", hook_body("Stop"), "127.0.0.1:" + std::to_string(port)));
  CHECK(refused.status == 403);
  CHECK_THAT(refused.body, CF_CONTAINS("unix_socket_only"));
  CHECK(server.on_loop([&] { return daemon.told.size(); }) == 2);
}

TEST_CASE("posting to a daemon that is not there, or no daemon, says so", "[adapters][control_post]") {
  ScratchDirectory const scratch;
  CHECK(control_post(scratch / "none", "/x", "{}", 1s).error().kind == core::ErrorKind::unavailable);
  CHECK(control_post("", "/x", "{}", 1s).error().kind == core::ErrorKind::invalid);
  CHECK(control_post(std::string(200, 'x'), "/x", "{}", 1s).error().kind == core::ErrorKind::invalid);
  put_file(scratch / "file", "");
  CHECK(control_post(scratch / "file", "/x", "{}", 1s).error().kind == core::ErrorKind::unavailable);
}

TEST_CASE("posting ends at its limit when nobody accepts, takes or answers", "[adapters][control_post]") {
  ScratchDirectory const scratch;
  auto const path = scratch / "silent.sock";
  UniqueFd const listener{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  REQUIRE(::bind(listener.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0);
  REQUIRE(::listen(listener.get(), 0) == 0);
  auto const kind = [&](std::size_t bytes) {
    return control_post(path, "/x", std::string(bytes, 'x'), 30ms).error().kind;
  };
  CHECK(kind(10) == core::ErrorKind::timed_out);       // connected, never answered
  CHECK(kind(4 << 20) == core::ErrorKind::timed_out);  // the backlog is full
  UniqueFd const taken{::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)};
  CHECK(kind(4 << 20) == core::ErrorKind::timed_out);  // more than the socket takes
}

TEST_CASE("an answer that is no HTTP, or none, is told apart", "[adapters][control_post]") {
  for (auto const& [answer, kind] :
       {std::pair{"SSH-2.0-OpenSSH_9\r\n", core::ErrorKind::invalid},
        std::pair{"HTTP/1.1 2x4 \r\n", core::ErrorKind::invalid}, std::pair{"HTTP/1.1", core::ErrorKind::unavailable},
        std::pair{"", core::ErrorKind::unavailable}}) {
    ScratchDirectory const scratch;
    auto const path = scratch / "other.sock";
    UniqueFd listener{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, path.size());
    REQUIRE(::bind(listener.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listener.get(), 1) == 0);
    std::thread other{[&, text = std::string{answer}] {
      UniqueFd const peer{::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)};
      char request[1024];
      (void)!::read(peer.get(), request, sizeof request);
      (void)!::write(peer.get(), text.data(), text.size());
    }};
    auto const outcome = control_post(path, "/x", "{}", 10s);
    other.join();
    CHECK(outcome.error().kind == kind);
  }
}
