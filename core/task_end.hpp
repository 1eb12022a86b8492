#pragma once

#include "core/event.hpp"
#include "core/step.hpp"

#include <string>

/// How a task leaves the session that it was given to.
namespace failover::core {

/// Ends a task: its file goes to `place` with the reason beside it, its session is free.
void end_task(Step& step, TaskId const& id, TaskPlace place, std::string reason);

/// What an attempt failed by: the work itself, or a quota, a server, a login.
enum class Blame { task, circumstances };

/// Ends an attempt that failed. The task goes back to the queue, where it waits for a while, as often as its retries
/// allow; then to failed/. One that failed by circumstances is not counted, at most max_refunds times; of a task that
/// may not be tried again nobody knows how far it came, so that is held.
void end_attempt(Step& step, TaskId const& id, std::string reason, Blame blame);

/// The session lost its agent: what became of its task nobody knows, so it is held.
void hold_task_of(Step& step, SessionName const& session, std::string reason);

void on_task_moved(Step& step, event::TaskMoved const& moved);

/// Keeps the listing true until the next scan.
void note_place(State& state, TaskId const& id, TaskPlace place);

/// Nothing of the task is on its way any more.
void forget_task(Step& step, TaskId const& id);

/// How often it was given out counts no more.
void forget_attempts(State& state, TaskId const& id);

}  // namespace failover::core
