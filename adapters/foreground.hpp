#pragma once

#include "core/world.hpp"

#include <optional>
#include <string_view>
#include <vector>

#include <sys/types.h>

/// Who has the terminals of panes, as /proc tells it.
namespace failover::adapters {

/// For panes with these first processes, in their order.
///
/// `shell`: the foreground process group of the pane's terminal is led by a shell and has no other living member: it
/// waits at its prompt, or runs nothing but its own built-in commands. Whatever stands in the background, running or
/// stopped, does not count. `program`: anything else has it; a wrapper that is a shell has its agent in its own group.
/// `unknown`: no /proc, a process that has ended, or a change while it was looked at.
///
/// Counted as a program though no agent runs: a shell without job control that has something in the background, and one
/// behind a program of its own (ssh, sudo, a container's client).
///
/// Reads two small files a pane; all of /proc once, where a shell leads a group, which may take some milliseconds.
[[nodiscard]] std::vector<core::Foreground> foregrounds_of(std::vector<pid_t> const& pane_processes);

/// The same where two small files a pane are enough to tell; nothing where all of /proc would have to be read.
[[nodiscard]] std::optional<std::vector<core::Foreground>> foregrounds_at_once(
    std::vector<pid_t> const& pane_processes);

/// The same for one pane.
[[nodiscard]] core::Foreground foreground_of(pid_t pane_process);

/// Whether a program of this name, by the kernel's short one, is a shell that people type into.
[[nodiscard]] bool is_shell(std::string_view program);

}  // namespace failover::adapters
