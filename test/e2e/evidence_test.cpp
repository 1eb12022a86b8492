#include "adapters/control_client.hpp"
#include "daemon/toy_fleet.hpp"
#include "test/support/catch.hpp"
#include "test/support/program.hpp"

#include <csignal>
#include <filesystem>

#include <boost/json.hpp>

namespace fs = std::filesystem;
namespace json = boost::json;
using failover::daemon::ToyFleet;
using failover::daemon::ToyFleetOptions;
using namespace failover::test;
using std::chrono::seconds;

// A five-hour wall of the toy agent, told by one source alone.

namespace {

std::string const program = std::string(CF_BIN_DIR) + "/claude-failover";

/// A fleet without sessions of its own, which watches the session "lone". Its agent keeps its files in a directory that
/// is no account's, so that the daemon sees no transcript of it.
class LoneSession {
 public:
  explicit LoneSession(std::string const& poll_interval) : fleet_(make(poll_interval)), folder_(fleet_.folder()) {
    fs::create_directories(config_dir());
    write_text(config_dir() + "/.credentials.json", "{}");
    write_text(config_dir() + "/.claude.json",
               "{\"projects\":{\"" + folder_ + "\":{\"hasTrustDialogAccepted\":true}}}");
    write_text(folder_ + "/lone.json",
               R"({"turns":[{"match":"wall","do":"wall_five_hour","seconds":0.3},{"do":"answer","seconds":0.3}]})");
  }

  [[nodiscard]] std::string config_dir() const { return folder_ + "/lone"; }
  [[nodiscard]] std::string settings() const { return config_dir() + "/settings.json"; }
  [[nodiscard]] std::string hook_command() const {
    return program + " hook --socket " + folder_ + "/run/control.sock --spool " + folder_ + "/state/spool";
  }

  void start() {
    run_tmux(fleet_.tmux_socket(),
             {"new-session", "-d", "-s", "lone", "-x", "120", "-y", "40", "-c", folder_, "env",
              "CLAUDE_CONFIG_DIR=" + config_dir(), "FAKE_AGENT_SCRIPT=" + folder_ + "/lone.json",
              "FAKE_AGENT_LOG=" + folder_ + "/agent.log", "HOME=" + folder_, std::string(CF_BIN_DIR) + "/fake-agent"});
    REQUIRE(ToyFleet::wait_until([&] { return fleet_.screen("lone").find("❯") != std::string::npos; }, seconds{20}));
    REQUIRE(fleet_.start_daemon().has_value());
    REQUIRE(ToyFleet::wait_until([&] { return phase() == "idle"; }, seconds{20}));
  }
  void prompt(std::string const& text) {
    run_tmux(fleet_.tmux_socket(), {"send-keys", "-t", "=lone:", "-l", text});
    REQUIRE(ToyFleet::wait_until([&] { return fleet_.screen("lone").find(text) != std::string::npos; }, seconds{20}));
    run_tmux(fleet_.tmux_socket(), {"send-keys", "-t", "=lone:", "Enter"});
  }

  [[nodiscard]] std::string phase() const {
    auto const status = fleet_.status();
    auto const found = status ? status->phases.find("lone") : decltype(status->phases.find("lone")){};
    return status && found != status->phases.end() ? found->second : "";
  }
  [[nodiscard]] std::string explain(std::string const& what) const {
    auto const told = run_program({program, "explain", "--config", fleet_.config_path(), "--session", what, "--json"},
                                  own_environment());
    return told.status == 0 ? told.out : "";
  }
  /// "source ruling" of every observation of the session, newest first.
  [[nodiscard]] std::vector<std::string> observations() const {
    std::vector<std::string> list;
    boost::system::error_code failed;
    auto const told = json::parse(explain("lone"), failed);
    if (failed) return list;
    for (auto const& session : told.at("sessions").as_array())
      for (auto const& seen : session.at("observations").as_array())
        list.push_back(std::string(seen.at("source").as_string()) + " " + std::string(seen.at("ruling").as_string()));
    return list;
  }
  [[nodiscard]] ToyFleet& fleet() { return fleet_; }

 private:
  static ToyFleet make(std::string const& poll_interval) {
    ToyFleetOptions options;
    options.pool = 0;
    options.settings["sessions.adopt"] = "[lone]";
    options.settings["quota.poll_interval"] = poll_interval;
    auto fleet = ToyFleet::make(std::move(options));
    REQUIRE(fleet.has_value());
    return std::move(*fleet);
  }

  ToyFleet fleet_;
  std::string folder_;
};

}  // namespace

TEST_CASE("a five-hour wall is confirmed by the hook alone", "[e2e][evidence]") {
  LoneSession lone("1h");
  write_text(lone.settings(), R"({"hooks":{"StopFailure":[{"matcher":"","hooks":[{"type":"command","command":")" +
                                  lone.hook_command() + R"("}]}]}})");
  lone.start();
  lone.prompt("hit the wall");
  bool const told = ToyFleet::wait_until([&] { return !lone.observations().empty(); }, seconds{20});
  INFO(lone.fleet().daemon_log() << lone.fleet().screen("lone"));
  REQUIRE(told);
  CHECK(lone.observations().back() == "hook confirmed");
}

TEST_CASE("a five-hour wall is confirmed by the screen alone", "[e2e][evidence]") {
  LoneSession lone("1s");
  lone.start();
  lone.prompt("hit the wall");
  bool const told = ToyFleet::wait_until([&] { return !lone.observations().empty(); }, seconds{20});
  INFO(lone.fleet().daemon_log() << lone.fleet().screen("lone"));
  REQUIRE(told);
  CHECK(lone.observations().back() == "pane confirmed");
}

TEST_CASE("a five-hour wall is confirmed by the transcript alone", "[e2e][evidence]") {
  // The account's directory is the agent's own here, and no screen is looked at within the hour.
  LoneSession lone("1h");
  fs::remove_all(lone.config_dir());
  fs::create_directory_symlink(lone.fleet().folder() + "/claude", lone.config_dir());
  lone.start();
  lone.prompt("hit the wall");
  bool const told = ToyFleet::wait_until([&] { return !lone.observations().empty(); }, seconds{20});
  INFO(lone.fleet().daemon_log() << lone.fleet().screen("lone"));
  REQUIRE(told);
  CHECK(lone.observations().back() == "transcript confirmed");
}

TEST_CASE("explain tells from the saved state when the daemon is down", "[e2e][evidence]") {
  LoneSession lone("1s");
  lone.start();
  lone.prompt("hit the wall");
  REQUIRE(ToyFleet::wait_until([&] { return !lone.observations().empty(); }, seconds{20}));
  REQUIRE(lone.fleet().end_daemon(SIGTERM) == 0);
  auto const told = run_program({program, "explain", "--config", lone.fleet().config_path()}, own_environment());
  CHECK(told.status == 0);
  CHECK_THAT(told.err, CF_CONTAINS("saved last"));
  for (char const* part : {"session lone", "confirmed: pane", "because: ", "You've hit your 5-hour limit"})
    CHECK_THAT(told.out, CF_CONTAINS(part));
  auto const unknown = run_program({program, "explain", "--config", lone.fleet().config_path(), "--session", "nobody"},
                                   own_environment());
  CHECK(unknown.status == 1);
  CHECK_THAT(unknown.err, CF_CONTAINS("there is no session nobody"));
}
