#include "adapters/history_places.hpp"

#include "adapters/errno_error.hpp"
#include "adapters/real_place.hpp"

#include <cerrno>
#include <cstdlib>
#include <limits.h>
#include <memory>
#include <set>

#include <sys/stat.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

using core::Error;
using core::ErrorKind;
using core::Result;

enum class Kind { absent, directory, symlink, other };

struct Found {
  Kind kind = Kind::absent;
  uid_t owner = 0;
};

Found look(std::string const& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return {errno == ENOENT ? Kind::absent : Kind::other, 0};
  if (S_ISLNK(info.st_mode)) return {Kind::symlink, info.st_uid};
  return {S_ISDIR(info.st_mode) ? Kind::directory : Kind::other, info.st_uid};
}

/// Every link resolved; "" for a path that leads nowhere.
std::string resolved(std::string const& path) {
  std::unique_ptr<char, decltype(&std::free)> const real{::realpath(path.c_str(), nullptr), &std::free};
  return real ? std::string{real.get()} : std::string{};
}

std::string projects_of(core::AccountConfig const& account) {
  return account.config_dir + "/projects";
}

bool leads_to(std::string const& link, std::string const& shared) {
  if (link_text(link) == shared) return true;  // also when it is gone
  auto const place = resolved(link);
  return !place.empty() && place == resolved(shared);
}

bool in_an_account(core::Config const& config, std::string const& real_path) {
  for (auto const& account : config.accounts)
    if (auto const home = resolved(account.config_dir); !home.empty() && lies_within(real_path, home)) return true;
  return false;
}

Error refusal(std::string text) {
  return {ErrorKind::refused, std::move(text)};
}

/// The state of an account whose `projects` is a symlink.
Result<HistoryState> state_of_link(std::string const& projects, std::string const& shared) {
  if (!leads_to(projects, shared))
    return refusal(projects + " is a link to " + link_text(projects) + " and not to " + shared +
                   "; name that directory with --dir, or remove the link (rm " + projects + ")");
  if (resolved(projects).empty())
    return refusal(projects + " is a link to " + shared + ", which is not there; bring it back");
  switch (look(sharing_name(projects)).kind) {
    case Kind::directory:
      return HistoryState::half_shared;
    case Kind::absent:
    case Kind::symlink:
      return HistoryState::shared;
    case Kind::other:
      break;
  }
  return refusal(sharing_name(projects) + " is in the way; move it away");
}

Result<HistoryState> state_of(std::string const& projects, std::string const& shared) {
  auto const found = look(projects);
  if (found.kind != Kind::absent && found.owner != ::geteuid())
    return Error{ErrorKind::permission, projects + " belongs to user " + std::to_string(found.owner) + " and we are " +
                                            std::to_string(::geteuid()) + "; run this as its owner"};
  switch (found.kind) {
    case Kind::absent:
      return HistoryState::none;
    case Kind::symlink:
      return state_of_link(projects, shared);
    case Kind::other:
      return refusal(projects + " is neither a directory nor a link; move it away");
    case Kind::directory:
      break;
  }
  if (look(sharing_name(projects)).kind == Kind::directory)
    return refusal("both " + projects + " and " + sharing_name(projects) + " are directories; move one away");
  auto const begun = look(separating_name(projects)).kind;
  return begun == Kind::symlink ? HistoryState::half_separate : HistoryState::separate;
}

}  // namespace

std::string sharing_name(std::string const& projects) {
  return projects + ".failover-sharing";
}

std::string separating_name(std::string const& projects) {
  return projects + ".failover-separating";
}

std::string kept_name(std::string const& projects) {
  return projects + ".before-sharing";
}

std::string shared_directory_of(core::Config const& config) {
  std::set<std::string> places;
  for (auto const& account : config.accounts) {
    auto const projects = projects_of(account);
    if (look(projects).kind != Kind::symlink) continue;
    auto const place = resolved(projects);
    if (!place.empty() && !in_an_account(config, place)) places.insert(place);
  }
  auto const usual = config.state.dir + "/history/projects";
  return places.size() == 1 && *places.begin() != resolved(usual) ? *places.begin() : usual;
}

Result<void> check_shared_directory(core::Config const& config, std::string const& shared) {
  struct stat info {};
  if (::stat(shared.c_str(), &info) == 0 && !S_ISDIR(info.st_mode))
    return Error{ErrorKind::invalid, shared + " is not a directory; name another one with --dir"};
  auto const exists = resolved(shared);
  auto const place = exists.empty() ? real_place(shared) : Result<RealPlace>{RealPlace{exists, 0}};
  if (!place) return place.error();
  for (auto const& account : config.accounts) {
    auto const home = resolved(account.config_dir);
    if (home.empty() || (!lies_within(place->path, home) && !lies_within(home, place->path))) continue;
    return Error{ErrorKind::invalid, shared + " and " + account.config_dir + " of account " + account.name.str() +
                                         " lie one inside the other; accounts come and go, so name a directory apart "
                                         "from them with --dir"};
  }
  return {};
}

std::vector<AccountHistory> look_at_histories(core::Config const& config, std::string const& shared) {
  std::vector<AccountHistory> histories;
  std::set<std::string> seen;
  for (auto const& account : config.accounts) {
    AccountHistory history;
    history.account = account.name;
    history.projects = projects_of(account);
    auto const home = resolved(account.config_dir);
    if (home.empty()) {
      history.state = HistoryState::no_account;
    } else if (!seen.insert(home).second) {
      history.state = HistoryState::same_account;
    } else {
      auto const state = state_of(history.projects, shared);
      if (state) history.state = *state;
      if (!state) history.refused = state.error();
    }
    histories.push_back(std::move(history));
  }
  return histories;
}

}  // namespace failover::adapters
