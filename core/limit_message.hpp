#pragma once

#include "core/findings.hpp"
#include "core/patterns.hpp"
#include "core/screen.hpp"

namespace failover::core {

/// What a block's text is called in a rule's `where`.
[[nodiscard]] Place place_of(Block const& block);

/// Whether nothing but the time of reset and companions follows the limit's words in its block. A limit that somebody
/// quotes goes on in other words.
[[nodiscard]] bool closes(TextContext const& context, Finding const& finding, Block const& block);

}  // namespace failover::core
