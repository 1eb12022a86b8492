#include "adapters/http_server.hpp"

#include "adapters/control_client.hpp"
#include "test/support/catch.hpp"
#include "test/support/raw_http.hpp"
#include "test/support/running_server.hpp"
#include "test/support/scratch_directory.hpp"
#include "test/support/unprivileged.hpp"

#include <atomic>
#include <deque>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

using namespace failover;
using namespace failover::adapters;
using namespace failover::test;
using namespace std::chrono_literals;

namespace {

HttpResponse echo(HttpRequest const& request) {
  if (request.path == "/throw") throw std::runtime_error("a secret path");
  if (request.path == "/unchanged") return {304, "text/plain", {{"ETag", "W/\"1\""}}, "never sent"};
  HttpResponse response;
  response.content_type = "text/plain";
  response.body = request.method + " " + request.path + " [" + request.query + "] " +
                  std::string{header_value(request, "x-note")} + request.body +
                  (request.over_unix_socket ? " unix" : " tcp");
  return response;
}

HttpLimits quick() {
  HttpLimits limits;
  limits.header_time = 300ms;
  limits.write_time = 300ms;
  limits.idle_time = 600ms;
  return limits;
}

template <class Condition>
bool comes_true(Condition condition, std::chrono::milliseconds limit = 10s) {
  auto const last = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > last) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace

TEST_CASE("a request reaches the handler and its answer comes back", "[adapters][http_server]") {
  RunningServer server{echo};
  auto const port = server.listen_tcp();
  auto client = RawClient::tcp(port);
  auto const reply = client.ask(get("/a/b?c=d&e", port, "X-Note: hello\r\n"));
  CHECK(reply.status == 200);
  CHECK(reply.body == "GET /a/b [c=d&e] hello tcp");
  CHECK(reply.header("Content-Type") == "text/plain");
}

TEST_CASE("every answer carries the security headers", "[adapters][http_server]") {
  RunningServer server{echo};
  auto const port = server.listen_tcp();
  auto client = RawClient::tcp(port);
  for (auto const& reply : {client.ask(get("/", port)), client.ask(get("/", port, "Origin: null\r\n"))}) {
    CHECK(reply.header("X-Content-Type-Options") == "nosniff");
    CHECK(reply.header("X-Frame-Options") == "DENY");
    CHECK(reply.header("Content-Security-Policy") == "default-src 'none'; frame-ancestors 'none'");
    CHECK(reply.header("Cache-Control") == "no-store");
  }
}

TEST_CASE("a connection serves one request after another, also when they come at once", "[adapters][http_server]") {
  RunningServer server{echo};
  auto const port = server.listen_tcp();
  auto client = RawClient::tcp(port);
  std::string all;
  for (int number = 0; number < 1000; ++number) all += get("/" + std::to_string(number), port);
  std::thread sender{[&] { client.send(all); }};
  int right = 0;
  for (int number = 0; number < 1000; ++number)
    right += client.receive().body == "GET /" + std::to_string(number) + " []  tcp" ? 1 : 0;
  sender.join();
  CHECK(right == 1000);
}

TEST_CASE("HEAD is answered like GET without the body", "[adapters][http_server]") {
  RunningServer server{echo};
  auto const port = server.listen_tcp();
  auto client = RawClient::tcp(port);
  auto const host = "Host: localhost:" + std::to_string(port) + "\r\n\r\n";
  client.send("HEAD /x HTTP/1.1\r\n" + host + "HEAD /unchanged HTTP/1.1\r\n" + host + get("/after", port));
  auto const head = client.receive(true);
  CHECK(head.status == 200);
  CHECK(head.header("Content-Length") == std::to_string(std::string{"HEAD /x []  tcp"}.size()));
  CHECK(client.receive(true).status == 304);
  CHECK(client.receive().body == "GET /after []  tcp");
}

TEST_CASE("a 304 has no body and leaves the connection usable", "[adapters][http_server]") {
  RunningServer server{echo};
  auto const port = server.listen_tcp();
  auto client = RawClient::tcp(port);
  auto const reply = client.ask(get("/unchanged", port));
  CHECK(reply.status == 304);
  CHECK(reply.header("ETag") == "W/\"1\"");
  CHECK(client.ask(get("/after", port)).status == 200);
}

TEST_CASE("a body of the allowed size is read, in pieces too", "[adapters][http_server]") {
  RunningServer server{echo};
  auto const port = server.listen_tcp();
  auto client = RawClient::tcp(port);
  std::string const body(1 << 20, 'b');
  client.send("POST / HTTP/1.1\r\nHost: localhost:" + std::to_string(port) + "\r\nContent-Length: 1048576\r\n\r\n");
  client.send(body);
  auto const reply = client.receive();
  CHECK(reply.status == 200);
  CHECK(reply.body.size() == body.size() + std::string{"POST / []  tcp"}.size());
  CHECK(client.ask(get("/after", port)).status == 200);
}

TEST_CASE("a handler that throws is a 500 that tells nothing", "[adapters][http_server]") {
  RunningServer server{echo};
  auto const port = server.listen_tcp();
  auto const reply = RawClient::tcp(port).ask(get("/throw", port));
  CHECK(reply.status == 500);
  CHECK_THAT(reply.body, !CF_CONTAINS("secret"));
}

TEST_CASE("a refused request ends its connection, and nothing after it is taken for a request",
          "[adapters][http_server]") {
  std::atomic<int> handled = 0;
  RunningServer server{[&](HttpRequest const& request) {
    ++handled;
    return echo(request);
  }};
  auto const port = server.listen_tcp();
  auto const host = "Host: localhost:" + std::to_string(port) + "\r\n";
  std::vector<std::pair<std::string, int>> const forms{
      {get("/", port, "Origin: http://localhost\r\n"), 403},
      {get("/", port, host), 400},
      {get("/", port, "Transfer-Encoding: chunked\r\n"), 400},
      {get("/", port, "Content-Length: 2, 2\r\n"), 400},
      {get("/", port, "Content-Length: 40\r\n"), 413},
      {get("/", port, "A: b\r\n folded\r\n"), 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403},
      {"get / HTTP/1.1\r\n" + host + "\r\n", 400},
      {"GET / HTTP/1.1\n" + host + "\n", 400},
      {"POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411},
      {"POST / HTTP/1.1\r\n" + host + "Content-Length: 1048577\r\n\r\n", 413},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
      {std::string{"\x16\x03\x01\x02\x00\x01\x00", 7}, 400},
      {get("/" + std::string(9000, 'a'), port), 414},
      {get("/", port, "A: " + std::string(9000, 'a') + "\r\n"), 431},
  };
  for (auto const& [bytes, status] : forms) {
    INFO(bytes.substr(0, 120));
    auto client = RawClient::tcp(port);
    auto const reply = client.ask(bytes + get("/smuggled", port));
    CHECK(reply.status == status);
    CHECK(reply.header("Connection") == "close");
    CHECK_THAT(reply.body, CF_CONTAINS("{\"error\":{\"code\":"));
    CHECK(client.receive().status == 0);
    CHECK(client.closed_within(5s));
  }
  CHECK(handled == 0);
}

TEST_CASE("the answer to an oversized head arrives although the rest was never read", "[adapters][http_server]") {
  RunningServer server{echo};
  auto const port = server.listen_tcp();
  auto client = RawClient::tcp(port);
  client.send(get("/", port, "A: " + std::string(100'000, 'a') + "\r\n"));
  CHECK(client.receive().status == 431);
}

TEST_CASE("a client that never finishes its head is sent away, and others are served meanwhile",
          "[adapters][http_server]") {
  RunningServer server{echo, quick()};
  auto const port = server.listen_tcp();
  auto silent = RawClient::tcp(port);
  auto slow = RawClient::tcp(port);
  slow.send("GET / HTTP/1.1\r\n");
  auto const began = std::chrono::steady_clock::now();
  std::thread dripper{[&] {
    auto const last = began + 5s;
    while (std::chrono::steady_clock::now() < last && slow.send("a")) std::this_thread::sleep_for(20ms);
  }};
  CHECK(RawClient::tcp(port).ask(get("/", port)).status == 200);
  CHECK(silent.closed_within(5s));
  dripper.join();
  CHECK(std::chrono::steady_clock::now() - began < 3s);
}

TEST_CASE("a client that sends its body too slowly is sent away", "[adapters][http_server]") {
  RunningServer server{echo, quick()};
  auto const port = server.listen_tcp();
  auto client = RawClient::tcp(port);
  client.send("POST / HTTP/1.1\r\nHost: localhost:" + std::to_string(port) + "\r\nContent-Length: 10\r\n\r\nhalf");
  CHECK(client.closed_within(5s));
}

TEST_CASE("a client that does not read its answers is sent away", "[adapters][http_server]") {
  auto limits = quick();
  RunningServer server{[](HttpRequest const&) {
                         return HttpResponse{200, "text/plain", {}, std::string(8 << 20, 'x')};
                       },
                       limits};
  auto const port = server.listen_tcp();
  auto client = RawClient::tcp(port);
  client.send(get("/", port));
  CHECK(comes_true([&] { return server.on_loop([&] { return server.server().connections(); }) == 0; }));
}

TEST_CASE("an idle connection is kept for the idle time and no longer", "[adapters][http_server]") {
  RunningServer server{echo, quick()};
  auto const port = server.listen_tcp();
  auto client = RawClient::tcp(port);
  CHECK(client.ask(get("/", port)).status == 200);
  auto const began = std::chrono::steady_clock::now();
  CHECK(client.closed_within(5s));
  CHECK(std::chrono::steady_clock::now() - began > 400ms);  // longer than a head may take
}

TEST_CASE("with all connections taken the one that has waited longest makes room", "[adapters][http_server]") {
  HttpLimits limits;
  limits.connections = 4;
  RunningServer server{echo, limits};
  auto const port = server.listen_tcp();
  std::deque<RawClient> clients;
  for (int number = 0; number < 4; ++number) {
    clients.push_back(RawClient::tcp(port));
    CHECK(clients.back().ask(get("/", port)).status == 200);
  }
  CHECK(clients[0].ask(get("/", port)).status == 200);
  auto newcomer = RawClient::tcp(port);
  CHECK(newcomer.ask(get("/", port)).status == 200);
  CHECK(clients[1].closed_within(5s));
  CHECK(clients[0].ask(get("/", port)).status == 200);
  CHECK(server.on_loop([&] { return server.server().connections(); }) == 4);
}

TEST_CASE("a flood of connections leaves the server answering", "[adapters][http_server]") {
  RunningServer server{echo};
  auto const port = server.listen_tcp();
  std::deque<RawClient> flood;
  for (int number = 0; number < 400; ++number) flood.push_back(RawClient::tcp(port));
  CHECK(RawClient::tcp(port).ask(get("/", port)).status == 200);
  CHECK(server.on_loop([&] { return server.server().connections(); }) <= 128);
}

TEST_CASE("without descriptors to accept with, the server pauses and says so once", "[adapters][http_server]") {
  boost::asio::io_context loop{1};
  TaskGroup tasks{loop.get_executor(), {}};
  std::vector<std::string> lines;
  HttpLimits limits;
  limits.on_trouble = [&](std::string const& line) { lines.push_back(line); };
  HttpServer server{loop.get_executor(), tasks, echo, limits};
  auto const port = server.listen_tcp("127.0.0.1:0").value();
  auto client = RawClient::tcp(port);
  client.send(get("/", port));

  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  UniqueFd const highest{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  rlimit none = before;
  none.rlim_cur = static_cast<rlim_t>(highest.get());
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  auto const turns = loop.run_for(1s);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);

  CHECK(turns < 60);
  REQUIRE(lines.size() == 1);
  CHECK_THAT(lines[0], CF_CONTAINS("Too many open files"));
  loop.restart();
  loop.run_for(500ms);
  CHECK(client.receive().status == 200);
  server.stop();
  loop.restart();
  loop.run_for(5s);
  CHECK(tasks.size() == 0);
}

TEST_CASE("a port that another program has is named with the cure", "[adapters][http_server]") {
  RunningServer server{echo};
  auto const port = server.listen_tcp();
  auto const address = "127.0.0.1:" + std::to_string(port);
  RunningServer second{echo};
  auto const failed = second.on_loop([&] { return second.server().listen_tcp(address); });
  REQUIRE_FALSE(failed);
  CHECK(failed.error() == core::Error{core::ErrorKind::already_exists,
                                      "another program listens on " + address + "; set http.listen or stop it"});
}

TEST_CASE("only loopback is listened on unless the operator allows more and gave a token", "[adapters][http_server]") {
  auto const outcome = [](std::string const& address, HttpLimits limits = {}) {
    RunningServer server{echo, limits};
    auto const port = server.on_loop([&] { return server.server().listen_tcp(address); });
    return port ? std::optional<core::ErrorKind>{} : port.error().kind;
  };
  HttpLimits remote;
  remote.allow_remote = true;
  CHECK(outcome("0.0.0.0:0") == core::ErrorKind::refused);
  CHECK(outcome("[::]:0") == core::ErrorKind::refused);
  CHECK(outcome("0.0.0.0:0", remote) == core::ErrorKind::refused);
  remote.token = "t0ken";
  CHECK(outcome("0.0.0.0:0", remote) == std::nullopt);
  CHECK(outcome("localhost:0") == std::nullopt);
  CHECK(outcome("127.0.0.1") == core::ErrorKind::invalid);
  CHECK(outcome("127.0.0.1:99999") == core::ErrorKind::invalid);
  CHECK(outcome("example.org:80") == core::ErrorKind::invalid);
  CHECK(outcome("192.0.2.1:0", remote) == core::ErrorKind::unavailable);
}

TEST_CASE("a listener that is not loopback wants the token with each request", "[adapters][http_server]") {
  HttpLimits remote;
  remote.allow_remote = true;
  remote.token = "t0ken";
  RunningServer server{echo, remote};
  auto const port = server.listen_tcp("0.0.0.0:0");
  CHECK(RawClient::tcp(port).ask(get("/", port)).status == 401);
  CHECK(RawClient::tcp(port).ask(get("/", port, "Authorization: Bearer t0ken\r\n")).status == 200);
}

TEST_CASE("the unix socket is its owner's from birth and gone after the stop", "[adapters][http_server]") {
  ScratchDirectory const scratch;
  auto const path = scratch / "control.sock";
  {
    RunningServer server{echo};
    server.listen_unix(path);
    struct stat file {};
    REQUIRE(::stat(path.c_str(), &file) == 0);
    CHECK((file.st_mode & 0777) == 0600);
    CHECK(RawClient::unix_socket(path).ask("GET /x HTTP/1.1\r\n\r\n").body == "GET /x []  unix");
  }
  CHECK(names_in(scratch.str()).empty());
}

TEST_CASE("a peer of another user is not answered, even where the file would let it in", "[adapters][http_server]") {
  if (::geteuid() != 0) {
    WARN("only root can become another user to try this");
    return;
  }
  ScratchDirectory const scratch;
  auto const path = scratch / "control.sock";
  RunningServer server{echo};
  server.listen_unix(path);
  REQUIRE(::chmod(scratch.str().c_str(), 0755) == 0);
  REQUIRE(::chmod(path.c_str(), 0666) == 0);
  CHECK(holds_unprivileged([&] {
    auto client = RawClient::unix_socket(path);
    return client.ask("GET / HTTP/1.1\r\n\r\n").status == 0 && client.closed_within(5s);
  }));
}

TEST_CASE("a socket file that a dead daemon left is replaced, a living one's is not", "[adapters][http_server]") {
  ScratchDirectory const scratch;
  auto const path = scratch / "control.sock";
  {
    UniqueFd const dead{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    REQUIRE(::bind(dead.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0);
  }
  RunningServer server{echo};
  server.listen_unix(path);
  CHECK(RawClient::unix_socket(path).ask("GET / HTTP/1.1\r\n\r\n").status == 200);
  RunningServer second{echo};
  auto const failed = second.on_loop([&] { return second.server().listen_unix(path); });
  REQUIRE_FALSE(failed);
  CHECK(failed.error().kind == core::ErrorKind::already_exists);
  CHECK(RawClient::unix_socket(path).ask("GET / HTTP/1.1\r\n\r\n").status == 200);
}

TEST_CASE("what lies at the socket's path and is no socket stays", "[adapters][http_server]") {
  ScratchDirectory const scratch;
  put_file(scratch / "control.sock", "precious");
  RunningServer server{echo};
  auto const failed = server.on_loop([&] { return server.server().listen_unix(scratch / "control.sock"); });
  REQUIRE_FALSE(failed);
  CHECK(failed.error().kind == core::ErrorKind::already_exists);
  CHECK(file_bytes(scratch / "control.sock") == "precious");
  auto const missing = server.on_loop([&] { return server.server().listen_unix(scratch / "no/where.sock"); });
  CHECK(missing.error().kind == core::ErrorKind::not_found);
  auto const too_long = server.on_loop([&] { return server.server().listen_unix(scratch / std::string(200, 'x')); });
  CHECK(too_long.error().kind == core::ErrorKind::invalid);
}

TEST_CASE("a stop ends listeners and connections, and so does cancelling the group", "[adapters][http_server]") {
  bool const by_group = GENERATE(false, true);
  RunningServer server{echo};
  auto const port = server.listen_tcp();
  auto idle = RawClient::tcp(port);
  CHECK(idle.ask(get("/", port)).status == 200);
  auto half = RawClient::tcp(port);
  half.send("GET / HT");
  CHECK(comes_true([&] { return server.on_loop([&] { return server.tasks().size(); }) == 3; }));
  server.on_loop([&] { by_group ? server.tasks().cancel_all() : server.server().stop(); });
  CHECK(idle.closed_within(5s));
  CHECK(half.closed_within(5s));
  CHECK(comes_true([&] { return server.on_loop([&] { return server.tasks().size(); }) == 0; }));
}

TEST_CASE("no descriptor of the server is inherited by a program started meanwhile", "[adapters][http_server]") {
  ScratchDirectory const scratch;
  RunningServer server{echo};
  server.listen_unix(scratch / "control.sock");
  auto const port = server.listen_tcp();
  auto client = RawClient::tcp(port);
  CHECK(client.ask(get("/", port)).status == 200);
  int open_to_children = 0;
  for (int fd = 3; fd < 256; ++fd) {
    auto const flags = ::fcntl(fd, F_GETFD);
    struct stat file {};
    if (flags >= 0 && (flags & FD_CLOEXEC) == 0 && ::fstat(fd, &file) == 0 && S_ISSOCK(file.st_mode))
      ++open_to_children;
  }
  CHECK(open_to_children == 0);
}

TEST_CASE("the control client gets what the daemon says, whatever the status", "[adapters][control_client]") {
  ScratchDirectory const scratch;
  RunningServer server{echo};
  server.listen_unix(scratch / "control.sock");
  auto const reply = control_get(scratch / "control.sock", "/status?a=b", "application/json", 5s);
  CHECK(reply.value() == HttpReply{200, "text/plain", "GET /status [a=b]  unix"});
  CHECK(control_get(scratch / "control.sock", "/throw", "*/*", 5s)->status == 500);
}

TEST_CASE("the control client says when nobody answers", "[adapters][control_client]") {
  ScratchDirectory const scratch;
  auto const missing = control_get(scratch / "control.sock", "/status", "*/*", 5s);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == core::ErrorKind::unavailable);
  CHECK_THAT(missing.error().detail, CF_CONTAINS("claude-failover run"));
  CHECK(control_get(std::string(300, 'x'), "/", "*/*", 5s).error().kind == core::ErrorKind::invalid);
}

TEST_CASE("the control client waits no longer than it was told", "[adapters][control_client]") {
  ScratchDirectory const scratch;
  auto const path = scratch / "control.sock";
  UniqueFd const mute{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  REQUIRE(::bind(mute.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0);
  REQUIRE(::listen(mute.get(), 1) == 0);
  auto const began = std::chrono::steady_clock::now();
  CHECK(control_get(path, "/status", "*/*", 200ms).error().kind == core::ErrorKind::timed_out);
  CHECK(std::chrono::steady_clock::now() - began < 3s);
}
