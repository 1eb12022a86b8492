#include "adapters/directory.hpp"

#include "adapters/errno_error.hpp"

#include <cerrno>
#include <dirent.h>
#include <memory>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

struct CloseListing {
  void operator()(DIR* listing) const { ::closedir(listing); }
};

}  // namespace

core::Result<UniqueFd> open_directory(std::string const& path) {
  UniqueFd directory{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!directory.valid()) return errno_error(errno, "cannot open directory " + path);
  return directory;
}

core::Result<void> sync_directory(UniqueFd const& directory, std::string const& path) {
  // EINVAL: a file system that has no fsync for directories; there is nothing better to do on it.
  if (::fsync(directory.get()) != 0 && errno != EINVAL) return errno_error(errno, "cannot sync directory " + path);
  return {};
}

core::Result<std::vector<std::string>> list_names(UniqueFd const& directory, std::string const& path,
                                                  std::size_t max_names) {
  // A descriptor of its own: reading moves its position, and closedir closes it.
  UniqueFd own{::openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  std::unique_ptr<DIR, CloseListing> const listing{own.valid() ? ::fdopendir(own.get()) : nullptr};
  if (!listing) return errno_error(errno, "cannot list directory " + path);
  (void)own.release();  // closedir's now
  std::vector<std::string> names;
  while (names.size() < max_names) {
    errno = 0;
    auto const* entry = ::readdir(listing.get());
    if (entry == nullptr && errno != 0) return errno_error(errno, "cannot list directory " + path);
    if (entry == nullptr) break;
    std::string_view const name{entry->d_name};
    if (name != "." && name != "..") names.emplace_back(name);
  }
  return names;
}

}  // namespace failover::adapters
