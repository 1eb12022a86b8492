#pragma once

#include "core/names.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

/// A conversation goes on under another account only where its files are there, too.
namespace failover::adapters {

struct CarryReport {
  bool found = false;     ///< some account has the conversation
  std::size_t files = 0;  ///< that were copied
  std::uint64_t bytes = 0;
  std::vector<std::string> left = {};  ///< beside the transcripts: differ between accounts, or are no files; left alone
  bool operator==(CarryReport const&) const = default;
};

/// Gives the account at `to_dir` the whole conversation: `projects/<folder>/<id>.jsonl` and what belongs to it, the
/// directory `<id>/` and `agent-*.jsonl` of its subagents, in folders of the same names.
///
/// Of several copies the one counts that all others are beginnings of. Does nothing where `to_dir` has that already, or
/// leads to the directory that has it, or no account has any. Else each file is copied and proved (carry_file), the
/// conversation's own last: a process that is killed in the middle leaves a conversation that was not there absent, and
/// the next call goes on. Sources are only read. `account_dirs` may name `to_dir`, and need not exist.
///
/// `refused`, before anything is copied: two copies differ, or a process other than `ending` and those below it keeps
/// the conversation (processes_in). `invalid` for an id that can be no file's name. Blocks: for the writer thread.
[[nodiscard]] core::Result<CarryReport> carry_conversation(core::ConversationId const& conversation,
                                                           std::vector<std::string> const& account_dirs,
                                                           std::string const& to_dir, pid_t ending = 0);

}  // namespace failover::adapters
