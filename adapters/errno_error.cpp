#include "adapters/errno_error.hpp"

#include <cerrno>
#include <system_error>

namespace failover::adapters {
namespace {

core::ErrorKind kind_of(int number) {
  switch (number) {
    case ENOENT:
    case ESRCH:
    case ENOTDIR:
      return core::ErrorKind::not_found;
    case EACCES:
    case EPERM:
    case EROFS:
      return core::ErrorKind::permission;
    case ENOSPC:
    case EDQUOT:
      return core::ErrorKind::no_space;
    case EEXIST:
    case ENOTEMPTY:
      return core::ErrorKind::already_exists;
    case EFBIG:
      return core::ErrorKind::too_large;
    case ENOSYS:
    case EOPNOTSUPP:
      return core::ErrorKind::unsupported;
    default:
      return core::ErrorKind::io;
  }
}

}  // namespace

core::Error errno_error(int number, std::string const& what) {
  return {kind_of(number), what + ": " + std::generic_category().message(number)};
}

}  // namespace failover::adapters
