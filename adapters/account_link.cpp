#include "adapters/account_link.hpp"

#include "adapters/errno_error.hpp"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <limits.h>
#include <memory>

#include <sys/stat.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

std::string without_end_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

core::Result<std::string> read_target(std::string const& configured_link) {
  auto const link = without_end_slashes(configured_link);  // with one, lstat would follow the link
  struct stat info {};
  if (::lstat(link.c_str(), &info) != 0) return errno_error(errno, "cannot look at the link " + link);
  if (!S_ISLNK(info.st_mode))
    return core::Error{core::ErrorKind::already_exists,
                       link + " is not a symlink; move it into an account's directory (claude-failover adopt)"};
  std::string target(PATH_MAX, '\0');
  auto const length = ::readlink(link.c_str(), target.data(), target.size());
  if (length < 0) return errno_error(errno, "cannot read the link " + link);
  target.resize(static_cast<std::size_t>(length));
  auto const absolute = std::filesystem::path{link}.parent_path() / target;  // an absolute target stays itself
  return without_end_slashes(absolute.lexically_normal().string());
}

core::WallTime wall_time(timespec const& time) {
  auto const since_epoch = std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
  return core::WallTime{std::chrono::duration_cast<core::Duration>(since_epoch)};
}

/// A flip puts a new link in the old one's place, so its time of change is that of the flip.
std::optional<core::WallTime> made_at(std::string const& configured_link) {
  auto const link = without_end_slashes(configured_link);
  struct stat info {};
  if (::lstat(link.c_str(), &info) != 0) return std::nullopt;
  return wall_time(info.st_mtim);
}

/// The path with every link resolved, "" where it leads nowhere.
std::string resolved(std::string const& path) {
  std::unique_ptr<char, decltype(&std::free)> const real{::realpath(path.c_str(), nullptr), &std::free};
  return real ? std::string{real.get()} : std::string{};
}

bool is_symlink(std::string const& path) {
  struct stat info {};
  return ::lstat(without_end_slashes(path).c_str(), &info) == 0 && S_ISLNK(info.st_mode);
}

core::LinkPlace place_of_failed(int number) {
  if (number == ENOENT || number == ENOTDIR) return core::LinkPlace::absent;
  return number == ELOOP ? core::LinkPlace::loop : core::LinkPlace::unknown;
}

core::LinkView look_at_link(std::string const& configured_link, core::Result<std::string> const& target) {
  auto const link = without_end_slashes(configured_link);
  core::LinkView view;
  struct stat info {};
  if (::lstat(link.c_str(), &info) != 0) {
    view.place = place_of_failed(errno);
    return view;
  }
  if (!S_ISLNK(info.st_mode)) {
    view.place = S_ISDIR(info.st_mode) ? core::LinkPlace::directory : core::LinkPlace::other;
    return view;
  }
  view.place = core::LinkPlace::symlink;
  if (target) view.over_link = is_symlink(*target);
  if (::stat(link.c_str(), &info) == 0) {
    view.target_present = S_ISDIR(info.st_mode);
    view.real_path = resolved(link);
  } else if (auto const place = place_of_failed(errno); place != core::LinkPlace::absent) {
    view.place = place;
  }
  return view;
}

core::Credentials credentials_at(std::string const& file) {
  struct stat info {};
  if (::lstat(file.c_str(), &info) != 0) return core::Credentials::absent;
  if (S_ISLNK(info.st_mode)) return core::Credentials::symlink;
  if (!S_ISREG(info.st_mode)) return core::Credentials::other;
  return info.st_size == 0 ? core::Credentials::empty_file : core::Credentials::file;
}

core::AccountDirectory look_at(core::AccountConfig const& account, std::string const& login_file,
                               LoginIdentities& identities) {
  core::AccountDirectory directory;
  directory.name = account.name;
  directory.is_symlink = is_symlink(account.config_dir);
  struct stat info {};
  directory.present = ::stat(account.config_dir.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
  if (!directory.present) return directory;
  directory.readable = ::access(account.config_dir.c_str(), R_OK | X_OK) == 0;
  if (login_file.empty()) {
    directory.credentials = core::Credentials::file;  // nobody can tell before the agent does
    directory.logged_in = true;
    directory.real_path = resolved(account.config_dir);
    return directory;
  }
  auto const credentials = account.config_dir + "/" + login_file;
  directory.credentials = credentials_at(credentials);
  directory.logged_in = ::stat(credentials.c_str(), &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0;
  if (directory.logged_in) directory.credentials_written = wall_time(info.st_mtim);
  directory.real_path = resolved(account.config_dir);
  if (!directory.real_path.empty()) directory.identity = identities.look(directory.real_path);
  return directory;
}

}  // namespace

core::AccountsListing AccountsReader::read(core::Config const& config) {
  core::AccountsListing listing;
  listing.link_target = read_target(config.switching.link);
  if (listing.link_target) listing.link_since = made_at(config.switching.link);
  listing.link = look_at_link(config.switching.link, listing.link_target);
  for (auto const& account : config.accounts)
    listing.directories.push_back(look_at(account, config.profile.login_file, identities_));
  return listing;
}

core::AccountsListing read_accounts(core::Config const& config) {
  return AccountsReader{}.read(config);
}

}  // namespace failover::adapters
