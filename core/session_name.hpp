#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace failover::core {

/// Why a session of ours must not have this name, nothing when it may. Names go into tmux commands and targets, so
/// only bytes without a meaning there are allowed: letters, digits, space and `_ - + , @`, letters of other scripts.
[[nodiscard]] std::optional<std::string> session_name_fault(std::string_view name);

/// Why `sessions.adopt` cannot hold this: a session's name, or the beginning of names and `*`.
[[nodiscard]] std::optional<std::string> adopt_pattern_fault(std::string_view pattern);

inline constexpr std::size_t max_session_name = 100;

}  // namespace failover::core
