#pragma once

#include "core/classification.hpp"
#include "core/patterns.hpp"
#include "core/time.hpp"

#include <string>
#include <string_view>

namespace failover::core {

/// Reads one screen as the agent's user would: which state the session is in, and by which row.
///
/// Pure and total: any bytes give an answer, `unknown` when nothing fits; time and memory are linear in the text,
/// of which only the last `max_screen_bytes` are looked at. `screen` is what `capture-pane -p` printed (rows end in
/// '\n'); text without any frame counts as the newest turn. `local_zone` is used for times that name no zone
/// ("" = the machine's).
[[nodiscard]] Reading read_screen(PatternTable const& table, std::string_view screen, WallTime now,
                                  ZoneLookup const& zones, std::string_view local_zone);

/// Reads one message of the agent itself, as a transcript row or a hook carries it: no frame, no marks, and nothing in
/// it is a quotation. The rule must hold at its start, so `quota_exhausted` is never found further in; states that only
/// a whole screen can show (working, dialogs) are `unknown` here. A limit whose time has passed at `now` is still a
/// limit: when it was said is for the caller to weigh. Of the text the first `max_message_bytes` are looked at.
[[nodiscard]] Classification read_message(PatternTable const& table, std::string_view text, WallTime now,
                                          ZoneLookup const& zones, std::string_view local_zone);

inline constexpr std::size_t max_message_bytes = 1 << 14;
inline constexpr std::size_t max_screen_bytes = 1 << 20;

}  // namespace failover::core
