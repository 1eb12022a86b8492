#include "core/keyboard.hpp"

namespace failover::core {

bool person_types(Config const& config, SessionState const& session, Now now) {
  if (!session.typed_at) return false;
  auto const still = now.wall - *session.typed_at;  // both by this machine's clock; one that was set ends it
  return still < config.sessions.human_grace && still > -config.sessions.human_grace;
}

bool keyboard_is_free(Config const& config, SessionState const& session, Now now) {
  return session.read_at != Moment{} && !person_types(config, session, now);
}

}  // namespace failover::core
