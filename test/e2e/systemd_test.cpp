#include "daemon/toy_fleet.hpp"
#include "test/support/catch.hpp"
#include "test/support/program.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <string>
#include <vector>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using failover::daemon::ToyFleet;
using failover::daemon::ToyFleetOptions;
using std::chrono::seconds;

namespace {

/// The service manager's end of the notify socket.
class Manager {
 public:
  explicit Manager(std::string const& path) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  ~Manager() { ::close(socket_); }
  Manager(Manager const&) = delete;
  Manager& operator=(Manager const&) = delete;

  /// How many of the messages so far begin with the text.
  std::size_t heard(std::string const& text) {
    char buffer[4096];
    for (ssize_t n = 0; (n = ::recv(socket_, buffer, sizeof buffer, 0)) > 0;)
      messages_.emplace_back(buffer, static_cast<std::size_t>(n));
    return static_cast<std::size_t>(std::count_if(messages_.begin(), messages_.end(),
                                                  [&](auto const& m) { return m.find(text) != std::string::npos; }));
  }

 private:
  int socket_;
  std::vector<std::string> messages_ = {};
};

bool comes(std::function<bool()> const& condition) {
  return ToyFleet::wait_until(condition, seconds{30});
}

}  // namespace

TEST_CASE("the service manager hears READY after the first look, the watchdog, reloads and the stop",
          "[e2e][systemd]") {
  failover::test::TemporaryFolder const folder;
  Manager manager(folder.path() + "/notify");
  ToyFleetOptions options;
  options.environment = {{"NOTIFY_SOCKET", folder.path() + "/notify"}, {"WATCHDOG_USEC", "400000"}};
  auto fleet = ToyFleet::make(options);
  REQUIRE(fleet.has_value());
  REQUIRE(fleet->start_daemon().has_value());
  CHECK(comes([&] { return manager.heard("READY=1") == 1; }));
  CHECK(manager.heard("STATUS=main active") >= 1);
  CHECK(comes([&] { return manager.heard("WATCHDOG=1") >= 3; }));
  fleet->signal_daemon(SIGHUP);
  CHECK(comes([&] { return manager.heard("RELOADING=1") == 1 && manager.heard("READY=1") == 2; }));
  CHECK(fleet->end_daemon(SIGTERM) == 0);
  CHECK(manager.heard("STOPPING=1") == 1);
}

TEST_CASE("without a tmux server the daemon is ready all the same", "[e2e][systemd]") {
  failover::test::TemporaryFolder const folder;
  Manager manager(folder.path() + "/notify");
  ToyFleetOptions options;
  options.settings["tmux.start_server"] = "false";
  options.environment = {{"NOTIFY_SOCKET", folder.path() + "/notify"}};
  auto fleet = ToyFleet::make(options);
  REQUIRE(fleet.has_value());
  REQUIRE(fleet->start_daemon().has_value());
  CHECK(comes([&] { return manager.heard("READY=1") == 1; }));
  CHECK(manager.heard("no tmux server") == 1);
}
