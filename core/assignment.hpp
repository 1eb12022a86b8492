#pragma once

#include "core/names.hpp"
#include "core/step.hpp"

/// On which account a session works, and from when on.
///
/// With a link all sessions work on the active account, an agent by agent from its next request on. In
/// SwitchMode::per_session each works on the account that it was started on, until it is restarted on another.
namespace failover::core {

/// The account on which the session's next turns ought to run: the active one, but for a session that is pinned to
/// another, or that is not ours to restart.
[[nodiscard]] AccountName destination(Config const& config, State const& state, SessionName const& name);

/// Whether only a restart brings the session to another account.
[[nodiscard]] bool moves_by_restart(Config const& config);

/// Notes that a session's turns run on the active account from `since` on. No-op when they did so already, and where
/// the link does not decide it.
void use_active_account(Step& step, SessionState& session, Moment since);

/// The same for a turn that was asked for at `asked` and has begun since. Where the link was moved meanwhile nobody
/// knows which login it has, and the session stays with the former account until its turn outlives the move.
void use_account_of_turn(Step& step, SessionState& session, Moment asked);
/// Notes that a session's agent is being restarted, and for which account. Where that moves the session, nobody knows
/// its account until the answer: a restart of unknown outcome may have been made or not.
[[nodiscard]] AccountName begin_restart(Step& step, SessionState& session, SessionName const& name);

/// Notes that the restart was made: the session works on the account that it was begun for. What is older than now may
/// be the former agent's: the restart may have waited for its turn, or been late.
void end_restart(Step& step, SessionState& session);

/// Notes that a session's agent was started anew: it works on its destination, and what is older than `since` says
/// nothing of that.
void begin_on_destination(Step& step, SessionName const& name, Moment since);

}  // namespace failover::core
