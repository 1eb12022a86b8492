#pragma once

#include "account.hpp"
#include "clock.hpp"
#include "script.hpp"
#include "version.hpp"
#include "view.hpp"

#include <string>
#include <vector>

namespace failover::fake_agent {

/// How a turn ended: what the screen, the transcript row and the hook say.
struct Ending {
  BlockKind kind = BlockKind::answer;
  std::string text = {};
  std::string below = {};  ///< a companion line of a wall
  std::string error = {};  ///< rate_limit, server_error …; empty when all went well
  int status = 0;          ///< of HTTP; 0 for none
  std::string type = {};   ///< apiErrorType
  bool transient = false;
  std::optional<Wall> wall = {};
  std::string suggestion = {};  ///< grey, in the empty box
};

// The texts of 2.1.330, where a version has none of its own.

/// The ending of everything but an answer.
[[nodiscard]] Ending ending_of(Version const& version, Act act, AccountReading const& reading, Milliseconds resets_in,
                               Instant at);
[[nodiscard]] Ending wall_ending(Version const& version, Wall const& wall, Instant at);
/// Whether this is what some version says at a wall.
[[nodiscard]] bool is_wall_text(std::string_view text);

/// "✻ Processing… (3s · ↓ 11 tokens)"
[[nodiscard]] std::string working_line(Version const& version, int turn, Milliseconds elapsed);
/// "✻ 500 Internal server error · retrying in 19s · attempt 6/10"; the reason is named from the third attempt on.
[[nodiscard]] std::string retry_line(Act act, int attempt, int attempts, Milliseconds left);
/// "Crunched for 10s · done 7:23 PM"
[[nodiscard]] std::string finished_line(int turn, Milliseconds elapsed, Instant at);

/// "Usage limit reached · set to continue automatically at 9:36pm"
[[nodiscard]] std::string armed_notice(Instant resets_at, Instant seen_at);
/// The two rows below the box while it waits.
[[nodiscard]] std::vector<std::string> armed_banner(Instant resets_at, Instant seen_at);
[[nodiscard]] Menu limit_menu(Version const& version, Instant resets_at, Instant seen_at, bool armed);
[[nodiscard]] Menu permission_menu(Version const& version, std::string const& command, std::string const& directory);
[[nodiscard]] Menu trust_menu(Version const& version);

}  // namespace failover::fake_agent
