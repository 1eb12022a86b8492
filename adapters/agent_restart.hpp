#pragma once

#include "adapters/prompt_delivery.hpp"

namespace failover::adapters {

/// Restarts an agent as Tmux::restart does. With `spares_draft` it looks first: where a person's text stands in the
/// input box, which the restart would lose, it is `refused` and nothing was done. The agent's grey suggestion and the
/// prompt that the restart itself is to submit are nobody's draft. `tmux` must outlive the call.
[[nodiscard]] Async<void> restart_agent(Tmux& tmux, core::effect::RestartAgent request, ScreenReader read_screen);

}  // namespace failover::adapters
