#include "adapters/socket_listener.hpp"

#include "adapters/errno_error.hpp"
#include "adapters/unique_fd.hpp"

#include <cerrno>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>

namespace failover::adapters {

core::Result<pid_t> listener_of(std::string const& socket) {
  auto const what = "cannot connect to " + socket;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.size() >= sizeof address.sun_path)
    return core::Error{core::ErrorKind::invalid, what + ": the path is too long for a socket"};
  std::memcpy(address.sun_path, socket.c_str(), socket.size());
  UniqueFd const client{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!client.valid()) return errno_error(errno, what);
  if (::connect(client.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0) {
    int const number = errno;
    bool const busy = number == ECONNREFUSED || number == EAGAIN;
    if (busy) return core::Error{core::ErrorKind::unavailable, what + ": nobody answers there"};
    return errno_error(number, what);
  }
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(client.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return errno_error(errno, what);
  return peer.pid;
}

}  // namespace failover::adapters
