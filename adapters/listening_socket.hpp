#pragma once

#include "adapters/unique_fd.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <utility>

#include <sys/types.h>

namespace failover::adapters {

struct TcpListener {
  UniqueFd socket = {};
  std::uint16_t port = 0;
  bool ipv6 = false;
  bool loopback = true;
};

/// Binds and listens on `host:port`; see HttpServer::listen_tcp for the form and the errors. `refused` when the
/// address is not loopback unless `remote_allowed`. Non-blocking, closed on exec.
[[nodiscard]] core::Result<TcpListener> open_tcp_listener(std::string const& host_port, bool remote_allowed);

/// A unix socket that listens; its file is removed at the end unless something else lies there by then.
class UnixListener {
 public:
  /// See HttpServer::listen_unix.
  [[nodiscard]] static core::Result<UnixListener> open(std::string const& path);
  UnixListener(UnixListener&& other) noexcept;
  UnixListener& operator=(UnixListener&& other) = delete;
  ~UnixListener();

  /// The descriptor, which the caller then owns; the file stays ours.
  [[nodiscard]] UniqueFd take_socket() { return std::move(socket_); }

 private:
  UnixListener(UniqueFd socket, std::string path);
  UniqueFd socket_;
  std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace failover::adapters
