#include "adapters/control_group.hpp"

#include "adapters/atomic_file.hpp"
#include "core/examine_tmux.hpp"

namespace failover::adapters {

std::string control_group_of(pid_t process) {
  constexpr std::size_t most_bytes = 64 << 10;
  auto const text = read_file("/proc/" + std::to_string(process) + "/cgroup", most_bytes);
  return text ? core::control_group_in(*text) : "";
}

}  // namespace failover::adapters
