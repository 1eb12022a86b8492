#pragma once

#include "adapters/unique_fd.hpp"

#include <arpa/inet.h>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <string_view>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace failover::test {

/// One answer, taken apart by hand, so that the server is not judged by its own library.
struct RawReply {
  int status = 0;
  std::string head = {};
  std::string body = {};

  /// The value of a header, "" when it is missing.
  [[nodiscard]] std::string header(std::string const& name) const {
    auto const at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    auto const begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

/// A client that sends bytes as they are given.
class RawClient {
 public:
  static RawClient tcp(std::uint16_t port, std::string const& address = "127.0.0.1") {
    RawClient client{AF_INET};
    sockaddr_in peer{};
    peer.sin_family = AF_INET;
    peer.sin_port = htons(port);
    ::inet_pton(AF_INET, address.c_str(), &peer.sin_addr);
    client.connect(reinterpret_cast<sockaddr const*>(&peer), sizeof peer);
    return client;
  }
  static RawClient unix_socket(std::string const& path) {
    RawClient client{AF_UNIX};
    sockaddr_un peer{};
    peer.sun_family = AF_UNIX;
    std::strncpy(peer.sun_path, path.c_str(), sizeof peer.sun_path - 1);
    client.connect(reinterpret_cast<sockaddr const*>(&peer), sizeof peer);
    return client;
  }

  [[nodiscard]] int fd() const { return socket_.get(); }

  /// False when the peer has closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      auto const sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// The next answer; status 0 when the peer closed or the limit passed before it was complete.
  RawReply receive(bool head_only = false, std::chrono::milliseconds limit = std::chrono::seconds{10}) {
    auto const last = std::chrono::steady_clock::now() + limit;
    RawReply reply;
    while (received_.find("\r\n\r\n") == std::string::npos)
      if (!more(last)) return reply;
    auto const end = received_.find("\r\n\r\n") + 4;
    reply.head = received_.substr(0, end);
    auto const length = head_only ? 0U : std::strtoul(reply.header("Content-Length").c_str(), nullptr, 10);
    while (received_.size() < end + length)
      if (!more(last)) return reply;
    reply.body = received_.substr(end, length);
    received_.erase(0, end + length);
    reply.status = std::atoi(reply.head.substr(9, 3).c_str());
    return reply;
  }

  RawReply ask(std::string_view bytes) {
    send(bytes);
    return receive();
  }

  /// Whether the peer closes (or resets) within the limit; what it still sends is read over.
  bool closed_within(std::chrono::milliseconds limit) {
    auto const last = std::chrono::steady_clock::now() + limit;
    while (more(last)) {
    }
    return ended_;
  }

 private:
  explicit RawClient(int family) : socket_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (!socket_.valid()) throw std::runtime_error("no socket");
  }
  void connect(sockaddr const* peer, socklen_t size) {
    if (::connect(socket_.get(), peer, size) != 0) throw std::runtime_error("cannot connect");
  }
  bool more(std::chrono::steady_clock::time_point last) {
    auto const left =
        std::chrono::duration_cast<std::chrono::milliseconds>(last - std::chrono::steady_clock::now()).count();
    pollfd wait{socket_.get(), POLLIN, 0};
    if (left <= 0 || ::poll(&wait, 1, static_cast<int>(left)) <= 0) return false;
    char chunk[4096];
    auto const size = ::recv(socket_.get(), chunk, sizeof chunk, 0);
    ended_ = size <= 0;
    if (size > 0) received_.append(chunk, static_cast<std::size_t>(size));
    return size > 0;
  }

  adapters::UniqueFd socket_;
  std::string received_ = {};
  bool ended_ = false;
};

/// A request for a path as a decent client would send it.
inline std::string get(std::string const& path, std::uint16_t port, std::string const& fields = {}) {
  return "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\n" + fields + "\r\n";
}

}  // namespace failover::test
