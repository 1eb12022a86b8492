#pragma once

#include "clock.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace failover::fake_agent {

enum class Act {
  answer,
  wall_five_hour,
  wall_weekly,
  error_500,
  error_529,
  throttle,
  login_expired,
  permission,
  hang,
  die,
  context_limit
};

enum class Start { idle, trust_dialog, login_expired, dead };

/// What one turn does.
struct Turn {
  std::string match = {};  ///< only for prompts that contain it; empty for all
  Act act = Act::answer;
  Milliseconds lasts{2000};
  std::string text = {};     ///< the answer; empty for "Done: …"
  int retries = 10;          ///< of a server error, spread over `lasts`
  std::string command = {};  ///< what asks for permission
  std::optional<Milliseconds> resets_in = {};
  std::optional<int> times_left = {};  ///< nothing: any number of times
};

/// The script of one agent process. See README.md for the file.
struct Script {
  std::string version = "2.1.330";
  Start start = Start::idle;
  Milliseconds turn_lasts{2000};
  Milliseconds auto_continue_delay{65000};  ///< after the reset; measured 65–100 s on the real one
  Milliseconds permission_notice_after{6000};
  int lost_enters = 0;  ///< so many first presses of Enter on a full box do nothing
  std::vector<Turn> turns = {};

  /// What to do with a prompt; uses up an entry with a count.
  [[nodiscard]] Turn next(std::string_view prompt);
};

/// Reads the file; an empty path gives the default script. Throws std::runtime_error that names the fault.
[[nodiscard]] Script load_script(std::string const& path);

}  // namespace failover::fake_agent
