#pragma once

#include <cstdint>
#include <string>

namespace failover::core {

/// Which ways what was read of tmux came: by a client that stays (`control`), or by one child each (`child`).
struct TransportCounts {
  std::string in_use = "child";  ///< of the newest answer
  std::uint64_t control = 0;     ///< reads that were tried
  std::uint64_t child = 0;
  std::uint64_t fallbacks = 0;  ///< reads by child because the control client had just failed
  bool operator==(TransportCounts const&) const = default;
};

}  // namespace failover::core
