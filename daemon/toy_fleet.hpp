#pragma once

#include "core/result.hpp"
#include "core/time.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace failover::daemon {

/// One toy account: how many turns it has before its wall, and when the wall ends.
struct ToyAccount {
  std::string name = {};
  int turns = 1000;
  int resets_in_seconds = 3600;
};

struct ToyFleetOptions {
  std::vector<ToyAccount> accounts = {{"main", 2, 3600}, {"spare", 1000, 3600}};
  int pool = 2;
  double turn_seconds = 1.5;
  bool shared_history = true;
  std::string script_turns = "[]";                      ///< JSON: the toy agent's scripted turns
  std::map<std::string, std::string> settings = {};     ///< `section.key` → YAML value, over the fleet's own
  std::map<std::string, std::string> environment = {};  ///< the daemon's, over the surroundings' own
};

/// What `/status` says, as far as the demo and the tests of whole fleets ask.
struct FleetStatus {
  struct Swap {
    std::string from = {};
    std::string to = {};
    std::string phase = {};
    std::string rule = {};
  };
  std::map<std::string, std::string> phases = {};     ///< by session
  std::map<std::string, std::string> standings = {};  ///< by account
  std::vector<Swap> swaps = {};
  bool holding = false;

  [[nodiscard]] std::size_t sessions_in(std::string const& phase) const;
};

/// One thing that a toy agent noted of itself.
struct AgentEvent {
  std::string event = {};
  std::string conversation = {};
  std::string account = {};
  std::string text = {};
};

/// A whole private world in a temporary folder: accounts, switch link, queue, a tmux server of its own, the toy agent
/// and this very program as the daemon. Nothing outside the folder is touched, and the destructor leaves no process
/// and no file.
class ToyFleet {
 public:
  /// Fails where the folder cannot be made, or the toy agent is not installed beside this program.
  static core::Result<ToyFleet> make(ToyFleetOptions options);
  ToyFleet(ToyFleet&& other) noexcept;
  ToyFleet& operator=(ToyFleet&&) = delete;
  ToyFleet(ToyFleet const&) = delete;
  ToyFleet& operator=(ToyFleet const&) = delete;
  ~ToyFleet();

  /// Starts the daemon; its log goes to `daemon.log` in the folder.
  [[nodiscard]] core::Result<void> start_daemon();
  /// Sends a signal to the daemon and waits until it has ended; its exit status (128 + signal when killed).
  int end_daemon(int signal);
  void signal_daemon(int signal) const;
  [[nodiscard]] bool daemon_runs();

  /// Nothing while the daemon does not answer.
  [[nodiscard]] std::optional<FleetStatus> status() const;

  /// Puts a task into the queue by rename.
  [[nodiscard]] core::Result<void> add_task(std::string const& file_name, std::string const& text) const;

  /// What the toy agents noted, in order.
  [[nodiscard]] std::vector<AgentEvent> agent_events() const;

  /// The screen of a session, "" when there is none.
  [[nodiscard]] std::string screen(std::string const& session) const;

  /// Names of the files in a folder of the queue, results left out.
  [[nodiscard]] std::vector<std::string> queue_files(std::string const& place) const;

  [[nodiscard]] std::string link_target() const;
  [[nodiscard]] std::string const& folder() const { return folder_; }
  [[nodiscard]] std::string config_path() const { return folder_ + "/config.yaml"; }
  [[nodiscard]] std::string tmux_socket() const { return folder_ + "/tmux.sock"; }
  [[nodiscard]] std::string daemon_log() const;
  void keep_folder() { keep_ = true; }

  /// Waits for a condition, looking each 50 ms; false when the time is over.
  static bool wait_until(std::function<bool()> const& condition, core::Duration limit);

 private:
  ToyFleet(std::string folder, std::string agent, ToyFleetOptions options);
  [[nodiscard]] core::Result<void> furnish() const;
  [[nodiscard]] std::string configuration() const;
  void clean_up();

  std::string folder_;
  std::string agent_;
  ToyFleetOptions options_;
  pid_t daemon_ = -1;
  bool keep_ = false;
};

}  // namespace failover::daemon
