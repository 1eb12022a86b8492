#pragma once

#include "adapters/history_merge.hpp"
#include "core/config.hpp"
#include "core/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// One history for all accounts: each account's `projects` becomes a symlink to one shared directory, and back.
///
/// The account's own directory is never moved before every byte of it is proved to be in the shared one; then symlink
/// and directory are exchanged in one step, what was written meanwhile is brought after, and the directory stays
/// beside as `projects.before-sharing`. Only `projects` is ever opened. What a crash can leave is an AccountHistory
/// like any other: going on from there is the same command.
namespace failover::adapters {

enum class HistoryState {
  no_account,     ///< config_dir does not exist
  none,           ///< no `projects` yet
  separate,       ///< a directory of its own
  half_shared,    ///< exchanged; what was written meanwhile is still to be brought
  shared,         ///< a symlink to the shared directory
  half_separate,  ///< exchanged back; what was written meanwhile is still to be brought
  same_account    ///< another name of an account before it
};

[[nodiscard]] std::string_view to_string(HistoryState state);

struct AccountHistory {
  core::AccountName account = {};
  std::string projects = {};
  HistoryState state = HistoryState::none;
  MergePlan merge = {};                     ///< of a separate one that is to be shared, or a shared one to separate
  std::optional<core::Error> refused = {};  ///< why nothing is done for it, with the cure
  std::vector<std::string> left = {};       ///< done: names that differ still, each whole in both places
  std::string kept = {};                    ///< done: where the account's own directory lies now
};

enum class HistoryDirection { share, separate };

/// Whether something is to be done for the account.
[[nodiscard]] bool has_work(AccountHistory const& account, HistoryDirection direction);

struct HistoryPlan {
  HistoryDirection direction = HistoryDirection::share;
  std::string shared = {};
  std::vector<AccountHistory> accounts = {};

  /// Whether carrying it out would do anything.
  [[nodiscard]] bool changes() const;
};

/// Reads all, changes nothing. Without `directory`: the one that the accounts' links lead to already, where it is one
/// and in no account; else `history/projects` in state.dir.
///
/// An error is about the shared directory: `invalid` where it is no directory, or lies in an account's or around one.
/// What is wrong with an account stands in it (`refused`): links and the like in it, conflicting files, a link
/// elsewhere, another user's, or processes that have files of it open (`unavailable`).
[[nodiscard]] core::Result<HistoryPlan> plan_history(core::Config const& config, HistoryDirection direction,
                                                     std::optional<std::string> const& directory);

/// Carries the plan out, account by account; one that fails has its reason in `refused` and keeps its own history.
void carry_out(HistoryPlan& plan);

}  // namespace failover::adapters
