#include "adapters/listening_socket.hpp"

#include "adapters/errno_error.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <netinet/in.h>
#include <optional>
#include <string_view>
#include <variant>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace failover::adapters {
namespace {

using core::Error;
using core::ErrorKind;

constexpr int backlog = 128;

struct Address {
  std::variant<sockaddr_in, sockaddr_in6> value = {};
  [[nodiscard]] bool ipv6() const { return value.index() == 1; }
  [[nodiscard]] sockaddr* raw() {
    return std::visit([](auto& address) { return reinterpret_cast<sockaddr*>(&address); }, value);
  }
  [[nodiscard]] socklen_t size() const { return ipv6() ? sizeof(sockaddr_in6) : sizeof(sockaddr_in); }
  [[nodiscard]] bool loopback() const {
    if (ipv6()) return IN6_IS_ADDR_LOOPBACK(&std::get<1>(value).sin6_addr);
    return (ntohl(std::get<0>(value).sin_addr.s_addr) >> 24) == 127;
  }
  [[nodiscard]] std::uint16_t port() const {
    return ntohs(ipv6() ? std::get<1>(value).sin6_port : std::get<0>(value).sin_port);
  }
};

std::optional<Address> parse(std::string const& host_port) {
  auto const colon = host_port.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  auto host = host_port.substr(0, colon);
  std::uint16_t port = 0;
  auto const* const end = host_port.data() + host_port.size();
  auto const [stopped, error] = std::from_chars(host_port.data() + colon + 1, end, port);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  if (host == "localhost") host = "127.0.0.1";
  sockaddr_in ipv4{};
  ipv4.sin_family = AF_INET;
  ipv4.sin_port = htons(port);
  if (::inet_pton(AF_INET, host.c_str(), &ipv4.sin_addr) == 1) return Address{ipv4};
  if (host.size() < 2 || host.front() != '[' || host.back() != ']') return std::nullopt;
  sockaddr_in6 ipv6{};
  ipv6.sin6_family = AF_INET6;
  ipv6.sin6_port = htons(port);
  if (::inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &ipv6.sin6_addr) == 1) return Address{ipv6};
  return std::nullopt;
}

Error cannot_listen(int number, std::string const& host_port) {
  if (number == EADDRINUSE)
    return {ErrorKind::already_exists, "another program listens on " + host_port + "; set http.listen or stop it"};
  if (number == EADDRNOTAVAIL)
    return {ErrorKind::unavailable, host_port + " is no address of this machine; set http.listen"};
  return errno_error(number, "cannot listen on " + host_port);
}

sockaddr_un unix_address(std::string const& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size());  // checked by open(); the rest is zero
  return address;
}

UniqueFd unix_socket() {
  return UniqueFd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
}

template <class Sockaddr>
sockaddr const* raw(Sockaddr const& address) {
  return reinterpret_cast<sockaddr const*>(&address);
}

/// Makes way for a new socket file where the old one was left by a daemon that is gone.
core::Result<void> remove_stale(std::string const& path) {
  struct stat file {};
  if (::lstat(path.c_str(), &file) != 0) return errno_error(errno, "cannot look at " + path);
  if (!S_ISSOCK(file.st_mode)) return Error{ErrorKind::already_exists, path + " is not a socket; remove it"};
  auto const probe = unix_socket();
  if (!probe.valid()) return errno_error(errno, "cannot make a socket");
  auto const address = unix_address(path);
  if (::connect(probe.get(), raw(address), sizeof address) == 0 || errno != ECONNREFUSED)
    return Error{ErrorKind::already_exists, "another program answers on " + path + "; stop it or set state.runtime"};
  if (::unlink(path.c_str()) != 0) return errno_error(errno, "cannot remove " + path);
  return {};
}

}  // namespace

core::Result<TcpListener> open_tcp_listener(std::string const& host_port, bool remote_allowed) {
  auto address = parse(host_port);
  if (!address)
    return Error{ErrorKind::invalid, "http.listen: \"" + host_port + "\" is not ADDRESS:PORT, as in 127.0.0.1:8377"};
  if (!address->loopback() && !remote_allowed)
    return Error{ErrorKind::refused, "http.listen: " + host_port +
                                         " can be reached from outside: set http.allow_remote and http.token_file, "
                                         "or listen on 127.0.0.1"};
  TcpListener listener;
  listener.ipv6 = address->ipv6();
  listener.loopback = address->loopback();
  listener.socket.reset(::socket(address->ipv6() ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listener.socket.valid()) return cannot_listen(errno, host_port);
  int const yes = 1;  // a restart must not wait for connections of the last life to be forgotten
  (void)::setsockopt(listener.socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (::bind(listener.socket.get(), address->raw(), address->size()) != 0 ||
      ::listen(listener.socket.get(), backlog) != 0)
    return cannot_listen(errno, host_port);
  auto size = address->size();
  if (::getsockname(listener.socket.get(), address->raw(), &size) != 0) return cannot_listen(errno, host_port);
  listener.port = address->port();
  return listener;
}

core::Result<UnixListener> UnixListener::open(std::string const& path) {
  if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path))
    return Error{ErrorKind::invalid, "the path of a socket has at most " +
                                         std::to_string(sizeof(sockaddr_un::sun_path) - 1) + " bytes: " + path +
                                         "; set state.runtime"};
  auto socket = unix_socket();
  if (!socket.valid()) return errno_error(errno, "cannot make a socket");
  if (::fchmod(socket.get(), 0600) != 0) return errno_error(errno, "cannot protect " + path);  // Linux: bind keeps it
  auto const address = unix_address(path);
  int failed = ::bind(socket.get(), raw(address), sizeof address) == 0 ? 0 : errno;
  if (failed == EADDRINUSE) {
    if (auto removed = remove_stale(path); !removed) return removed.error();
    failed = ::bind(socket.get(), raw(address), sizeof address) == 0 ? 0 : errno;
  }
  if (failed != 0) return errno_error(failed, "cannot listen on " + path);
  UnixListener listener{std::move(socket), path};
  if (::listen(listener.socket_.get(), backlog) != 0) return errno_error(errno, "cannot listen on " + path);
  return listener;
}

UnixListener::UnixListener(UniqueFd socket, std::string path) : socket_(std::move(socket)), path_(std::move(path)) {
  struct stat file {};
  if (::lstat(path_.c_str(), &file) != 0) return;
  device_ = file.st_dev;
  inode_ = file.st_ino;
}

UnixListener::UnixListener(UnixListener&& other) noexcept
    : socket_(std::move(other.socket_)),
      path_(std::exchange(other.path_, {})),
      device_(other.device_),
      inode_(other.inode_) {}

UnixListener::~UnixListener() {
  if (path_.empty()) return;
  struct stat file {};
  if (::lstat(path_.c_str(), &file) == 0 && file.st_dev == device_ && file.st_ino == inode_)
    (void)::unlink(path_.c_str());  // best effort: the next start replaces a stale one
}

}  // namespace failover::adapters
