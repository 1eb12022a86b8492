#include "daemon/exit_code.hpp"

namespace failover::daemon {

ExitCode exit_code_of(core::ErrorKind kind) {
  using core::ErrorKind;
  switch (kind) {
    case ErrorKind::invalid:
    case ErrorKind::unsupported:
      return ExitCode::configuration;
    case ErrorKind::permission:
      return ExitCode::permission;
    case ErrorKind::already_exists:
    case ErrorKind::timed_out:
    case ErrorKind::unavailable:
      return ExitCode::try_again;
    case ErrorKind::no_space:
      return ExitCode::cannot_create;
    case ErrorKind::io:
    case ErrorKind::not_found:
    case ErrorKind::too_large:
      return ExitCode::io;
    case ErrorKind::refused:
    case ErrorKind::cancelled:
      return ExitCode::failed;
  }
  return ExitCode::failed;
}

}  // namespace failover::daemon
