#pragma once

#include "core/step.hpp"

/// Agents that end at once because their account's login is refused. Each session alone would be started again until
/// its own budget is spent; a fleet that recovers into such an account would go through all of them.
namespace failover::core {

/// After so many since the account's last proof of work it is not started into any more.
inline constexpr std::int64_t max_login_deaths = 3;

/// The session's agent has ended, and its last screen is known: counts the end where it was one of a refused login.
void consider_login_death(Step& step, SessionName const& name);

/// Whether agents are not to be started on the account until its login works again.
[[nodiscard]] bool stopped_by_login_deaths(State const& state, AccountName const& account);

}  // namespace failover::core
