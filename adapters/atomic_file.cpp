#include "adapters/atomic_file.hpp"

#include "adapters/directory.hpp"
#include "adapters/errno_error.hpp"
#include "adapters/unique_fd.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <limits.h>

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

constexpr std::string_view temporary_prefix = ".failover-";
constexpr std::string_view temporary_suffix = ".tmp";
constexpr std::size_t temporary_digits = 16;

struct Location {
  std::string directory = {};
  std::string name = {};
};

Location locate(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  auto const slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

core::Result<std::string> temporary_name() {
  std::array<unsigned char, temporary_digits / 2> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    return errno_error(errno, "cannot get random bytes");
  std::string name{temporary_prefix};
  for (auto const byte : random) {
    name.push_back("0123456789abcdef"[byte >> 4]);
    name.push_back("0123456789abcdef"[byte & 15]);
  }
  return name.append(temporary_suffix);
}

core::Result<void> write_all(UniqueFd const& fd, std::string_view bytes, std::string const& what) {
  while (!bytes.empty()) {
    auto const written = ::write(fd.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno_error(errno, "cannot write " + what);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

core::Result<void> fill(UniqueFd const& fd, std::string_view bytes, Replacement const& replacement,
                        std::string const& what) {
  auto const& owner = replacement.owner;
  if (owner && ::fchown(fd.get(), owner->user, owner->group) != 0)
    return errno_error(errno, "cannot keep the owner of " + what);
  if (::fchmod(fd.get(), replacement.mode) != 0) return errno_error(errno, "cannot set the mode of " + what);
  if (auto written = write_all(fd, bytes, what); !written) return written;
  // After a failed fsync the kernel may have dropped the pages: never retry, the old file is kept.
  if (::fsync(fd.get()) != 0) return errno_error(errno, "cannot sync " + what);
  return {};
}

core::Result<std::string> read_link(int directory, std::string const& name) {
  std::array<char, PATH_MAX> buffer{};
  auto const length = ::readlinkat(directory, name.c_str(), buffer.data(), buffer.size());
  if (length < 0) return errno_error(errno, "cannot read link " + name);
  return std::string(buffer.data(), static_cast<std::size_t>(length));
}

/// Removes what a crash between symlinkat and renameat left behind.
core::Result<void> remove_leftover_link(UniqueFd const& directory, Location const& at, std::string const& temporary) {
  struct stat info {};
  if (::fstatat(directory.get(), temporary.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return {};
  if (!S_ISLNK(info.st_mode))
    return core::Error{core::ErrorKind::already_exists,
                       at.directory + "/" + temporary + " is in the way and not a link of ours; move it away"};
  if (::unlinkat(directory.get(), temporary.c_str(), 0) != 0 && errno != ENOENT)
    return errno_error(errno, "cannot remove the left-over link " + at.directory + "/" + temporary);
  return {};
}

core::Result<void> replace_link(UniqueFd const& directory, Location const& at, std::string const& target) {
  auto const temporary = (at.name.front() == '.' ? "" : ".") + at.name + ".failover-new";
  if (auto clear = remove_leftover_link(directory, at, temporary); !clear) return clear;
  auto const path = at.directory + "/" + at.name;
  if (::symlinkat(target.c_str(), directory.get(), temporary.c_str()) != 0)
    return errno_error(errno, "cannot make a link beside " + path);
  if (::renameat(directory.get(), temporary.c_str(), directory.get(), at.name.c_str()) != 0) {
    auto const number = errno;
    (void)::unlinkat(directory.get(), temporary.c_str(), 0);  // the next flip removes it otherwise
    return errno_error(number, "cannot flip the link " + path);
  }
  return {};
}

}  // namespace

core::Result<void> write_file_atomically(std::string const& path, std::string_view bytes, mode_t mode) {
  return replace_file(path, bytes, {mode, std::nullopt, {}});
}

core::Result<void> replace_file(std::string const& path, std::string_view bytes, Replacement const& replacement) {
  auto const at = locate(path);
  auto directory = open_directory(at.directory);
  if (!directory) return directory.error();
  auto const temporary = temporary_name();
  if (!temporary) return temporary.error();
  UniqueFd file{::openat(directory->get(), temporary->c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                         replacement.mode)};
  if (!file.valid()) return errno_error(errno, "cannot create a file in " + at.directory);
  auto outcome = fill(file, bytes, replacement, path);
  if (outcome && replacement.confirm) outcome = replacement.confirm();
  if (outcome && ::renameat(directory->get(), temporary->c_str(), directory->get(), at.name.c_str()) != 0)
    outcome = errno_error(errno, "cannot replace " + path);
  if (!outcome) {
    (void)::unlinkat(directory->get(), temporary->c_str(), 0);  // the first failure is the one worth telling
    return outcome;
  }
  return sync_directory(*directory, at.directory);
}

bool is_temporary_name(std::string_view name) {
  return name.size() == temporary_prefix.size() + temporary_digits + temporary_suffix.size() &&
         name.starts_with(temporary_prefix) && name.ends_with(temporary_suffix);
}

core::Result<void> flip_symlink(std::string const& link, std::string const& target) {
  if (target.empty() || target.front() != '/')
    return core::Error{core::ErrorKind::invalid, "the target of link " + link + " is not an absolute path: " + target};
  auto const at = locate(link);
  auto directory = open_directory(at.directory);
  if (!directory) return directory.error();
  struct stat info {};
  bool const present = ::fstatat(directory->get(), at.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
  if (!present && errno != ENOENT) return errno_error(errno, "cannot look at " + link);
  if (present && !S_ISLNK(info.st_mode))
    return core::Error{core::ErrorKind::already_exists,
                       link +
                           " is not a symlink and is left alone; move it into an account's directory first "
                           "(claude-failover adopt)"};
  bool const right = present && read_link(directory->get(), at.name) == core::Result<std::string>{target};
  if (!right)
    if (auto replaced = replace_link(*directory, at, target); !replaced) return replaced;
  return sync_directory(*directory, at.directory);  // also when right: a crash may have come before the last sync
}

core::Result<std::string> read_file(std::string const& path, std::size_t max_bytes) {
  // O_NONBLOCK: opening a FIFO must not wait for a writer. It has no effect on regular files.
  UniqueFd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  if (!file.valid()) return errno_error(errno, "cannot open " + path);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return errno_error(errno, "cannot look at " + path);
  if (!S_ISREG(info.st_mode)) return core::Error{core::ErrorKind::invalid, path + " is not a regular file"};
  auto const too_large =
      core::Error{core::ErrorKind::too_large, path + " is larger than " + std::to_string(max_bytes) + " bytes"};
  if (info.st_size > 0 && static_cast<std::size_t>(info.st_size) > max_bytes) return too_large;
  std::string bytes;
  std::array<char, 65536> chunk{};
  while (true) {
    auto const got = ::read(file.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error(errno, "cannot read " + path);
    if (got == 0) return bytes;
    bytes.append(chunk.data(), static_cast<std::size_t>(got));
    if (bytes.size() > max_bytes) return too_large;
  }
}

}  // namespace failover::adapters
