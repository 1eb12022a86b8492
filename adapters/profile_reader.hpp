#pragma once

#include "core/agent.hpp"

#include <functional>
#include <string>

namespace YAML {
class Node;
}

namespace failover::adapters {

using ProfileFault = std::function<void(YAML::Node const& at, std::string const& what)>;

/// An agent of which nothing is known: it has no command, and it can neither be resumed nor moved to another account.
[[nodiscard]] core::AgentProfile unknown_profile();

/// Reads the section `profile` of an agent's file over what `profile` says already. What is wrong with it goes to
/// `fault`; the profile is fit for use when there was none. May throw what yaml-cpp throws.
void read_profile(YAML::Node const& section, core::AgentProfile& profile, ProfileFault const& fault);

}  // namespace failover::adapters
