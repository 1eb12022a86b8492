#pragma once

#include <map>
#include <string>

namespace failover::adapters {

/// The pattern tables of `conf/agents/*.yaml` as they were when the program was built, by agent name.
[[nodiscard]] std::map<std::string, std::string> const& embedded_agents();

}  // namespace failover::adapters
