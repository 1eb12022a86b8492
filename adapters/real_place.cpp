#include "adapters/real_place.hpp"

#include "adapters/errno_error.hpp"
#include "adapters/paths.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <limits.h>
#include <memory>

#include <sys/stat.h>
#include <unistd.h>

namespace failover::adapters {

core::Result<RealPlace> real_place(std::string const& absolute_path) {
  auto parent = parent_of(absolute_path);
  auto rest = absolute_path.substr(parent == "/" ? 1 : parent.size() + 1);
  while (true) {
    if (rest == ".." || rest.starts_with("../"))
      return core::Error{core::ErrorKind::invalid,
                         absolute_path + ": where its '..' leads cannot be known; write the path without it"};
    std::unique_ptr<char, decltype(&std::free)> const real{::realpath(parent.c_str(), nullptr), &std::free};
    struct stat info {};
    if (real && ::stat(real.get(), &info) == 0) {
      std::string const folder{real.get()};
      return RealPlace{(folder == "/" ? "" : folder) + "/" + rest, info.st_dev};
    }
    if (errno != ENOENT || parent == "/") return errno_error(errno, "cannot look at " + parent);
    auto const above = parent_of(parent);
    rest = parent.substr(above == "/" ? 1 : above.size() + 1) + "/" + rest;
    parent = above;
  }
}

bool lies_within(std::string_view path, std::string_view directory) {
  return path.starts_with(directory) && (path.size() == directory.size() || path[directory.size()] == '/');
}

std::string link_text(std::string const& path) {
  std::array<char, PATH_MAX> buffer{};
  auto const length = ::readlink(path.c_str(), buffer.data(), buffer.size());
  return length > 0 ? std::string(buffer.data(), static_cast<std::size_t>(length)) : std::string{};
}

}  // namespace failover::adapters
