#include "core/drift.hpp"

#include "core/enum_names.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace failover::core {
namespace {

constexpr EnumNames<DriftKind, drift_kinds.size()> kinds{{
    {DriftKind::link_is_directory, "link_is_directory"},
    {DriftKind::link_missing, "link_missing"},
    {DriftKind::link_loop, "link_loop"},
    {DriftKind::link_to_link, "link_to_link"},
    {DriftKind::link_dangling, "link_dangling"},
    {DriftKind::link_foreign, "link_foreign"},
    {DriftKind::directory_missing, "directory_missing"},
    {DriftKind::not_logged_in, "not_logged_in"},
    {DriftKind::credentials_are_link, "credentials_are_link"},
    {DriftKind::same_directory, "same_directory"},
    {DriftKind::same_login, "same_login"},
    {DriftKind::login_changed, "login_changed"},
}};

AccountDirectory const* directory_of(AccountsListing const& listing, AccountName const& name) {
  for (auto const& directory : listing.directories)
    if (directory.name == name) return &directory;
  return nullptr;
}

/// The account whose directory stands at the end of the link, however it leads there.
AccountName account_behind(AccountsListing const& listing) {
  for (auto const& directory : listing.directories)
    if (directory.present && !directory.real_path.empty() && directory.real_path == listing.link.real_path)
      return directory.name;
  return {};
}

Drift detour(AccountName const& account, bool over_link) {
  return {DriftKind::link_to_link,
          {account},
          "switch.link leads to account " + account.str() + " by a detour" + (over_link ? " over another link" : "") +
              ", so it is not seen to be in use: make the link again, straight to that account's config_dir"};
}

std::optional<Drift> drift_of_link(Config const& config, AccountsListing const& listing) {
  auto const& link = listing.link;
  switch (link.place) {
    case LinkPlace::unknown:
      return std::nullopt;
    case LinkPlace::absent:
      return Drift{
          DriftKind::link_missing, {}, "nothing stands at switch.link: make the link, to an account's config_dir"};
    case LinkPlace::directory:
      return Drift{DriftKind::link_is_directory,
                   {},
                   "a directory stands at switch.link in the link's place: put it into an account with "
                   "claude-failover adopt"};
    case LinkPlace::other:
      return Drift{DriftKind::link_is_directory,
                   {},
                   "a file stands at switch.link in the link's place: move it away, and make the link with "
                   "claude-failover adopt"};
    case LinkPlace::loop:
      return Drift{DriftKind::link_loop,
                   {},
                   "switch.link leads back to itself: make the link again, to an account's config_dir"};
    case LinkPlace::symlink:
      break;
  }
  if (!link.target_present)
    return Drift{DriftKind::link_dangling,
                 {},
                 "switch.link leads to no directory: make that directory, or the link again, to an account's "
                 "config_dir"};
  if (!linked_account(config, listing).empty()) return std::nullopt;
  if (auto const account = account_behind(listing); !account.empty()) return detour(account, link.over_link);
  return Drift{DriftKind::link_foreign,
               {},
               "switch.link leads to a directory of no account: add it to accounts, or make the link again, to an "
               "account's config_dir"};
}

std::string without_login(AccountDirectory const& directory) {
  auto const account = "account " + directory.name.str();
  if (!directory.readable)
    return account + " has a directory that the daemon may not read: give it to the user that the daemon runs as";
  if (directory.credentials == Credentials::empty_file)
    return account + " has an empty credentials file: log in there again";
  if (directory.credentials == Credentials::symlink)
    return account + " has a link for its credentials that leads to none: log in there again";
  return account + " is not logged in: start the agent there once and log in";
}

void add_states(std::vector<Drift>& found, AccountConfig const& account, AccountDirectory const& directory) {
  auto const& name = account.name;
  if (!directory.present) {
    if (!account.disabled)
      found.push_back({DriftKind::directory_missing,
                       {name},
                       "the directory of account " + name.str() +
                           " is gone: put it back, or log in there again, or remove the account"});
    return;
  }
  if (!directory.logged_in && !account.disabled)
    found.push_back({DriftKind::not_logged_in, {name}, without_login(directory)});
  if (directory.logged_in && directory.credentials == Credentials::symlink)
    found.push_back({DriftKind::credentials_are_link,
                     {name},
                     "the credentials of account " + name.str() +
                         " are a link, which the agent's next refresh replaces with a file: remove the link and log in "
                         "there, so that the account has a login of its own"});
}

void add_change(std::vector<Drift>& found, AccountDirectory const& directory,
                std::map<AccountName, std::string> const& logins) {
  auto const known = logins.find(directory.name);
  if (known == logins.end() || known->second.empty() || directory.identity.empty() || !directory.logged_in) return;
  if (known->second == directory.identity) return;
  found.push_back({DriftKind::login_changed,
                   {directory.name},
                   "account " + directory.name.str() +
                       " holds another login than before: if that was not meant, log in there with the former one"});
}

std::string listed(std::vector<AccountName> const& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i].str();
  }
  return text;
}

/// Accounts by a property that should be each one's own, in the order of their first.
class Groups {
 public:
  void add(std::string const& key, AccountName const& name) {
    if (key.empty()) return;
    for (auto& [known, names] : groups_)
      if (known == key) return names.push_back(name);
    groups_.push_back({key, {name}});
  }
  template <class Each>
  void shared(Each each) const {
    for (auto const& [key, names] : groups_)
      if (names.size() > 1) each(names);
  }

 private:
  std::vector<std::pair<std::string, std::vector<AccountName>>> groups_ = {};
};

void add_twins(std::vector<Drift>& found, std::vector<AccountDirectory const*> const& directories) {
  Groups by_path;
  Groups by_login;
  std::set<std::string> paths;
  for (auto const* directory : directories) {
    if (!directory->present) continue;
    by_path.add(directory->real_path, directory->name);
    bool const first = paths.insert(directory->real_path).second || directory->real_path.empty();
    if (first && directory->logged_in) by_login.add(directory->identity, directory->name);
  }
  by_path.shared([&](std::vector<AccountName> const& names) {
    found.push_back(
        {DriftKind::same_directory, names,
         "accounts " + listed(names) + " are one directory: give each a config_dir of its own, or remove all but one"});
  });
  by_login.shared([&](std::vector<AccountName> const& names) {
    found.push_back({DriftKind::same_login, names,
                     "accounts " + listed(names) +
                         " hold one login and are spent together: log in with another in all but one of them"});
  });
}

}  // namespace

std::string_view to_string(DriftKind kind) {
  return name_of(kinds, kind);
}

bool is_severe(DriftKind kind) {
  switch (kind) {
    case DriftKind::link_is_directory:
    case DriftKind::link_missing:
    case DriftKind::link_loop:
    case DriftKind::link_dangling:
    case DriftKind::same_login:
    case DriftKind::login_changed:
      return true;
    case DriftKind::link_to_link:
    case DriftKind::link_foreign:
    case DriftKind::directory_missing:
    case DriftKind::not_logged_in:
    case DriftKind::credentials_are_link:
    case DriftKind::same_directory:
      break;
  }
  return false;
}

std::vector<Drift> find_drift(Config const& config, AccountsListing const& listing,
                              std::map<AccountName, std::string> const& logins) {
  std::vector<Drift> found;
  bool const by_link = config.switching.mode == SwitchMode::link;
  if (auto link = by_link ? drift_of_link(config, listing) : std::nullopt) found.push_back(std::move(*link));
  std::vector<AccountDirectory const*> directories;
  for (auto const& account : config.accounts) {
    auto const* directory = directory_of(listing, account.name);
    if (directory == nullptr) continue;
    directories.push_back(directory);
    add_states(found, account, *directory);
    add_change(found, *directory, logins);
  }
  add_twins(found, directories);
  return found;
}

AccountName linked_account(Config const& config, AccountsListing const& listing) {
  if (!listing.link_target) return {};
  for (auto const& account : config.accounts)
    if (account.config_dir == *listing.link_target) return account.name;
  for (auto const& directory : listing.directories)
    if (directory.present && directory.real_path == *listing.link_target) return directory.name;
  return {};
}

bool same_login(AccountsListing const& listing, AccountName const& one, AccountName const& other) {
  if (one == other) return true;
  auto const* first = directory_of(listing, one);
  auto const* second = directory_of(listing, other);
  if (first == nullptr || second == nullptr) return false;
  bool const one_directory = !first->real_path.empty() && first->real_path == second->real_path;
  return one_directory || (!first->identity.empty() && first->identity == second->identity);
}

}  // namespace failover::core
