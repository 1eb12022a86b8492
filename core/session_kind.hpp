#pragma once

#include <optional>
#include <string_view>

namespace failover::core {

/// Where a session comes from: made by the daemon for any task, named in the configuration, or made by the user.
enum class SessionKind { pool, dedicated, adopted };
[[nodiscard]] std::string_view to_string(SessionKind kind);
[[nodiscard]] std::optional<SessionKind> session_kind_from(std::string_view text);

}  // namespace failover::core
