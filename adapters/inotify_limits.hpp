#pragma once

#include "core/examine_machine.hpp"

namespace failover::adapters {

/// The kernel's limits of inotify for this user, and how many instances of those that the daemon needs can be had: they
/// are made, and closed again.
[[nodiscard]] core::InotifyFacts inotify_limits();

}  // namespace failover::adapters
