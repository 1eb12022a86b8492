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

inline constexpr std::size_t max_screen_bytes = 1 << 20;

}  // namespace failover::core
