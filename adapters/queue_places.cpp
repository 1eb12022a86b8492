#include "adapters/queue_places.hpp"

#include "adapters/atomic_file.hpp"
#include "adapters/directory.hpp"
#include "adapters/errno_error.hpp"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

constexpr std::array<std::string_view, 7> places{"tmp", "pending", "claimed", "done", "failed", "held", "signals"};
constexpr std::array<std::string_view, 3> places_of_results{"done", "failed", "held"};

/// mkdir -p, 0700. What is there is left as it is.
core::Result<void> make_directories(std::string const& path) {
  for (auto slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    auto const part = path.substr(0, slash);
    if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST && errno != EISDIR)
      return errno_error(errno, "cannot make directory " + part);
    if (slash == std::string::npos) return {};
  }
}

core::Result<struct stat> check(UniqueFd const& directory, std::string const& path) {
  struct stat info {};
  if (::fstat(directory.get(), &info) != 0) return errno_error(errno, "cannot look at " + path);
  if (info.st_uid != ::geteuid())
    return core::Error{core::ErrorKind::permission, path + " belongs to user " + std::to_string(info.st_uid) +
                                                        " and we are " + std::to_string(::geteuid()) +
                                                        "; chown it or name another in dispatcher.queue"};
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return core::Error{core::ErrorKind::permission,
                       path + " can be written by others, who could run prompts as you; chmod go-w it"};
  return info;
}

void remove_leftovers(std::string const& root) {
  for (auto const place : places_of_results) {
    auto const path = root + "/" + std::string(place);
    auto const directory = open_queue_place(root, place);
    if (!directory) continue;
    auto const names = list_names(*directory, path, 100'000);
    if (!names) continue;
    for (auto const& name : *names)
      if (is_temporary_name(name)) (void)::unlinkat(directory->get(), name.c_str(), 0);  // tried at the next start
  }
}

}  // namespace

core::Result<void> prepare_queue(std::string const& root) {
  if (auto made = make_directories(root); !made) return made;
  auto const top = open_directory(root);
  if (!top) return top.error();
  auto const top_info = check(*top, root);
  if (!top_info) return top_info.error();
  for (auto const place : places) {
    auto const path = root + "/" + std::string(place);
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return errno_error(errno, "cannot make directory " + path);
    auto const directory = open_queue_place(root, place);
    if (!directory) return directory.error();
    auto const info = check(*directory, path);
    if (!info) return info.error();
    if (info->st_dev != top_info->st_dev)
      return core::Error{core::ErrorKind::invalid,
                         path + " lies on another file system than " + root + "; the queue must be all on one"};
  }
  remove_leftovers(root);
  return {};
}

core::Result<UniqueFd> open_queue_place(std::string const& root, std::string_view place) {
  auto const path = root + "/" + std::string(place);
  UniqueFd directory{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  if (directory.valid()) return directory;
  if (errno == ENOTDIR || errno == ELOOP)
    return core::Error{core::ErrorKind::invalid, path + " is not a directory; move it away"};
  return errno_error(errno, "cannot open " + path);
}

}  // namespace failover::adapters
