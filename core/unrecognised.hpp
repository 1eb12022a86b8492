#pragma once

#include "core/patterns.hpp"
#include "core/screen.hpp"

#include <string>

namespace failover::core {

/// What the agent itself says about a limit in words that no rule of the table knows, in one line, cut as evidence is;
/// "" when it says nothing of the kind. Looked at are the result right under the newest prompt and the rows below the
/// input box; never answers, what tools and files print, prompts, and figures of a status line.
[[nodiscard]] std::string unrecognised_limit(PatternTable const& table, ScreenParts const& parts);

}  // namespace failover::core
