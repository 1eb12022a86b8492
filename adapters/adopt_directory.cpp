#include "adapters/adopt_directory.hpp"

#include "adapters/account_link.hpp"
#include "adapters/adopt_notes.hpp"
#include "adapters/atomic_file.hpp"
#include "adapters/errno_error.hpp"
#include "adapters/exchange_names.hpp"
#include "adapters/paths.hpp"
#include "adapters/real_place.hpp"

#include <cerrno>

#include <sys/stat.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

using core::Error;
using core::ErrorKind;
using core::Result;

std::string without_end_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

bool marked(std::string const& config_dir) {
  return link_text(config_dir) == config_dir;
}

bool present(std::string const& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 || errno != ENOENT;
}

/// What stands at the link: its own kind, not that of what a symlink leads to.
Result<struct stat> look_at_link(core::Config const& config, std::string const& link) {
  struct stat info {};
  auto const name = "switch.link: " + link;
  if (::lstat(link.c_str(), &info) != 0) {
    if (errno != ENOENT) return errno_error(errno, name);
    return Error{ErrorKind::invalid, name + " does not exist, so there is nothing to adopt; make the link: ln -s " +
                                         config.accounts.front().config_dir + " " + link};
  }
  if (!S_ISLNK(info.st_mode) && !S_ISDIR(info.st_mode))
    return Error{ErrorKind::invalid, name + " is neither a directory nor a symlink; move it away"};
  return info;
}

Result<void> check_owner(std::string const& path, struct stat const& info) {
  if (info.st_uid == ::geteuid()) return {};
  return Error{ErrorKind::permission, path + " belongs to user " + std::to_string(info.st_uid) + " and we are " +
                                          std::to_string(::geteuid()) + "; run this as its owner"};
}

/// One file system for the directory itself and for both places that it can be at, and neither inside the other.
Result<void> check_places(std::string const& directory, std::string const& other) {
  auto const from = real_place(directory);
  if (!from) return from.error();
  auto const to = real_place(other);
  if (!to) return to.error();
  if (lies_within(to->path, from->path) || lies_within(from->path, to->path))
    return Error{ErrorKind::invalid, directory + " and " + other +
                                         " lie one inside the other; give the account a config_dir beside it, for "
                                         "example in ~/.claude-accounts"};
  struct stat info {};
  if (::stat(directory.c_str(), &info) != 0) return errno_error(errno, "cannot look at " + directory);
  if (info.st_dev == from->parent_device && info.st_dev == to->parent_device) return {};
  return Error{ErrorKind::unsupported, directory + " and " + other +
                                           " are not on one file system, where a directory cannot be moved in one "
                                           "step; choose a config_dir on the same one"};
}

core::AccountConfig const* account_led_to(core::Config const& config) {
  auto const listing = read_accounts(config);
  if (!listing.link_target) return nullptr;
  for (auto const& account : config.accounts)
    if (without_end_slashes(account.config_dir) == *listing.link_target) return &account;
  for (auto const& directory : listing.directories)
    if (directory.present && directory.real_path == *listing.link_target)
      return core::find_account(config, directory.name);
  return nullptr;
}

Result<core::AccountConfig const*> account_to_adopt_for(core::Config const& config,
                                                        std::optional<core::AccountName> const& wish) {
  if (wish) {
    auto const* const named = core::find_account(config, *wish);
    if (named == nullptr)
      return Error{ErrorKind::invalid, wish->str() + ": no account of the configuration has this name"};
    return named;
  }
  for (auto const& account : config.accounts)
    if (marked(without_end_slashes(account.config_dir))) return &account;
  for (auto const& account : config.accounts)
    if (!present(without_end_slashes(account.config_dir))) return &account;
  return Error{ErrorKind::refused,
               "every account's directory exists already, so " + config.switching.link +
                   " belongs to none of them; add an account to the configuration, with a config_dir that does not "
                   "exist yet, and adopt it as that one"};
}

Result<void> check_wish(AdoptPlan const& plan, std::optional<core::AccountName> const& wish, std::string const& cure) {
  if (!wish || *wish == plan.account) return {};
  return Error{ErrorKind::refused,
               plan.link + " is a symlink already and leads to account " + plan.account.str() + "; " + cure};
}

/// The plan of a link that is one: it must lead to the real directory of an account.
Result<AdoptPlan> plan_of_symlink(core::Config const& config, AdoptPlan plan) {
  auto const* const account = account_led_to(config);
  if (account == nullptr)
    return Error{ErrorKind::refused, plan.link + " is a symlink already, and leads to no account's directory (" +
                                         link_text(plan.link) + "); point it at one: ln -sfn " +
                                         config.accounts.front().config_dir + " " + plan.link};
  plan.account = account->name;
  plan.config_dir = without_end_slashes(account->config_dir);
  plan.state = AdoptState::adopted;
  struct stat info {};
  if (::stat(plan.config_dir.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) return plan;
  return Error{ErrorKind::refused, plan.link + " is a symlink already, and leads to account " + plan.account.str() +
                                       ", whose directory " + plan.config_dir +
                                       " is not there; bring it back, or point the link elsewhere: ln -sfn"};
}

}  // namespace

Result<AdoptPlan> plan_adopting(core::Config const& config, std::optional<core::AccountName> const& wish) {
  AdoptPlan plan;
  plan.link = without_end_slashes(config.switching.link);
  auto const info = look_at_link(config, plan.link);
  if (!info) return info.error();
  auto const account = account_to_adopt_for(config, wish);
  if (S_ISLNK(info->st_mode)) {
    if (wish && !account) return account.error();
    auto found = plan_of_symlink(config, plan);
    if (!found) return found;
    auto const as_wished = check_wish(*found, wish, "there is nothing to adopt; change the account with ln -sfn");
    if (!as_wished) return as_wished.error();
    return found;
  }
  if (!account) return account.error();
  if (auto own = check_owner(plan.link, *info); !own) return own.error();
  plan.account = (*account)->name;
  plan.config_dir = without_end_slashes((*account)->config_dir);
  if (auto good = check_places(plan.link, plan.config_dir); !good) return good.error();
  plan.state = marked(plan.config_dir) ? AdoptState::marked : AdoptState::untouched;
  if (plan.state == AdoptState::untouched && present(plan.config_dir))
    return Error{ErrorKind::refused, "account " + plan.account.str() + ": " + plan.config_dir +
                                         " exists already; name another account (--account), or move it away (rmdir, "
                                         "when it is empty)"};
  plan.notes = notes_on_adopting(plan.link, plan.config_dir);
  return plan;
}

Result<AdoptPlan> plan_undoing(core::Config const& config, std::optional<core::AccountName> const& wish) {
  AdoptPlan plan;
  plan.direction = AdoptDirection::undo;
  plan.link = without_end_slashes(config.switching.link);
  if (wish && core::find_account(config, *wish) == nullptr)
    return Error{ErrorKind::invalid, wish->str() + ": no account of the configuration has this name"};
  auto const info = look_at_link(config, plan.link);
  if (!info) return info.error();
  if (!S_ISLNK(info->st_mode)) {
    for (auto const& account : config.accounts) {
      if ((wish && *wish != account.name) || !marked(without_end_slashes(account.config_dir))) continue;
      plan.account = account.name;
      plan.config_dir = without_end_slashes(account.config_dir);
      plan.state = AdoptState::marked;
    }
    return plan;
  }
  auto found = plan_of_symlink(config, plan);
  if (!found) return found;
  auto const as_wished = check_wish(*found, wish, "undo that one, or point the link at the other first: ln -sfn");
  if (!as_wished) return as_wished.error();
  struct stat directory {};
  if (::lstat(found->config_dir.c_str(), &directory) != 0)
    return errno_error(errno, "cannot look at " + found->config_dir);
  if (!S_ISDIR(directory.st_mode))
    return Error{ErrorKind::refused, found->config_dir +
                                         " is no directory of its own but a symlink; what it leads to is left where it "
                                         "is"};
  if (auto own = check_owner(found->config_dir, directory); !own) return own.error();
  if (auto good = check_places(found->config_dir, found->link); !good) return good.error();
  found->notes = notes_on_undoing(config, *found);
  return found;
}

Result<void> carry_out(AdoptPlan const& plan) {
  if (plan.config_dir.empty()) return {};
  if (!plan.changes()) {  // a crash may have come before the last sync
    if (auto synced = sync_parent(plan.config_dir); !synced) return synced;
    return sync_parent(plan.link);
  }
  if (plan.direction == AdoptDirection::adopt) {
    if (plan.state == AdoptState::untouched) {
      if (auto made = make_directories(parent_of(plan.config_dir)); !made) return made;
      if (auto mark = make_symlink(plan.config_dir, plan.config_dir); !mark) return mark;
    }
    return exchange_names(plan.link, plan.config_dir);
  }
  if (plan.state == AdoptState::adopted) {
    // Whatever the link's own words are, after the exchange they must be the mark.
    if (auto flipped = flip_symlink(plan.link, plan.config_dir); !flipped) return flipped;
    if (auto exchanged = exchange_names(plan.link, plan.config_dir); !exchanged) return exchanged;
  }
  return remove_symlink(plan.config_dir);
}

}  // namespace failover::adapters
