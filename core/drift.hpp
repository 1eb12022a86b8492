#pragma once

#include "core/config.hpp"
#include "core/world.hpp"

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// What on disk is not as a fail-over needs it: the switch link, the accounts' directories, whose logins they hold.
namespace failover::core {

/// Words of /status, the log and the metric.
enum class DriftKind {
  link_is_directory,     ///< a directory, or a file, stands where the link was
  link_missing,          ///< nothing stands there
  link_loop,             ///< the link leads back to itself
  link_to_link,          ///< it leads to an account, but over another link
  link_dangling,         ///< it leads to no directory
  link_foreign,          ///< it leads to a directory of no account
  directory_missing,     ///< an account's directory is gone
  not_logged_in,         ///< an account has no login
  credentials_are_link,  ///< the agent's next refresh turns the link into a file, and two accounts go apart
  same_directory,        ///< accounts that are one directory
  same_login,            ///< accounts that hold one login
  login_changed          ///< an account holds another login than before
};
inline constexpr std::array drift_kinds{
    DriftKind::link_is_directory,    DriftKind::link_missing,   DriftKind::link_loop,         DriftKind::link_to_link,
    DriftKind::link_dangling,        DriftKind::link_foreign,   DriftKind::directory_missing, DriftKind::not_logged_in,
    DriftKind::credentials_are_link, DriftKind::same_directory, DriftKind::same_login,        DriftKind::login_changed,
};
[[nodiscard]] std::string_view to_string(DriftKind kind);

/// Whether the person gets a message: fail-over cannot work, or does not do what it seems to.
[[nodiscard]] bool is_severe(DriftKind kind);

struct Drift {
  DriftKind kind = DriftKind::link_is_directory;
  std::vector<AccountName> accounts = {};  ///< in the configuration's order; of the link alone none
  std::string text = {};                   ///< what, where and the cure, in one sentence without a path
  bool operator==(Drift const&) const = default;
};

/// The drift of one look, at most one of the link; accounts in the configuration's order. What was not looked at is no
/// drift. `logins` are the identities known before, by account. An account that the operator disabled may be without
/// directory and login.
[[nodiscard]] std::vector<Drift> find_drift(Config const& config, AccountsListing const& listing,
                                            std::map<AccountName, std::string> const& logins);

/// The account that the link leads to without a detour, "" for none.
[[nodiscard]] AccountName linked_account(Config const& config, AccountsListing const& listing);

/// Whether two accounts are one directory or hold one login, as far as that is known: no way out for one another.
[[nodiscard]] bool same_login(AccountsListing const& listing, AccountName const& one, AccountName const& other);

}  // namespace failover::core
