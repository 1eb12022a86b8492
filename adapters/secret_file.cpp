#include "adapters/secret_file.hpp"

#include "adapters/unique_fd.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>

namespace failover::adapters {
namespace {

using core::Error;
using core::ErrorKind;

/// "" outside of a service with credentials.
std::string credentials_directory() {
  auto const* const directory = std::getenv("CREDENTIALS_DIRECTORY");
  return directory ? directory : "";
}

/// systemd sets the modes of its credentials itself: 0400, or 0440 with an access list for the service's user.
bool is_credential(std::string const& path, std::string const& directory) {
  return !directory.empty() && path.starts_with(directory + "/") && path.find("/../") == std::string::npos;
}

Error system_error(std::string const& path, int number) {
  auto const text = path + ": " + std::generic_category().message(number);
  if (number == ENOENT || number == ENOTDIR) return {ErrorKind::not_found, text};
  if (number == EACCES || number == EPERM) return {ErrorKind::permission, text + "; the daemon's user must own it"};
  return {ErrorKind::io, text};
}

core::Result<std::string> read_up_to(int fd, std::size_t limit, std::string const& path) {
  std::string text(limit, '\0');
  std::size_t size = 0;
  while (size < limit) {
    auto const got = ::read(fd, text.data() + size, limit - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(path, errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

core::Result<Secret> only_line(std::string text, std::string const& path) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.empty()) return Error{ErrorKind::invalid, path + ": the file is empty; it must hold the token"};
  if (text.find('\n') != std::string::npos)
    return Error{ErrorKind::invalid, path + ": the file has several lines; it must hold the token and nothing else"};
  if (std::ranges::any_of(text, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }))
    return Error{ErrorKind::invalid, path + ": the file holds control characters; it must hold the token as text"};
  return Secret{std::move(text)};
}

}  // namespace

core::Result<Secret> read_secret(std::string const& path_or_credential) {
  auto const directory = credentials_directory();
  auto const bare = path_or_credential.find('/') == std::string::npos;
  if (path_or_credential.empty()) return Error{ErrorKind::invalid, "no file is named for the token"};
  if (bare && directory.empty())
    return Error{ErrorKind::not_found, path_or_credential +
                                           ": a name without a path is a systemd credential, but there is no "
                                           "$CREDENTIALS_DIRECTORY; give the file's full path"};
  auto const path = bare ? directory + "/" + path_or_credential : path_or_credential;

  // O_NONBLOCK: a named pipe must not hold the loop.
  UniqueFd const file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
  if (!file.valid()) return system_error(path, errno);
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) return system_error(path, errno);
  if (!S_ISREG(status.st_mode)) return Error{ErrorKind::invalid, path + ": not a regular file"};
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0 && !is_credential(path, directory))
    return Error{ErrorKind::permission, path + ": others may read or change this file; chmod 600 " + path};

  auto text = read_up_to(file.get(), max_secret_bytes + 1, path);
  if (!text) return text.error();
  if (text->size() > max_secret_bytes)
    return Error{ErrorKind::too_large, path + ": more than 4 KiB; it must hold the token and nothing else"};
  return only_line(std::move(*text), path);
}

}  // namespace failover::adapters
