#pragma once

#include "core/event.hpp"
#include "core/hook.hpp"
#include "core/result.hpp"

#include <string_view>

/// Reads the envelopes of hook_envelope.hpp. Pure.
///
/// Any bytes give an answer. Errors name the member that is wrong: `invalid` (no JSON, a member missing, of a wrong
/// type or out of range), `too_large` (a text longer than anything real), `unsupported` (an envelope of a newer
/// version of ours). A member that is null counts as absent, one that we do not know is passed over.
namespace failover::adapters {

/// One call of a hook. Names of hooks that we do not know are kept; `$TMUX` and `$TMUX_PANE` that make no sense count
/// as outside tmux.
[[nodiscard]] core::Result<core::HookCall> read_hook_call(std::string_view envelope);

/// One call of the status line. Without `rate_limits` (older versions, API keys, before the first answer) it is a
/// report without windows. Times of reset may come in seconds or milliseconds.
[[nodiscard]] core::Result<core::UsageReport> read_usage_report(std::string_view envelope);

/// Whichever of the two it is: only a hook's input has a `hook_event_name`.
[[nodiscard]] core::Result<core::Event> read_envelope(std::string_view envelope);

}  // namespace failover::adapters
