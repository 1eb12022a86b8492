#pragma once

namespace failover::core {

/// Ends the process with a message. For broken promises of our own code only, never for input.
[[noreturn]] void broken_promise(char const* condition, char const* file, int line);

}  // namespace failover::core

/// A promise that must hold in every build.
#define EXPECTS(condition) \
  ((condition) ? static_cast<void>(0) : ::failover::core::broken_promise(#condition, __FILE__, __LINE__))
