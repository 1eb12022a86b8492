#pragma once

#include "core/config.hpp"
#include "core/decision.hpp"
#include "core/state.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Why the daemon holds an account for spent or not, and why it switched or did not: which observations led to which
/// ruling, and which rule allowed or refused a swap.
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

/// What is asked for. With neither, all sessions and the newest swaps.
struct ExplainWhat {
  std::optional<SessionName> session = {};
  std::optional<std::int64_t> swap = {};
  bool operator==(ExplainWhat const&) const = default;
};

struct Explanation {
  Now now = {};
  std::vector<AccountExplanation> accounts = {};
  std::vector<SessionExplanation> sessions = {};
  std::optional<Decision> wanted = {};  ///< the swap that is wanted now and not made
  std::vector<Swap> swaps = {};         ///< newest first
  Brake brake = {};
  bool operator==(Explanation const&) const = default;
};

inline constexpr std::size_t max_explained_swaps = 3;  ///< where no swap is asked for by number

/// A session or swap that is not known gives none.
[[nodiscard]] Explanation explain(Config const& config, State const& state, ExplainWhat const& what, Now now);

/// The same as text for a person, at most 120 characters a line but for evidence.
[[nodiscard]] std::string explanation_text(Explanation const& explanation);

}  // namespace failover::core
