#include "core/wanted.hpp"

#include <algorithm>
#include <string_view>

namespace failover::core {

std::vector<WantedSession> wanted_sessions(SessionsConfig const& config) {
  std::vector<WantedSession> wanted;
  for (std::int64_t i = 1; i <= config.pool.size; ++i)
    wanted.push_back({SessionName(config.pool.prefix + std::to_string(i)), SessionKind::pool, config.pool.workdir});
  for (auto const& dedicated : config.dedicated)
    wanted.push_back({dedicated.name, SessionKind::dedicated, dedicated.workdir});
  return wanted;
}

bool adopts(SessionsConfig const& config, SessionName const& name) {
  return std::any_of(config.adopt.begin(), config.adopt.end(), [&](std::string_view pattern) {
    if (!pattern.ends_with('*')) return name.str() == pattern;
    return std::string_view(name.str()).starts_with(pattern.substr(0, pattern.size() - 1));
  });
}

}  // namespace failover::core
