#pragma once

#include "core/event.hpp"
#include "core/step.hpp"

/// One blocked session's way back to work, in its own conversation.
///
/// Each move is chosen by what the screen shows: Escape closes the limit's own menu, the continue prompt is typed only
/// into an empty box, a permission prompt or an unknown dialog is left to the person. A running or finished turn proves
/// it; without proof within `switch.recovery_deadline` the agent is restarted with its conversation's id, and after
/// `switch.recovery_attempts` the session is held.
namespace failover::core {

/// Starts recoveries for blocked sessions whose account has been left or has come back, a few at a time.
void begin_recoveries(Step& step);

/// Restarts an agent that goes on using the login of an account that was left, in its conversation.
void restart_for_login(Step& step, SessionName const& name);

/// A fresh look at a session in recovery.
void recover_by_screen(Step& step, SessionName const& name, Reading const& reading);

/// Escalates what took too long.
void hurry_recoveries(Step& step);

/// After our own end in the middle of a restart: whether it was made shows in the pane's process. One that was made
/// counts as answered; one that was not is made after the deadline, when no late tmux command can make it any more.
void find_lost_restart(Step& step, SessionName const& name);

void on_escape_pressed(Step& step, event::EscapePressed const& pressed);
/// For a session in recovery only; the dispatcher takes the others.
void on_continue_delivered(Step& step, event::PromptDelivered const& delivered);
void on_recovery_restarted(Step& step, event::AgentRestarted const& restarted);

}  // namespace failover::core
