#pragma once

#include "core/step.hpp"

#include <optional>
#include <string>
#include <string_view>

/// What a report of a wall is worth, and the list in which each session keeps what was reported.
namespace failover::core {

/// One source's report that a session met its account's limit.
struct WallReport {
  Source source = Source::pane;
  Classification wall = {};
  WallTime at = {};              ///< by the source's clock
  std::string fingerprint = {};  ///< as Observation's
};

/// A request that was under way when the link was moved is answered for the account that was left.
inline constexpr Duration longest_request = std::chrono::seconds{10};

/// Whether the session's agent is known to use one login from its start to its end; core/agent_profile.hpp.
[[nodiscard]] bool session_keeps_its_login(Config const& config, State const& state, SessionState const& session);

/// Whether the session's agent was started by us, before the link was moved, and still uses the login of then.
[[nodiscard]] bool uses_former_login(Config const& config, State const& state, SessionState const& session);

/// Whether the session's transcript shows a turn that went on: what its screen quotes is no wall.
[[nodiscard]] bool transcript_denies(State const& state, SessionState const& session);

/// Why what happened to the session at `at` says nothing of its account's present, "" when it does.
[[nodiscard]] std::string_view outdated_because(State const& state, SessionState const& session, WallTime at, Now now);

struct Judgement {
  Ruling ruling = Ruling::suspected;
  std::string_view why = {};
  bool operator==(Judgement const&) const = default;
};

/// How long a wall on the screen waits for the transcript's row, where there is a transcript.
inline constexpr Duration row_patience = std::chrono::seconds{1};
/// For so long transcripts that are known to be unread may speak before the screen.
inline constexpr Duration reading_patience = std::chrono::minutes{1};

/// How long the agent may take to draw what it has written into its transcript.
inline constexpr Duration row_lead = std::chrono::seconds{5};

/// Whether the report proves that the session's account is spent. A report of the agent itself proves it at once when
/// it is not older than the session's use of the account. What the screen alone says is proved by the transcript
/// beside it, else by a believable time of reset, else by staying.
/// `reset` is the believable time of reset, where there is one.
[[nodiscard]] Judgement judge(Step const& step, SessionState const& session, WallReport const& report,
                              std::optional<WallTime> reset);

/// Keeps the report with its ruling and writes the forensic line. False when the same was said before.
bool note(Step& step, SessionName const& name, WallReport const& report, Judgement const& judgement);

/// Gives the observations of that source that are only suspected their end.
void settle_suspected(SessionState& session, Source source, Ruling ruling, std::string_view why);

}  // namespace failover::core
