#pragma once

#include "core/event.hpp"
#include "core/operator.hpp"
#include "core/step.hpp"

#include <optional>

/// What is asked for of one task by its id: by the operator, or by the agent that works on it.
///
/// | order | of a task that is | then it is |
/// |---|---|---|
/// | retry | held, failed | pending, its attempts forgotten |
/// | hold | pending | held |
/// | release | held | pending |
/// | cancel | pending, held, claimed | failed; the turn of a claimed one is interrupted |
/// | done | claimed, held | done |
/// | fail | claimed | tried again as often as its retries allow, then failed |
/// | fail | held | failed |
namespace failover::core {

/// Why it cannot be done now: `unknown_task`; the place where the task lies, when the order is not for such; or, to be
/// asked again later, `queue_unread`, `brake`, `being_given`, `being_moved`, `session_recovering`. The word of a task's
/// own agent (done, fail) is taken while the brake is on, too.
[[nodiscard]] std::optional<Refused> fault_of(State const& state, event::TaskAsked const& asked);

/// Carries it out, with the asker in the result's reason; what would be refused by now is logged and left.
void on_task_asked(Step& step, event::TaskAsked const& asked);

}  // namespace failover::core
