#pragma once

#include "core/classification.hpp"
#include "core/names.hpp"
#include "core/time.hpp"

#include <optional>
#include <string>
#include <string_view>

/// What one source said once, and what became of it. A session keeps its newest observations: that list is what
/// `explain` prints.
namespace failover::core {

/// In order of trust, the most trusted last. Text on a screen may be quoted; the other sources are written by the
/// agent itself.
enum class Source { pane, statusline, hook, transcript };
[[nodiscard]] std::string_view to_string(Source source);
[[nodiscard]] std::optional<Source> source_from(std::string_view text);

enum class Ruling {
  suspected,       ///< waits for a better source, or for the screen to settle
  confirmed,       ///< the account is spent
  joined,          ///< as confirmed, of an episode that was open already
  refuted,         ///< the transcript beside it shows a turn that went on
  cleared,         ///< the suspicion's text went away before it was confirmed
  outdated,        ///< from before the session began to use its present account, or before a newer row
  former_account,  ///< names the reset of an account that was left: the agent still uses that one's login
  not_the_account  ///< bars a model, or is a matter of money: no quota of the account
};
[[nodiscard]] std::string_view to_string(Ruling ruling);
[[nodiscard]] std::optional<Ruling> ruling_from(std::string_view text);

struct Observation {
  Source source = Source::pane;
  AccountName account = {};  ///< that the session used when it was seen
  ScreenState state = ScreenState::unknown;
  Scope scope = Scope::none;
  Window window = Window::none;
  std::optional<WallTime> resets_at = {};  ///< as the source says it
  WallTime at = {};                        ///< when it happened, by the source's own clock
  Moment first_seen = {};
  std::string fingerprint = {};  ///< equal means the same thing said again: a row's id, a turn's hash
  std::string rule = {};
  std::string text = {};  ///< ≤ 120 characters of the evidence
  Ruling ruling = Ruling::suspected;
  std::string why = {};  ///< of the ruling, for a person
  bool operator==(Observation const&) const = default;
};

inline constexpr std::size_t max_observations = 12;  ///< a session's, newest last

}  // namespace failover::core
