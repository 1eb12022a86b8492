#include "adapters/exchange_names.hpp"

#include "adapters/directory.hpp"
#include "adapters/errno_error.hpp"
#include "adapters/paths.hpp"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

/// The errors that say "not possible here" and not "went wrong".
core::Error rename_error(int number, std::string const& what) {
  switch (number) {
    case EXDEV:
    case EBUSY:
      return {core::ErrorKind::unsupported, what + ": they lie on two file systems, or one is a mount point"};
    case EINVAL:
    case ENOSYS:
      return {core::ErrorKind::unsupported, what + ": this file system cannot do that in one step"};
    default:
      return errno_error(number, what);
  }
}

core::Result<void> renamed(std::string const& from, std::string const& to, unsigned int flags,
                           std::string const& what) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags) != 0) return rename_error(errno, what);
  if (auto synced = sync_parent(to); !synced) return synced;
  return sync_parent(from);
}

}  // namespace

core::Result<void> exchange_names(std::string const& one, std::string const& other) {
  return renamed(one, other, RENAME_EXCHANGE, "cannot exchange " + one + " and " + other);
}

core::Result<void> rename_to_free_name(std::string const& from, std::string const& to) {
  return renamed(from, to, RENAME_NOREPLACE, "cannot rename " + from + " to " + to);
}

core::Result<void> make_symlink(std::string const& link, std::string const& target) {
  if (::symlink(target.c_str(), link.c_str()) != 0) return errno_error(errno, "cannot make the link " + link);
  return sync_parent(link);
}

core::Result<void> remove_symlink(std::string const& link) {
  struct stat info {};
  if (::lstat(link.c_str(), &info) != 0) {
    if (errno == ENOENT) return sync_parent(link);
    return errno_error(errno, "cannot look at " + link);
  }
  if (!S_ISLNK(info.st_mode))
    return core::Error{core::ErrorKind::already_exists, link + " is not a symlink and is left alone"};
  if (::unlink(link.c_str()) != 0) return errno_error(errno, "cannot remove the link " + link);
  return sync_parent(link);
}

core::Result<void> sync_parent(std::string const& path) {
  auto const parent = parent_of(path);
  auto const directory = open_directory(parent);
  if (!directory) return directory.error();
  return sync_directory(*directory, parent);
}

core::Result<void> make_directories(std::string const& path) {
  for (auto slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    auto const part = path.substr(0, slash);
    if (::mkdir(part.c_str(), 0700) == 0) {
      if (auto synced = sync_parent(part); !synced) return synced;
    } else if (errno != EEXIST && errno != EISDIR) {
      return errno_error(errno, "cannot make directory " + part);
    }
    if (slash == std::string::npos) break;
  }
  auto const there = open_directory(path);  // what was there may be no directory
  if (!there) return there.error();
  return {};
}

}  // namespace failover::adapters
