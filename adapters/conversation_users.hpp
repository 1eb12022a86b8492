#pragma once

#include "core/names.hpp"
#include "core/result.hpp"

#include <string>
#include <vector>

#include <sys/types.h>

namespace failover::adapters {

/// A process whose command line says that it keeps a conversation.
struct ConversationUser {
  pid_t pid = 0;
  std::string program = {};  ///< the first word of its command line
  bool operator==(ConversationUser const&) const = default;
};

/// The processes of this user that were started with `--resume ID`, `-r ID` or `--session-id ID` (also with `=`), in no
/// order, at most 16. Left out: this process, a tmux server (it bears the command line of the session it was begun
/// with), and `ending` with all below it (0 for none).
///
/// An agent that came to the conversation otherwise, or that rewrites its command line, is not seen.
[[nodiscard]] core::Result<std::vector<ConversationUser>> processes_in(core::ConversationId const& conversation,
                                                                       pid_t ending);

/// "claude (pid 12), …"
[[nodiscard]] std::string to_text(std::vector<ConversationUser> const& users);

}  // namespace failover::adapters
