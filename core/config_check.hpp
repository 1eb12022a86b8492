#pragma once

#include "core/config.hpp"

#include <string>
#include <vector>

namespace failover::core {

/// What is wrong with the value of one key: `accounts[1].config_dir`, and a sentence that names the cure.
struct ConfigFault {
  std::string path = {};
  std::string message = {};
  bool operator==(ConfigFault const&) const = default;
};

/// Every fault of a loaded configuration at once, none when the daemon may run with it. Pure: whether directories
/// exist, links are links and ports are free is found out at the start, not here.
[[nodiscard]] std::vector<ConfigFault> check_config(Config const& config);

inline constexpr std::size_t max_account_name = 64;
inline constexpr std::size_t max_socket_path = 107;  ///< sun_path less its NUL, unix(7)

}  // namespace failover::core
