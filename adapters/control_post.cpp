#include "adapters/control_post.hpp"

#include "adapters/errno_error.hpp"
#include "adapters/unique_fd.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <time.h>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace failover::adapters {
namespace {

using core::Error;
using core::ErrorKind;
using core::Result;
using Clock = std::chrono::steady_clock;

constexpr auto connect_pause = std::chrono::milliseconds{1};

/// Waits until the socket is ready; false when the time is over.
bool wait_for(int socket, short events, Clock::time_point last) {
  for (;;) {
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(last - Clock::now()).count();
    if (left <= 0) return false;
    pollfd wait{socket, events, 0};
    auto const ready = ::poll(&wait, 1, static_cast<int>(left));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return true;  // the next call on the socket tells what is wrong
  }
}

Error late(std::string const& path) {
  return {ErrorKind::timed_out, "the daemon did not answer in time on " + path};
}

Error down(std::string const& path, int number) {
  if (number == EACCES || number == EPERM)
    return {ErrorKind::permission, "the daemon on " + path + " belongs to another user"};
  return {ErrorKind::unavailable, "no daemon answers on " + path + ": " + std::strerror(number)};
}

Result<UniqueFd> connected(std::string const& path, Clock::time_point last) {
  sockaddr_un peer{};
  if (path.empty() || path.size() >= sizeof peer.sun_path)
    return Error{ErrorKind::invalid, "no path of a socket: " + path};
  peer.sun_family = AF_UNIX;
  path.copy(peer.sun_path, path.size());
  UniqueFd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket.valid()) return errno_error(errno, "cannot make a socket");
  while (::connect(socket.get(), reinterpret_cast<sockaddr const*>(&peer), sizeof peer) != 0) {
    // A full backlog cannot be waited for on a unix socket.
    if (errno != EAGAIN && errno != EINTR) return down(path, errno);
    if (Clock::now() + connect_pause >= last) return late(path);
    timespec const pause{0, std::chrono::nanoseconds{connect_pause}.count()};
    (void)::nanosleep(&pause, nullptr);
  }
  ucred owner{};
  socklen_t size = sizeof owner;
  bool const known = ::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &owner, &size) == 0;
  if (!known || (owner.uid != ::geteuid() && owner.uid != 0)) return down(path, EACCES);
  return socket;
}

Result<void> send_all(UniqueFd const& socket, std::string_view bytes, std::string const& path, Clock::time_point last) {
  while (!bytes.empty()) {
    auto const sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    else if (errno == EPIPE)
      return {};  // it may have answered before it closed
    else if (errno != EAGAIN && errno != EINTR)
      return down(path, errno);
    else if (!wait_for(socket.get(), POLLOUT, last))
      return late(path);
  }
  return {};
}

/// "HTTP/1.1 204" is all that is wanted of an answer.
Result<unsigned> status_of(UniqueFd const& socket, std::string const& path, Clock::time_point last) {
  constexpr std::size_t enough = 12;
  std::array<char, 512> bytes{};
  std::size_t size = 0;
  while (size < enough) {
    auto const got = ::recv(socket.get(), bytes.data() + size, bytes.size() - size, 0);
    if (got > 0)
      size += static_cast<std::size_t>(got);
    else if (got == 0)
      return down(path, ECONNRESET);
    else if (errno != EAGAIN && errno != EINTR)
      return down(path, errno);
    else if (!wait_for(socket.get(), POLLIN, last))
      return late(path);
  }
  std::string_view const line{bytes.data(), enough};
  unsigned status = 0;
  auto const [end, error] = std::from_chars(line.data() + 9, line.data() + enough, status);
  if (!line.starts_with("HTTP/1.") || error != std::errc{} || end != line.data() + enough)
    return Error{ErrorKind::invalid, "what answers on " + path + " is not the daemon"};
  return status;
}

}  // namespace

Result<unsigned> control_post(std::string const& socket_path, std::string_view target, std::string_view body,
                              core::Duration timeout) {
  auto const last = Clock::now() + timeout;
  auto const socket = connected(socket_path, last);
  if (!socket) return socket.error();
  std::string message = "POST " + std::string{target} +
                        " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
                        "Content-Length: " +
                        std::to_string(body.size()) + "\r\n\r\n";
  message += body;
  if (auto const sent = send_all(*socket, message, socket_path, last); !sent) return sent.error();
  return status_of(*socket, socket_path, last);
}

}  // namespace failover::adapters
