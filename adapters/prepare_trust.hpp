#pragma once

#include "adapters/agent_lock.hpp"
#include "core/result.hpp"

#include <string>
#include <string_view>

/// Answers two questions of the agent before it asks them: whether it may work in a directory, and its first steps.
///
/// Two keys of the `.claude.json` in an account's configuration directory are set to true, `hasCompletedOnboarding` and
/// `projects.<directory>.hasTrustDialogAccepted`. No other key is ever written; above all none that lifts a permission
/// or approves a key to pay with.
namespace failover::adapters {

/// The text with both keys; every other byte stays, and with both there already all of them.
///
/// `invalid`, with line, column and byte: no JSON, no object where one of the keys goes, two members of one name there.
/// `too_large` beyond max_json_text_bytes.
[[nodiscard]] core::Result<std::string> with_trust(std::string_view text, std::string_view directory);

/// Writes both keys for the real path of `directory` into the account's file, at once and whole, its mode and owner
/// kept, under the agent's own lock. True when it wrote, false when the keys were there.
///
/// A link stays a link; a missing file is made, mode 0600. After an error nothing is changed: `unavailable` when an
/// agent holds the lock or changed the file meanwhile, `not_found` for a missing directory or a link to nothing,
/// `unsupported` for a path that is no UTF-8 and a file with several hard links, `permission`, `io`, and those of
/// with_trust. Blocks.
[[nodiscard]] core::Result<bool> prepare_trust(std::string const& config_dir, std::string const& directory,
                                               AgentLockTimes const& times = {});

}  // namespace failover::adapters
