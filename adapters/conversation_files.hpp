#pragma once

#include "adapters/unique_fd.hpp"
#include "core/names.hpp"
#include "core/result.hpp"

#include <string>
#include <vector>

/// Where the files of one conversation lie.
namespace failover::adapters {

/// A folder of an account's `projects`, named for a working directory, that has a conversation.
struct ConversationPlace {
  std::string folder = {};  ///< its name in `projects`
  std::string path = {};
  UniqueFd directory = {};
};

/// Of one account; none where it or its `projects` is not there. Links on the way are followed.
[[nodiscard]] core::Result<std::vector<ConversationPlace>> places_of(core::ConversationId const& conversation,
                                                                     std::string const& account_dir);

/// Whether both are the same directory, whatever they are called.
[[nodiscard]] bool same_directory(UniqueFd const& one, UniqueFd const& other);

struct ConversationFiles {
  std::vector<std::string> names = {};      ///< relative to the place; the conversation's own is not among them
  std::vector<std::string> obstacles = {};  ///< what is no file or may not be read
};

/// What belongs to the conversation beside `<id>.jsonl`: all in `<id>/`, and those `agent-*.jsonl` beside it whose
/// first row names it.
[[nodiscard]] core::Result<ConversationFiles> files_beside(core::ConversationId const& conversation,
                                                           ConversationPlace const& place);

}  // namespace failover::adapters
