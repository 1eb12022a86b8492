#include "adapters/http_server.hpp"

#include "adapters/http_guard.hpp"
#include "adapters/listening_socket.hpp"
#include "adapters/task_group.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <list>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/http.hpp>

#include <sys/socket.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

template <class Protocol>
using Stream = beast::basic_stream<Protocol, asio::any_io_executor>;

template <class Protocol>
using Acceptor = asio::basic_socket_acceptor<Protocol, asio::any_io_executor>;

/// One connection as the server sees it.
struct Connection {
  std::function<void()> close = {};
  bool waits = true;  ///< for a request; else one is being answered
  bool closed = false;
};

}  // namespace

struct HttpServer::Inner {
  asio::any_io_executor executor;
  TaskGroup& tasks;
  HttpHandler handler;
  HttpLimits limits;
  std::list<Connection> connections = {};  // oldest first
  std::vector<std::function<void()>> close_listeners = {};
  std::vector<UnixListener> unix_files = {};
  std::optional<std::chrono::steady_clock::time_point> last_trouble = {};
  bool stopped = false;

  void report(std::string const& trouble) {
    auto const now = std::chrono::steady_clock::now();
    if (!limits.on_trouble || (last_trouble && now - *last_trouble < limits.trouble_interval)) return;
    last_trouble = now;
    limits.on_trouble(trouble);
  }

  [[nodiscard]] std::size_t open_connections() const {
    return static_cast<std::size_t>(std::count_if(connections.begin(), connections.end(),
                                                  [](Connection const& connection) { return !connection.closed; }));
  }

  /// False when all are busy.
  [[nodiscard]] bool make_room() {
    if (open_connections() < limits.connections) return true;
    auto const longest = std::find_if(connections.begin(), connections.end(), [](Connection const& connection) {
      return connection.waits && !connection.closed;
    });
    if (longest == connections.end()) return false;
    close(*longest);
    return true;
  }

  static void close(Connection& connection) {
    connection.closed = true;
    connection.close();
  }
};

namespace {

using Inner = HttpServer::Inner;

/// Enters a connection into the server's list for as long as it lives.
class Registration {
 public:
  Registration(std::shared_ptr<Inner> inner, std::function<void()> close)
      : inner_(std::move(inner)), entry_(inner_->connections.insert(inner_->connections.end(), Connection{})) {
    entry_->close = std::move(close);
  }
  Registration(Registration const&) = delete;
  Registration& operator=(Registration const&) = delete;
  ~Registration() { inner_->connections.erase(entry_); }

  void waits(bool now) {
    entry_->waits = now;
    // Who is answered has not waited; the list's order is that of waiting.
    if (now) inner_->connections.splice(inner_->connections.end(), inner_->connections, entry_);
  }
  [[nodiscard]] bool closed() const { return entry_->closed; }

 private:
  std::shared_ptr<Inner> inner_;
  std::list<Connection>::iterator entry_;
};

using Parser = http::request_parser<http::string_body>;

std::string lower(std::string_view text) {
  std::string folded{text};
  for (auto& character : folded)
    if (character >= 'A' && character <= 'Z') character = static_cast<char>(character - 'A' + 'a');
  return folded;
}

HttpRequest plain_request(Parser::value_type& message, bool over_unix_socket) {
  HttpRequest request;
  request.over_unix_socket = over_unix_socket;
  request.method = std::string{message.method_string()};
  std::string const target{message.target()};
  auto const question = std::min(target.find('?'), target.size());
  request.path = target.substr(0, question);
  request.query = target.substr(std::min(question + 1, target.size()));
  for (auto const& field : message)
    request.headers.emplace_back(lower({field.name_string().data(), field.name_string().size()}),
                                 std::string{field.value()});
  request.body = std::move(message.body());
  return request;
}

/// Whatever the handler did not decide itself. `no-store`: a browser's cache would outlive the daemon.
void add_security_headers(http::fields& fields) {
  static constexpr std::array<std::pair<char const*, char const*>, 5> headers{{
      {"X-Content-Type-Options", "nosniff"},
      {"X-Frame-Options", "DENY"},
      {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
      {"Referrer-Policy", "no-referrer"},
      {"Cache-Control", "no-store"},
  }};
  for (auto const& [name, value] : headers)
    if (fields.find(name) == fields.end()) fields.set(name, value);
}

bool has_no_body(unsigned status) {
  return status == 204 || status == 304;
}

using Answer = http::response<http::string_body>;

Answer beast_answer(HttpResponse response, bool keep_alive) {
  Answer answer;
  answer.version(11);
  answer.result(response.status);
  for (auto const& [name, value] : response.headers) answer.insert(name, value);
  add_security_headers(answer);
  answer.keep_alive(keep_alive);
  if (has_no_body(response.status)) return answer;
  answer.set(http::field::content_type, response.content_type);
  answer.body() = std::move(response.body);
  answer.content_length(answer.body().size());
  return answer;
}

HttpResponse answer_of(HttpHandler const& handler, HttpRequest const& request) {
  try {
    return handler(request);
  } catch (std::exception const&) {  // the message may name anything; it is not for whoever asked
    return error_response(500, "internal", "the daemon could not make this answer");
  }
}

HttpResponse refusal_of(error_code error) {
  if (error == http::error::body_limit) return error_response(413, "body_too_large", "the body is too large");
  return error_response(400, "bad_request", "malformed request");
}

/// What a coroutine of one connection works with; lives in that coroutine's frame.
template <class Protocol>
struct Session {
  std::shared_ptr<Inner> inner;
  Stream<Protocol> stream;
  GuardRules rules;
  std::string bytes = {};  // read and not parsed yet
  std::array<char, 4096> chunk = {};
};

template <class Protocol>
asio::awaitable<bool> read_more(Session<Protocol>& session) {
  error_code error;
  auto const buffer = asio::buffer(session.chunk);
  auto const size = co_await session.stream.async_read_some(buffer, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return false;
  session.bytes.append(session.chunk.data(), size);
  co_return true;
}

enum class HeadOutcome { complete, refused, gone };

/// Reads until the head is complete; `refusal` is set when it is refused.
template <class Protocol>
asio::awaitable<HeadOutcome> read_head(Session<Protocol>& session, core::Duration first_byte_time,
                                       HttpResponse& refusal) {
  auto const& limits = session.inner->limits;
  session.stream.expires_after(session.bytes.empty() ? first_byte_time : limits.header_time);
  for (;;) {
    if (auto refused = refuse_beginning(session.bytes, session.rules)) {
      refusal = std::move(*refused);
      co_return HeadOutcome::refused;
    }
    auto const end = session.bytes.find("\r\n\r\n");
    if (end != std::string::npos) {
      auto refused = refuse_head(std::string_view{session.bytes}.substr(0, end + 4), session.rules);
      if (!refused) co_return HeadOutcome::complete;
      refusal = std::move(*refused);
      co_return HeadOutcome::refused;
    }
    auto const was_empty = session.bytes.empty();
    bool const more = co_await read_more(session);
    if (!more) co_return HeadOutcome::gone;
    if (was_empty) session.stream.expires_after(limits.header_time);
  }
}

/// Parses the head that stands in `bytes`, and reads and parses the body.
template <class Protocol>
asio::awaitable<error_code> read_message(Session<Protocol>& session, Parser& parser) {
  session.stream.expires_after(session.inner->limits.header_time);
  for (;;) {
    error_code error;
    auto const used = parser.put(asio::const_buffer(session.bytes.data(), session.bytes.size()), error);
    session.bytes.erase(0, used);
    if (error && error != http::error::need_more) co_return error;
    if (parser.is_done()) co_return error_code{};
    bool const more = co_await read_more(session);
    if (!more) co_return asio::error::eof;
  }
}

template <class Protocol>
asio::awaitable<bool> write_answer(Session<Protocol>& session, HttpResponse response, bool head_only, bool keep_alive) {
  auto answer = beast_answer(std::move(response), keep_alive);
  http::response_serializer<http::string_body> serializer{answer};
  session.stream.expires_after(session.inner->limits.write_time);
  error_code error;
  if (head_only) {
    co_await http::async_write_header(session.stream, serializer, asio::redirect_error(asio::use_awaitable, error));
  } else {
    co_await http::async_write(session.stream, serializer, asio::redirect_error(asio::use_awaitable, error));
  }
  // end_of_stream: Beast says that the answer asked for the connection to be closed.
  co_return !error && keep_alive;
}

/// Sends our end and reads what the peer still has to say, for a while: closing over unread bytes would make the
/// kernel send a reset, which can take the answer away from under the peer.
template <class Protocol>
asio::awaitable<void> linger(Session<Protocol>& session) {
  constexpr core::Duration patience = std::chrono::seconds{1};
  constexpr std::size_t most = 256 << 10;
  error_code ignored;
  session.stream.socket().shutdown(asio::socket_base::shutdown_send, ignored);
  session.stream.expires_after(patience);
  std::size_t seen = 0;
  while (seen < most) {
    session.bytes.clear();
    bool const more = co_await read_more(session);
    if (!more) co_return;
    seen += session.bytes.size();
  }
}

/// Reads one request and answers it. False when the connection is at its end.
template <class Protocol>
asio::awaitable<bool> serve_one(Session<Protocol>& session, Registration& registration, core::Duration patience) {
  auto const& limits = session.inner->limits;
  HttpResponse refusal;
  registration.waits(true);
  auto const outcome = co_await read_head(session, patience, refusal);
  if (outcome == HeadOutcome::gone || registration.closed()) co_return false;
  registration.waits(false);
  if (outcome == HeadOutcome::refused) co_return co_await write_answer(session, std::move(refusal), false, false);

  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(limits.head_bytes));
  parser.body_limit(limits.body_bytes);
  parser.eager(true);
  auto const error = co_await read_message(session, parser);
  if (error == asio::error::eof) co_return false;
  if (error) {
    refusal = refusal_of(error);
    co_return co_await write_answer(session, std::move(refusal), false, false);
  }
  auto const keep_alive = parser.get().keep_alive();
  auto const request = plain_request(parser.get(), session.rules.over_unix_socket);
  auto response = answer_of(session.inner->handler, request);
  auto const head_only = request.method == "HEAD";
  co_return co_await write_answer(session, std::move(response), head_only, keep_alive);
}

template <class Protocol>
asio::awaitable<void> serve(std::shared_ptr<Inner> inner, Stream<Protocol> stream, GuardRules rules) {
  Session<Protocol> session{inner, std::move(stream), std::move(rules)};
  Registration registration{inner, [&session] { session.stream.close(); }};
  auto patience = inner->limits.header_time;  // a connection is made in order to ask something
  for (;;) {
    bool const more = co_await serve_one(session, registration, patience);
    if (registration.closed() || inner->stopped) co_return;
    if (!more) break;
    patience = inner->limits.idle_time;
  }
  if (session.stream.socket().is_open()) co_await linger(session);
}

bool is_own_user(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::geteuid();
}

/// Asio's own accept cannot make the new descriptor close on exec.
template <class Protocol>
void take_connection(std::shared_ptr<Inner> const& inner, UniqueFd socket, Protocol protocol, GuardRules const& rules) {
  if (rules.over_unix_socket && !is_own_user(socket.get())) return;
  if (!inner->make_room()) return inner->report("all connections of the HTTP server are busy");
  Stream<Protocol> stream{inner->executor};
  error_code error;
  stream.socket().assign(protocol, socket.get(), error);
  if (error) return inner->report("cannot serve a connection: " + error.message());
  (void)socket.release();  // the stream's now
  inner->tasks.spawn("http connection", serve<Protocol>(inner, std::move(stream), rules));
}

template <class Protocol>
asio::awaitable<void> accept_connections(std::shared_ptr<Inner> inner, std::shared_ptr<Acceptor<Protocol>> acceptor,
                                         Protocol protocol, GuardRules rules) {
  asio::steady_timer pause{inner->executor};
  while (!inner->stopped) {
    error_code waited;
    co_await acceptor->async_wait(asio::socket_base::wait_read, asio::redirect_error(asio::use_awaitable, waited));
    if (inner->stopped || !acceptor->is_open()) co_return;
    UniqueFd socket{::accept4(acceptor->native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    int const failure = socket.valid() ? 0 : errno;
    if (failure == 0) {
      take_connection(inner, std::move(socket), protocol, rules);
    } else if (failure != EAGAIN && failure != EINTR && failure != ECONNABORTED) {
      // The connection that cannot be taken goes on being ready: without a pause this is a busy loop.
      inner->report(std::string{"cannot accept a connection: "} + std::strerror(failure));
      pause.expires_after(inner->limits.accept_pause);
      error_code ignored;
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
  }
}

template <class Protocol>
core::Result<void> start(std::shared_ptr<Inner> const& inner, UniqueFd socket, Protocol protocol, GuardRules rules) {
  auto acceptor = std::make_shared<Acceptor<Protocol>>(inner->executor);
  error_code error;
  acceptor->assign(protocol, socket.get(), error);
  if (error) return core::Error{core::ErrorKind::io, "cannot watch a listening socket: " + error.message()};
  (void)socket.release();  // the acceptor's now
  rules.head_bytes = inner->limits.head_bytes;
  rules.body_bytes = inner->limits.body_bytes;
  inner->close_listeners.push_back([acceptor] {
    error_code ignored;
    acceptor->close(ignored);
  });
  inner->tasks.spawn("http listener", accept_connections<Protocol>(inner, acceptor, protocol, std::move(rules)));
  return {};
}

}  // namespace

HttpServer::HttpServer(boost::asio::any_io_executor executor, TaskGroup& tasks, HttpHandler handler, HttpLimits limits)
    : inner_(std::make_shared<Inner>(Inner{std::move(executor), tasks, std::move(handler), std::move(limits)})) {}

HttpServer::~HttpServer() {
  stop();
}

core::Result<std::uint16_t> HttpServer::listen_tcp(std::string host_port) {
  auto listener = open_tcp_listener(host_port, inner_->limits.allow_remote && !inner_->limits.token.empty());
  if (!listener) return listener.error();
  GuardRules rules;
  rules.port = listener->port;
  rules.remote = !listener->loopback;
  rules.token = inner_->limits.token;
  auto const protocol = listener->ipv6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4();
  auto const started = start(inner_, std::move(listener->socket), protocol, std::move(rules));
  if (!started) return started.error();
  return listener->port;
}

core::Result<void> HttpServer::listen_unix(std::string path) {
  auto listener = UnixListener::open(path);
  if (!listener) return listener.error();
  GuardRules rules;
  rules.over_unix_socket = true;
  auto started = start(inner_, listener->take_socket(), asio::local::stream_protocol{}, std::move(rules));
  if (started) inner_->unix_files.push_back(std::move(*listener));
  return started;
}

void HttpServer::stop() {
  inner_->stopped = true;
  for (auto const& close : inner_->close_listeners) close();
  inner_->close_listeners.clear();
  inner_->unix_files.clear();
  for (auto& connection : inner_->connections)
    if (!connection.closed) Inner::close(connection);
}

std::size_t HttpServer::connections() const {
  return inner_->open_connections();
}

}  // namespace failover::adapters
