#pragma once

#include "adapters/http_message.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

namespace failover::adapters {

class TaskGroup;

struct HttpLimits {
  core::Duration header_time = std::chrono::seconds{5};  ///< from a request's first byte to its last
  core::Duration write_time = std::chrono::seconds{5};   ///< of one answer
  core::Duration idle_time = std::chrono::seconds{60};   ///< between two requests of one connection
  std::size_t connections = 128;  ///< beyond, the one that has waited longest for its request makes room
  std::size_t head_bytes = 8 << 10;
  std::size_t body_bytes = 1 << 20;
  core::Duration accept_pause = std::chrono::milliseconds{100};  ///< after a failed accept
  core::Duration trouble_interval = std::chrono::minutes{1};     ///< between two calls of on_trouble
  std::function<void(std::string const&)> on_trouble = {};       ///< a line for the log
  bool allow_remote = false;  ///< listen beyond loopback; each request needs the token then
  std::string token = {};
};

/// Serves HTTP/1.1 on loopback TCP and on a unix socket: the shell around a plain function.
///
/// Every request passes the guard (http_guard.hpp) before the handler sees it, every answer carries the security
/// headers, every wait has a limit. The handler runs on the executor's thread and must not block; what it throws
/// becomes a 500. `tasks` and the handler's surroundings must outlive the connections, which end with stop() or with
/// the group.
class HttpServer {
 public:
  HttpServer(boost::asio::any_io_executor executor, TaskGroup& tasks, HttpHandler handler, HttpLimits limits = {});
  ~HttpServer();
  HttpServer(HttpServer const&) = delete;
  HttpServer& operator=(HttpServer const&) = delete;

  /// `host:port` with an address in numbers or `localhost`; port 0 is any free one. Gives the port. Errors:
  /// `invalid` (no such form), `refused` (not loopback, and not allowed or no token), `already_exists` (port in use),
  /// `permission`, `unavailable` (not an address of this machine).
  [[nodiscard]] core::Result<std::uint16_t> listen_tcp(std::string host_port);

  /// The socket has mode 0600 from its birth, and peers of another user are sent away. A file left by a dead daemon
  /// is replaced. Errors: `invalid` (path too long), `already_exists` (somebody answers there, or it is no socket),
  /// `permission`, `not_found` (no such directory).
  [[nodiscard]] core::Result<void> listen_unix(std::string path);

  /// Closes listeners and connections at once and removes the unix socket. May be called twice.
  void stop();

  [[nodiscard]] std::size_t connections() const;

  struct Inner;  ///< what the connections share; known to http_server.cpp only

 private:
  std::shared_ptr<Inner> inner_;  // coroutines may end after us
};

}  // namespace failover::adapters
