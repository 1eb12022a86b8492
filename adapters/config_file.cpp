#include "adapters/unique_fd.hpp"
#include "adapters/yaml_config.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>

namespace failover::adapters {
namespace {

using core::Error;
using core::ErrorKind;
using core::Result;

Error file_error(std::string const& path, int code) {
  auto const reason = std::generic_category().message(code);
  if (code == ENOENT || code == ENOTDIR)
    return {ErrorKind::not_found, path +
                                      ": there is no such file: copy the example claude-failover.yaml there, or "
                                      "name another file"};
  if (code == EACCES || code == EPERM)
    return {ErrorKind::permission, path + ": " + reason + ": make the file readable for the daemon's user"};
  return {ErrorKind::io, path + ": cannot read: " + reason};
}

Result<UniqueFd> open_regular(std::string const& path) {
  // O_NONBLOCK: opening a pipe must not wait for a writer.
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!fd.valid()) return file_error(path, errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return file_error(path, errno);
  if (!S_ISREG(status.st_mode))
    return Error{ErrorKind::invalid, path + ": is not a regular file: name the configuration file itself"};
  return fd;
}

Result<std::string> read_text(std::string const& path) {
  auto fd = open_regular(path);
  if (!fd) return fd.error();
  std::string text;
  while (text.size() <= max_config_bytes) {
    auto const had = text.size();
    text.resize(had + 65536);
    auto const count = ::read(fd->get(), text.data() + had, text.size() - had);
    int const failure = errno;
    text.resize(had + static_cast<std::size_t>(count > 0 ? count : 0));
    if (count == 0) return text;
    if (count < 0 && failure != EINTR) return file_error(path, failure);
  }
  return Error{ErrorKind::too_large,
               path + ": is larger than " + std::to_string(max_config_bytes) + " bytes: this is no configuration"};
}

}  // namespace

Result<LoadedConfig> load_config_file(std::string const& path, PathContext const& context,
                                      ProfileLookup const& find_profile) {
  auto const text = read_text(path);
  if (!text) return text.error();
  return load_config(*text, path, context, find_profile);
}

}  // namespace failover::adapters
