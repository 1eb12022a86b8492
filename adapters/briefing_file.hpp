#pragma once

#include "core/briefing.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <string>
#include <vector>

/// The file from which an agent that was started anew learns what it is to go on with.
namespace failover::adapters {

/// So many are kept; the oldest beyond them are removed when another is written.
inline constexpr std::size_t most_briefings = 50;

/// The last request and answers that the newest copy of the conversation's transcript holds, under whichever account it
/// lies. Only its last MiB is read; rows of subagents, what tools put out and `continue_prompt` are left out. Nothing
/// where there is no transcript or it cannot be read: a briefing without them is better than none.
[[nodiscard]] core::LastWords last_words(core::ConversationId const& conversation,
                                         std::vector<std::string> const& account_dirs,
                                         std::string const& continue_prompt);

/// Writes the briefing to its file, readable by this user only, in a directory that is made where it is not there.
/// Blocks: for the writer thread.
[[nodiscard]] core::Result<void> write_briefing(core::Briefing const& briefing,
                                                std::vector<std::string> const& account_dirs);

}  // namespace failover::adapters
