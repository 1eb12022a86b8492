#pragma once

#include "core/names.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// An agent's transcript: the file in which it keeps a conversation, a JSON object a row.
///
/// Rows are what the agent itself wrote about a turn. Text that a model or a tool merely quotes stands inside a row's
/// content and never makes a row of its own, so it cannot forge one.
namespace failover::core {

enum class RowKind {
  prompt,       ///< somebody asked for a turn: a person, the daemon, the agent itself
  reply,        ///< the model answered, so the turn ran on an account that has quota
  tool_result,  ///< a tool answered the model: the turn runs
  api_error,    ///< the agent ended the turn with an error of its own wording
  notice        ///< the agent's remark outside a turn
};
[[nodiscard]] std::string_view to_string(RowKind kind);

/// What the model's answers cost, as the agent wrote it down.
struct TokenUse {
  std::int64_t input = 0;  ///< beside those that the cache had
  std::int64_t output = 0;
  std::int64_t cache_read = 0;
  std::int64_t cache_written = 0;
  bool operator==(TokenUse const&) const = default;
};

/// One row, reduced to what decides.
/// Where a row stands. In one file a later row is the newer one, whatever the clock said.
struct RowPlace {
  std::uint64_t file = 0;  ///< the same for all rows of a file until it is rewritten; 0 for not known
  std::uint64_t offset = 0;
  bool operator==(RowPlace const&) const = default;
};

struct TranscriptRow {
  RowKind kind = RowKind::notice;
  ConversationId conversation = {};
  std::string uuid = {};  ///< the row's own; the same row read twice is one observation
  std::string cwd = {};
  std::string version = {};  ///< of the agent that wrote it, "" when it does not say
  WallTime at = {};
  bool sidechain = false;  ///< of a subagent: says something of the account, nothing of the session's phase
  std::string text = {};   ///< the wording of an error or notice, a prompt's first max_row_text bytes; else ""

  // Of an api_error only; what the agent's version does not write is empty.
  std::string error = {};                  ///< `rate_limit`, `authentication_failed`, `server_error`, …
  std::int64_t status = 0;                 ///< HTTP's
  bool usage_limit = false;                ///< typed as an account's limit, whatever the wording
  bool transient = false;                  ///< typed as a passing throttle
  std::string limit_type = {};             ///< `five_hour`, `seven_day`, `seven_day_opus`, …
  std::optional<WallTime> resets_at = {};  ///< of a typed limit

  RowPlace place = {};

  // Of a reply only. One answer of the model may take several rows, each with the use of the whole.
  bool ends_turn = false;   ///< the model has said all that it wanted to
  std::string answer = {};  ///< which one, "" when it does not say
  TokenUse tokens = {};
  std::string said = {};  ///< its text, at most max_said bytes
  bool operator==(TranscriptRow const&) const = default;
};

inline constexpr std::size_t max_row_text = 2000;
inline constexpr std::size_t max_said = 480;

/// The directory below `<config dir>/projects/` for a working directory: every character but ASCII letters and digits
/// becomes `-`.
[[nodiscard]] std::string project_directory(std::string_view cwd);

}  // namespace failover::core
