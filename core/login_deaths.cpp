#include "core/login_deaths.hpp"

#include "core/quota_policy.hpp"

namespace failover::core {

void consider_login_death(Step& step, SessionName const& name) {
  auto const& session = step.state.sessions.at(name);
  if (!session.reading || session.reading->seen.state != ScreenState::auth_error) return;
  if (session.account.empty()) return;
  auto& account = step.state.accounts[session.account];
  ++account.login_deaths;
  step.changed();
  step.log(LogLevel::warning, "an agent ended at its account's login",
           {{"session", name.str()},
            {"account", session.account.str()},
            {"deaths", std::to_string(account.login_deaths)},
            {"text", session.reading->seen.evidence.text}});
  if (account.login_deaths >= max_login_deaths)
    need_login(step, name, std::to_string(account.login_deaths) + " agents ended at its login");
}

bool stopped_by_login_deaths(State const& state, AccountName const& account) {
  auto const known = state.accounts.find(account);
  return known != state.accounts.end() && known->second.kind == StandingKind::auth_broken &&
         known->second.login_deaths >= max_login_deaths;
}

}  // namespace failover::core
