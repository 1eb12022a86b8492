#pragma once

#include "core/classification.hpp"
#include "core/evidence.hpp"
#include "core/step.hpp"

#include <optional>
#include <string>
#include <string_view>

/// When an account counts as spent, and when it comes back.
///
/// The first confirmed report opens the account's one episode; later ones join it. What a report is worth stands in
/// core/evidence. Nothing here moves anything: core/swap decides that.
namespace failover::core {

/// The instant at which a wall first seen at `seen` ends, or nothing where the text's own claim is not believable.
/// A clock time that passed within the last hour means now, not tomorrow; a five-hour window ends within 5 h 10 min,
/// a weekly one within 7 d 1 h.
[[nodiscard]] std::optional<WallTime> believable_reset(Classification const& wall, WallTime seen);

/// Takes a wall on a session's screen as evidence against the account of the session's present turn.
void consider_wall(Step& step, SessionName const& name, Reading const& reading);

/// Whose turn met the wall. A subagent's says that the account is spent, nothing of the session's phase.
enum class WhoMet { session, subagent };

/// A turn that runs at `at`, longer after a flip than a request lasts, has asked with the new account's login.
void outlive_flip(Step& step, SessionState& session, WallTime at);

/// Takes a report of the agent itself.
void consider_report(Step& step, SessionName const& name, WallReport const& report, WhoMet who);

/// Takes an agent's own word that its account's login was refused; `rule` names what said so. What is older than the
/// session's use of the account, or than the account's return, says nothing.
void consider_login_report(Step& step, SessionName const& name, WallTime at, std::string const& rule);

/// The session's agent cannot use its account's login; `rule` names what said so. The person is told once.
void need_login(Step& step, SessionName const& name, std::string const& rule);

/// Takes a screen that asks for a login; the same text counts once.
void consider_login_screen(Step& step, SessionName const& name, Reading const& reading);

/// The session's screen shows no wall (any more).
void clear_suspicion(Step& step, SessionName const& name);

/// Gives accounts back whose reset has passed.
void release_accounts(Step& step);

/// Gives accounts whose login was broken another try, where a new login was written since.
void retry_logins(Step& step);

/// A turn runs on the account: it has its quota and its login.
void prove_account(Step& step, AccountName const& name);

/// While blocked without a time that an agent told: `quota.default_reset` from then on, by the steady clock.
inline constexpr WallTime assumed_wait{std::chrono::milliseconds{253'402'300'799'999}};

/// When an exhausted account comes back. A time that an agent told is an instant; one that was assumed is a span, which
/// a clock that is set neither stretches nor voids.
[[nodiscard]] WallTime release_of(AccountState const& account, Now now);

/// The earliest instant at which an exhausted account comes back.
[[nodiscard]] std::optional<WallTime> earliest_release(State const& state, Now now);

/// Whether a turn runs there, as far as one can tell: one beside a wall that was taken for quoted, on a screen that
/// does not change, may as well have ended at that wall.
[[nodiscard]] bool seems_to_work(SessionState const& session, Now now);

}  // namespace failover::core
