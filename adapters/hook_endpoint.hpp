#pragma once

#include "adapters/http_message.hpp"
#include "adapters/told_once.hpp"
#include "core/event.hpp"

#include <functional>

namespace failover::adapters {

/// Where the news of agents goes to. Called on the loop's thread; must not block.
using TellEvent = std::function<void(core::Event)>;

/// Answers `POST /hooks/claude`: tells the HookCalled in the body (an envelope, see hook_envelope.hpp) and answers 204
/// at once, also when it was told before. 403 over TCP, where any user of the machine could forge a limit; 405, 415
/// and 400 as usual, 422 for an envelope of a newer version. `once` must outlive the handler.
[[nodiscard]] HttpHandler hook_handler(TellEvent tell, ToldOnce& once);

/// The same for `POST /statusline` and UsageTold.
[[nodiscard]] HttpHandler statusline_handler(TellEvent tell, ToldOnce& once);

}  // namespace failover::adapters
