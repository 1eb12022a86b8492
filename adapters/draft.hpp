#pragma once

#include <string_view>

namespace failover::adapters {

/// Whether the input box of a screen captured with its colours holds nothing but the agent's grey suggestion.
///
/// A suggestion is drawn faint or grey, its first character under the cursor (inverse); what a person typed stands in
/// the ordinary colour (Claude Code 2.1.100: placeholder = inverse(first) + dim(rest); draft: default colour).
/// False when there is no input box, or nothing in it: only a suggestion that was seen may be typed over.
[[nodiscard]] bool holds_only_a_suggestion(std::string_view screen_with_colours);

/// The same of a box that has no frame, a row after `›` or a panel of `┃`. `shown` is what the box reads, white space
/// left out: a box that reads something else is not the one.
[[nodiscard]] bool holds_only_an_unframed_suggestion(std::string_view screen_with_colours, std::string_view shown);

}  // namespace failover::adapters
