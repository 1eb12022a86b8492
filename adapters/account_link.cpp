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

/// A flip puts a new link in the old one's place, so its time of change is that of the flip.
std::optional<core::WallTime> made_at(std::string const& configured_link) {
  auto const link = without_end_slashes(configured_link);
  struct stat info {};
  if (::lstat(link.c_str(), &info) != 0) return std::nullopt;
  auto const since_epoch = std::chrono::seconds{info.st_mtim.tv_sec} + std::chrono::nanoseconds{info.st_mtim.tv_nsec};
  return core::WallTime{std::chrono::duration_cast<core::Duration>(since_epoch)};
}

core::AccountDirectory look_at(core::AccountConfig const& account) {
  core::AccountDirectory directory;
  directory.name = account.name;
  struct stat info {};
  directory.present = ::stat(account.config_dir.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
  if (!directory.present) return directory;
  auto const credentials = account.config_dir + "/.credentials.json";
  directory.logged_in = ::stat(credentials.c_str(), &info) == 0 && S_ISREG(info.st_mode);
  std::unique_ptr<char, decltype(&std::free)> const real{::realpath(account.config_dir.c_str(), nullptr), &std::free};
  if (real) directory.real_path = real.get();
  return directory;
}

}  // namespace

core::AccountsListing read_accounts(core::Config const& config) {
  core::AccountsListing listing;
  listing.link_target = read_target(config.switching.link);
  if (listing.link_target) listing.link_since = made_at(config.switching.link);
  for (auto const& account : config.accounts) listing.directories.push_back(look_at(account));
  return listing;
}

}  // namespace failover::adapters
