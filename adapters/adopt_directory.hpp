#pragma once

#include "core/config.hpp"
#include "core/result.hpp"

#include <optional>
#include <string>
#include <vector>

/// Turns the real directory at the switch link into an account's directory with the link in its place, and back.
///
/// The path of the link is never absent. Adopting, it leads to the same files at every instant: config_dir first
/// becomes a symlink that names itself (the mark), then the two names are exchanged in one step. Undoing exchanges them
/// back; only an open that has just read the old link may find the place it led to gone. After a crash one of three
/// states is there:
///
///   untouched  a directory at the link, nothing at config_dir
///   marked     a directory at the link, the mark at config_dir
///   adopted    a symlink at the link, the directory at config_dir
///
/// Adopting goes down this list and undoing up; either may be started in any of them, and again after a crash.
namespace failover::adapters {

enum class AdoptState { untouched, marked, adopted };

enum class AdoptDirection { adopt, undo };

struct AdoptPlan {
  AdoptDirection direction = AdoptDirection::adopt;
  AdoptState state = AdoptState::untouched;  ///< as it was found
  core::AccountName account = {};            ///< "" when undoing finds nothing to undo
  std::string link = {};
  std::string config_dir = {};
  std::vector<std::string> notes = {};  ///< what the person should know or do; nothing here stops the plan

  [[nodiscard]] bool changes() const {
    return state != (direction == AdoptDirection::adopt ? AdoptState::adopted : AdoptState::untouched);
  }
};

/// Looks and thinks, changes nothing. Without `account` the one whose adoption was begun, else the first whose
/// config_dir does not exist yet.
///
/// Errors tell the cure: `invalid` (no such account, nothing or a file at the link, one directory inside the other),
/// `refused` (the link is one already and leads elsewhere, something stands at config_dir), `unsupported` (two file
/// systems), `permission` (another user's directory).
[[nodiscard]] core::Result<AdoptPlan> plan_adopting(core::Config const& config,
                                                    std::optional<core::AccountName> const& account);

/// The way back: only where the link leads to the account's own directory. Without `account` the one that the link
/// leads to.
[[nodiscard]] core::Result<AdoptPlan> plan_undoing(core::Config const& config,
                                                   std::optional<core::AccountName> const& account);

/// Makes the change, each step on disk before the next. A failure leaves one of the three states; so does a crash.
/// Parent directories of config_dir that are missing are made (0700), and stay.
[[nodiscard]] core::Result<void> carry_out(AdoptPlan const& plan);

}  // namespace failover::adapters
