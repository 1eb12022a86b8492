#include "adapters/systemd.hpp"

#include "adapters/unique_fd.hpp"
#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace adapters = failover::adapters;
using failover::test::ScratchDirectory;
using namespace std::chrono_literals;

namespace {

/// A service manager's ear: a real datagram socket.
class Manager {
 public:
  explicit Manager(std::string const& name) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name.front() == '@') address.sun_path[0] = '\0';
    auto const length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    REQUIRE(::bind(socket_.get(), reinterpret_cast<sockaddr const*>(&address), length) == 0);
  }

  std::string heard() const {
    pollfd ready{socket_.get(), POLLIN, 0};
    if (::poll(&ready, 1, 0) != 1) return "";
    std::array<char, 4096> buffer{};
    auto const length = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    REQUIRE(length > 0);
    return {buffer.data(), static_cast<std::size_t>(length)};
  }

 private:
  adapters::UniqueFd socket_;
};

class Environment {
 public:
  Environment(std::string name, std::string const& value) : name_(std::move(name)) {
    ::setenv(name_.c_str(), value.c_str(), 1);
  }
  Environment(Environment const&) = delete;
  Environment& operator=(Environment const&) = delete;
  ~Environment() { ::unsetenv(name_.c_str()); }

 private:
  std::string name_;
};

void check_all_messages(std::string const& name) {
  Manager const manager{name};
  Environment const socket{"NOTIFY_SOCKET", name};
  auto const notify = adapters::SystemdNotify::from_environment();
  notify.ready("looking after 3 sessions");
  CHECK(manager.heard() == "READY=1\nSTATUS=looking after 3 sessions");
  notify.status("two\nlines");
  CHECK(manager.heard() == "STATUS=two lines");
  notify.watchdog();
  CHECK(manager.heard() == "WATCHDOG=1");
  notify.stopping();
  CHECK(manager.heard() == "STOPPING=1");
  auto const before = std::chrono::steady_clock::now().time_since_epoch();  // CLOCK_MONOTONIC
  notify.reloading();
  auto const after = std::chrono::steady_clock::now().time_since_epoch();
  auto const reload = manager.heard();
  std::string const start = "RELOADING=1\nMONOTONIC_USEC=";
  REQUIRE(reload.starts_with(start));
  auto const at = std::chrono::microseconds{std::stoll(reload.substr(start.size()))};
  CHECK(at >= std::chrono::floor<std::chrono::microseconds>(before));
  CHECK(at <= after);
}

}  // namespace

TEST_CASE("messages reach a manager that listens on a path", "[adapters][systemd]") {
  ScratchDirectory const scratch;
  check_all_messages(scratch / "notify");
}

TEST_CASE("messages reach a manager that listens on an abstract name", "[adapters][systemd]") {
  check_all_messages("@failover-test-" + std::to_string(::getpid()));
}

TEST_CASE("without a manager, or with one that is gone, nothing happens", "[adapters][systemd]") {
  adapters::SystemdNotify::from_environment().ready("x");
  ScratchDirectory const scratch;
  for (auto const& name : {scratch / "nobody", "@" + std::string(200, 'x'), std::string{"vsock:2:1"}, std::string{}}) {
    Environment const socket{"NOTIFY_SOCKET", name};
    auto const notify = adapters::SystemdNotify::from_environment();
    notify.ready("x");
    notify.watchdog();
    CHECK_FALSE(notify.watchdog_interval());
  }
}

TEST_CASE("a manager that does not read never makes us wait", "[adapters][systemd]") {
  ScratchDirectory const scratch;
  Manager const manager{scratch / "notify"};
  Environment const socket{"NOTIFY_SOCKET", scratch / "notify"};
  auto const notify = adapters::SystemdNotify::from_environment();
  for (int count = 0; count < 2000; ++count) notify.status("more than its queue holds");
  CHECK(manager.heard() == "STATUS=more than its queue holds");
}

TEST_CASE("the watchdog is fed twice in its time, if it is ours", "[adapters][systemd]") {
  Environment const wait{"WATCHDOG_USEC", "30000000"};
  CHECK(adapters::SystemdNotify::from_environment().watchdog_interval() == 15s);
  {
    Environment const pid{"WATCHDOG_PID", std::to_string(::getpid())};
    CHECK(adapters::SystemdNotify::from_environment().watchdog_interval() == 15s);
  }
  {
    Environment const pid{"WATCHDOG_PID", "1"};
    CHECK_FALSE(adapters::SystemdNotify::from_environment().watchdog_interval());
  }
  for (std::string const bad : {"", "0", "-5", "soon", "99999999999999999999"}) {
    Environment const other{"WATCHDOG_USEC", bad};
    CHECK_FALSE(adapters::SystemdNotify::from_environment().watchdog_interval());
    ::setenv("WATCHDOG_USEC", "30000000", 1);
  }
}
