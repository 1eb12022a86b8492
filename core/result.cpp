#include "core/result.hpp"

namespace failover::core {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::timed_out:
      return "timed_out";
    case ErrorKind::cancelled:
      return "cancelled";
    case ErrorKind::not_found:
      return "not_found";
    case ErrorKind::refused:
      return "refused";
    case ErrorKind::unavailable:
      return "unavailable";
    case ErrorKind::invalid:
      return "invalid";
    case ErrorKind::io:
      return "io";
    case ErrorKind::no_space:
      return "no_space";
    case ErrorKind::permission:
      return "permission";
    case ErrorKind::already_exists:
      return "already_exists";
    case ErrorKind::too_large:
      return "too_large";
    case ErrorKind::unsupported:
      return "unsupported";
  }
  return "unknown";
}

}  // namespace failover::core
