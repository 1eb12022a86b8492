#include "adapters/systemd.hpp"

#include "adapters/unique_fd.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <time.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

std::string environment(char const* name) {
  char const* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::optional<std::int64_t> number(std::string const& text) {
  std::int64_t value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// A line break would begin another assignment.
std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r' || c == '\0'; }, ' ');
  return text;
}

}  // namespace

SystemdNotify SystemdNotify::from_environment() {
  SystemdNotify notify;
  auto const socket = environment("NOTIFY_SOCKET");
  if (socket.starts_with('/') || socket.starts_with('@')) notify.socket_ = socket;  // vsock: is for machines
  auto const wait = number(environment("WATCHDOG_USEC"));
  auto const pid = environment("WATCHDOG_PID");
  bool const ours = pid.empty() || number(pid) == ::getpid();
  if (wait && *wait > 0 && ours)
    notify.watchdog_interval_ = std::max(core::Duration{*wait / 1000 / 2}, core::Duration{1});
  return notify;
}

void SystemdNotify::ready(std::string const& status) const {
  send("READY=1\nSTATUS=" + one_line(status));
}

void SystemdNotify::reloading() const {
  // The clock is read here and in microseconds: a stamp rounded down lies before the reload that it answers, and then
  // the manager does not count it.
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  auto const microseconds = std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
}

void SystemdNotify::stopping() const {
  send("STOPPING=1");
}

void SystemdNotify::watchdog() const {
  send("WATCHDOG=1");
}

void SystemdNotify::status(std::string const& text) const {
  send("STATUS=" + one_line(text));
}

void SystemdNotify::send(std::string const& message) const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_.front() == '@') address.sun_path[0] = '\0';
  // An abstract name is all the bytes that the length covers; a path may end with them as well.
  auto const length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  UniqueFd const fd{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!fd.valid()) return;
  sockaddr const* const to = reinterpret_cast<sockaddr const*>(&address);
  (void)::sendto(fd.get(), message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT, to, length);  // advice
}

}  // namespace failover::adapters
