#pragma once

#include "core/result.hpp"
#include "core/transcript.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace failover::adapters {

/// A longer row is skipped unread.
inline constexpr std::size_t max_row_bytes = 4U << 20U;

/// How deep a row's JSON may nest; a deeper one counts as broken.
inline constexpr std::size_t max_row_depth = 64;

/// Reads one row of a Claude Code transcript, of any version since 1.0: a line without its line feed.
///
/// Nothing for a row that decides nothing: modes, snapshots, attachments, what was sent to the service, what the agent
/// put into the conversation by itself (`isMeta`, the summary of a compaction). Those cost a glance, no parse. Fails
/// with `invalid` for what is no JSON object in UTF-8 and with `too_large` beyond max_row_bytes; the caller skips such
/// a row and goes on.
///
/// Only the row's own members count, so that no text it quotes can make it another row. A row is
///  - an api_error when `isApiErrorMessage` is true, whatever else it says; also, of versions before that mark, an
///    agent's own row that reads `Claude AI usage limit reached|<epoch>`;
///  - a reply when a real model wrote it, a notice when the agent wrote it in the model's place;
///  - a tool_result or a prompt by its content; a local command, its output and `[Request interrupted by user]` stand
///    in rows of the user and are notices, with their tags.
///
/// usage_limit is set where the agent typed the error so (`apiError`), where the service's `quotaLimits` (or
/// `apiErrorParams.rate_limit_info`) were `rejected` with a reset or a type and neither a passing throttle nor paid
/// use goes on, and for the old text with the epoch. `error: rate_limit` alone sets nothing. An error that asks for
/// credits (`credits_required` in its details) has that word as limit_type and is no usage_limit: it has no reset.
[[nodiscard]] core::Result<std::optional<core::TranscriptRow>> transcript_row(std::string_view line);

}  // namespace failover::adapters
