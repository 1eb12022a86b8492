#include "adapters/history_sharing.hpp"

#include "adapters/directory.hpp"
#include "adapters/errno_error.hpp"
#include "adapters/exchange_names.hpp"
#include "adapters/history_places.hpp"
#include "adapters/open_files.hpp"
#include "adapters/real_place.hpp"

#include <algorithm>
#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

using core::Error;
using core::ErrorKind;
using core::Result;

/// Nobody may write to files by descriptors that stay with the old directory after the exchange.
Result<void> check_unused(std::string const& directory) {
  auto const users = processes_using(directory, UsedAs::open_file);
  if (!users) return users.error();
  if (users->empty()) return {};
  return Error{ErrorKind::unavailable,
               "files of " + directory + " are open in " + to_text(*users) + "; end these, and run this again"};
}

/// An account that was shared, separated and shared again keeps each of its directories.
std::string free_name(std::string const& wanted) {
  auto name = wanted;
  struct stat info {};
  for (int number = 2; ::lstat(name.c_str(), &info) == 0; ++number) name = wanted + "-" + std::to_string(number);
  return name;
}

/// A symlink to the shared directory beside `projects`, whatever a crash left there before.
Result<void> make_staged_link(std::string const& staged, std::string const& shared) {
  if (link_text(staged) == shared) return {};
  if (auto removed = remove_symlink(staged); !removed) return removed;
  return make_symlink(staged, shared);
}

Result<void> finish_sharing(AccountHistory& account, std::string const& shared) {
  auto left = bring_the_rest(sharing_name(account.projects), shared);
  if (!left) return left.error();
  account.left = std::move(*left);
  account.kept = free_name(kept_name(account.projects));
  return rename_to_free_name(sharing_name(account.projects), account.kept);
}

Result<void> share(AccountHistory& account, std::string const& shared) {
  switch (account.state) {
    case HistoryState::none:
      if (auto clear = remove_symlink(sharing_name(account.projects)); !clear) return clear;
      return make_symlink(account.projects, shared);
    case HistoryState::half_separate:
    case HistoryState::separate: {
      if (auto merged = merge_completely(account.projects, shared); !merged) return merged;
      // A way back that was begun and not ended needs no last look any more: all is in the shared directory.
      if (auto clear = remove_symlink(separating_name(account.projects)); !clear) return clear;
      if (auto unused = check_unused(account.projects); !unused) return unused;
      if (auto staged = make_staged_link(sharing_name(account.projects), shared); !staged) return staged;
      auto exchanged = exchange_names(account.projects, sharing_name(account.projects));
      if (!exchanged) return exchanged;
      return finish_sharing(account, shared);
    }
    case HistoryState::half_shared:
      return finish_sharing(account, shared);
    case HistoryState::shared:
      return sync_parent(account.projects);  // a crash may have come before the last sync
    case HistoryState::no_account:
    case HistoryState::same_account:
      return {};
  }
  return {};
}

Result<void> finish_separating(AccountHistory& account, std::string const& shared) {
  auto left = bring_the_rest(shared, account.projects);
  if (!left) return left.error();
  account.left = std::move(*left);
  return remove_symlink(separating_name(account.projects));
}

/// A copy that was never in use; a crash left it half-made.
Result<void> remove_copy(std::string const& copy) {
  std::error_code fault;
  std::filesystem::remove_all(copy, fault);
  if (fault) return errno_error(fault.value(), "cannot remove the left-over copy " + copy);
  return {};
}

Result<void> separate(AccountHistory& account, std::string const& shared) {
  switch (account.state) {
    case HistoryState::half_shared:
      if (auto finished = finish_sharing(account, shared); !finished) return finished;
      [[fallthrough]];
    case HistoryState::shared: {
      auto const copy = separating_name(account.projects);
      if (auto removed = remove_copy(copy); !removed) return removed;
      if (auto made = make_directories(copy); !made) return made;
      if (auto merged = merge_completely(shared, copy); !merged) return merged;
      if (auto unused = check_unused(shared); !unused) return unused;
      if (auto exchanged = exchange_names(account.projects, copy); !exchanged) return exchanged;
      return finish_separating(account, shared);
    }
    case HistoryState::half_separate:
      return finish_separating(account, shared);
    case HistoryState::separate:
    case HistoryState::none:
    case HistoryState::no_account:
    case HistoryState::same_account:
      return {};
  }
  return {};
}

/// What the account's part of the plan reads: the merge, and who stands in its way.
Result<void> think_about(AccountHistory& account, HistoryPlan const& plan, Promised& promised) {
  if (!has_work(account, plan.direction)) return {};
  bool const sharing = plan.direction == HistoryDirection::share;
  auto const& busy = sharing ? account.projects : plan.shared;
  if (account.state == HistoryState::none) return {};
  if (auto unused = check_unused(busy); !unused) return unused;
  if (account.state == HistoryState::half_shared || !sharing) return {};
  auto merge = plan_merge(account.projects, plan.shared, promised);
  if (!merge) return merge.error();
  account.merge = std::move(*merge);
  if (auto mergeable = check_mergeable(account.merge); !mergeable) return mergeable;
  for (auto const& step : account.merge.files) promised[step.name] = account.projects;
  return {};
}

}  // namespace

std::string_view to_string(HistoryState state) {
  switch (state) {
    case HistoryState::no_account:
      return "no_account";
    case HistoryState::none:
      return "none";
    case HistoryState::separate:
      return "separate";
    case HistoryState::half_shared:
      return "half_shared";
    case HistoryState::shared:
      return "shared";
    case HistoryState::half_separate:
      return "half_separate";
    case HistoryState::same_account:
      return "same_account";
  }
  return "none";
}

bool has_work(AccountHistory const& account, HistoryDirection direction) {
  if (account.refused) return false;
  switch (account.state) {
    case HistoryState::no_account:
    case HistoryState::same_account:
      return false;
    case HistoryState::half_shared:
    case HistoryState::half_separate:
      return true;
    case HistoryState::shared:
      return direction == HistoryDirection::separate;
    case HistoryState::none:
    case HistoryState::separate:
      return direction == HistoryDirection::share;
  }
  return false;
}

bool HistoryPlan::changes() const {
  return std::any_of(accounts.begin(), accounts.end(),
                     [this](auto const& account) { return has_work(account, direction); });
}

Result<HistoryPlan> plan_history(core::Config const& config, HistoryDirection direction,
                                 std::optional<std::string> const& directory) {
  HistoryPlan plan;
  plan.direction = direction;
  plan.shared = directory ? *directory : shared_directory_of(config);
  if (auto good = check_shared_directory(config, plan.shared); !good) return good.error();
  plan.accounts = look_at_histories(config, plan.shared);
  Promised promised;
  for (auto& account : plan.accounts)
    if (auto thought = think_about(account, plan, promised); !thought) account.refused = thought.error();
  return plan;
}

void carry_out(HistoryPlan& plan) {
  bool const sharing = plan.direction == HistoryDirection::share;
  auto const made = sharing && plan.changes() ? make_directories(plan.shared) : Result<void>{};
  for (auto& account : plan.accounts) {
    if (account.refused) continue;
    auto done = made;
    if (done) done = sharing ? share(account, plan.shared) : separate(account, plan.shared);
    if (!done) account.refused = done.error();
  }
}

}  // namespace failover::adapters
