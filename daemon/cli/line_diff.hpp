#pragma once

#include <string>
#include <string_view>

namespace failover::daemon {

/// What changed between two texts, line by line, as `diff -u1` shows it: `-` and `+` lines under `@@ -a,b +c,d @@`.
/// "" for equal texts. One line of context only: settings may hold a token, and this is pasted into reports.
[[nodiscard]] std::string line_diff(std::string_view before, std::string_view after);

}  // namespace failover::daemon
