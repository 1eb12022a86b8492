#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace failover::core {

/// Where to listen: a literal address, or `localhost`; no other name, for a name may come to mean another machine.
struct ListenAddress {
  std::string host = {};  ///< without brackets
  std::uint16_t port = 0;
  bool operator==(ListenAddress const&) const = default;
};

/// Reads `127.0.0.1:8377`, `[::1]:8377`, `localhost:0`.
[[nodiscard]] Result<ListenAddress> parse_listen_address(std::string_view text);

/// Whether only this machine can connect.
[[nodiscard]] bool is_loopback(ListenAddress const& address);

}  // namespace failover::core
