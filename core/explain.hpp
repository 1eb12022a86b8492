#pragma once

#include "core/config.hpp"
#include "core/state.hpp"

#include <optional>
#include <string>
#include <vector>

/// Why the daemon holds an account for spent or not: which observations led to which ruling.
namespace failover::core {

struct SessionExplanation {
  SessionName name = {};
  Phase phase = Phase::missing;
  Moment since = {};
  AccountName account = {};
  Moment account_since = {};
  std::optional<ConversationId> conversation = {};
  std::optional<TranscriptRow> newest_row = {};  ///< of its transcript; nothing: none was read
  bool row_is_wall = false;
  std::optional<Suspicion> suspicion = {};
  std::vector<Observation> observations = {};  ///< newest first
  bool operator==(SessionExplanation const&) const = default;
};

struct AccountExplanation {
  AccountName name = {};
  AccountState state = {};
  bool active = false;
  bool operator==(AccountExplanation const&) const = default;
};

struct Explanation {
  Now now = {};
  std::vector<AccountExplanation> accounts = {};
  std::vector<SessionExplanation> sessions = {};
  std::string last_refusal = {};  ///< why the last wanted swap was not made
  bool operator==(Explanation const&) const = default;
};

/// Of all sessions or of one; a session that is not known gives none.
[[nodiscard]] Explanation explain(Config const& config, State const& state, std::optional<SessionName> const& session,
                                  Now now);

/// The same as text for a person, at most 120 characters a line but for evidence.
[[nodiscard]] std::string explanation_text(Explanation const& explanation);

}  // namespace failover::core
