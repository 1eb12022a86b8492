#include "adapters/control_client.hpp"
#include "daemon/toy_fleet.hpp"
#include "test/support/catch.hpp"
#include "test/support/program.hpp"

#include <filesystem>
#include <string>

namespace fs = std::filesystem;
using failover::daemon::ToyFleet;
using failover::daemon::ToyFleetOptions;
using namespace failover::test;
using std::chrono::seconds;

namespace {

/// Draws an agent at rest, and, when it is told to, one at work by way of /dev/tty, of which the kernel tells nobody.
constexpr char const* drawing = R"(
rule='────────────────────────────────────────'
printf '● done\n\n%s\n❯ \n%s\n  ? for shortcuts\n' "$rule" "$rule"
while [ ! -e go ]; do read -t 0.1 _ || :; done
printf '\033[H\033[2J● reading\n\n✻ Thinking… (3s · esc to interrupt)\n\n%s\n❯ \n%s\n' "$rule" "$rule" > /dev/tty
touch gone
while :; do read -t 60 _ || :; done
)";

class DrawnSession {
 public:
  DrawnSession() : fleet_(make()) {
    write_text(fleet_.folder() + "/drawing", drawing);
    fs::copy_file("/bin/bash", fleet_.folder() + "/drawer");  // a name that is no shell's
    run_tmux(fleet_.tmux_socket(), {"new-session", "-d", "-s", "lone", "-x", "120", "-y", "40", "-c", fleet_.folder(),
                                    fleet_.folder() + "/drawer", fleet_.folder() + "/drawing"});
    run_tmux(fleet_.tmux_socket(), {"set-option", "-g", "@captured", "0"});
    run_tmux(fleet_.tmux_socket(),
             {"set-hook", "-g", "after-capture-pane", "set-option -gF @captured \"#{e|+:#{@captured},1}\""});
    REQUIRE(fleet_.start_daemon().has_value());
  }

  /// Screens that tmux has printed.
  long captured() { return std::stol(run_tmux(fleet_.tmux_socket(), {"show-options", "-gv", "@captured"})); }

  /// Listings and looks that the daemon has asked for.
  long asked() {
    auto const told =
        failover::adapters::control_get(fleet_.folder() + "/run/control.sock", "/metrics", "text/plain", seconds{5});
    if (!told) return 0;
    long reads = 0;
    for (auto const* transport : {"control", "child"}) {
      auto const name = std::string("claude_failover_tmux_reads_total{transport=\"") + transport + "\"} ";
      auto const at = told->body.find(name);
      REQUIRE(at != std::string::npos);
      reads += std::stol(told->body.substr(at + name.size()));
    }
    return reads;
  }

  std::string phase() {
    auto const status = fleet_.status();
    return status && status->phases.contains("lone") ? status->phases.at("lone") : "";
  }
  ToyFleet& fleet() { return fleet_; }

 private:
  static ToyFleet make() {
    ToyFleetOptions options;
    options.pool = 0;
    options.settings["sessions.adopt"] = "[lone]";
    options.settings["quota.poll_interval"] = "1s";
    options.settings["tmux.sweep"] = "1s";
    auto fleet = ToyFleet::make(std::move(options));
    REQUIRE(fleet.has_value());
    return std::move(*fleet);
  }

  ToyFleet fleet_;
};

}  // namespace

TEST_CASE("a silent screen is looked at without being read, and what its program writes unheard is seen",
          "[e2e][watching]") {
  DrawnSession lone;
  auto const told = [&] { return lone.fleet().daemon_log() + lone.fleet().screen("lone"); };
  bool const idle = ToyFleet::wait_until([&] { return lone.phase() == "idle"; }, seconds{20});
  INFO(told());
  REQUIRE(idle);
  bool const silent = ToyFleet::wait_until(
      [&] {
        auto const captured = lone.captured();
        auto const asked = lone.asked();
        bool const looked = ToyFleet::wait_until([&] { return lone.asked() >= asked + 4; }, seconds{20});
        return looked && lone.captured() == captured;
      },
      seconds{60});
  REQUIRE(silent);
  CHECK(lone.phase() == "idle");
  write_text(lone.fleet().folder() + "/go", "");
  bool const seen = ToyFleet::wait_until([&] { return lone.phase() == "working"; }, seconds{20});
  INFO(told());
  CHECK(seen);
  CHECK(fs::exists(lone.fleet().folder() + "/gone"));
}
