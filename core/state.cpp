#include "core/state.hpp"

#include "core/enum_names.hpp"

#include <array>
#include <utility>

namespace failover::core {
namespace {

constexpr EnumNames<StandingKind, 4> standings{{
    {StandingKind::available, "available"},
    {StandingKind::exhausted, "exhausted"},
    {StandingKind::auth_broken, "auth_broken"},
    {StandingKind::spend_blocked, "spend_blocked"},
}};

constexpr EnumNames<SessionKind, 3> kinds{
    {{SessionKind::pool, "pool"}, {SessionKind::dedicated, "dedicated"}, {SessionKind::adopted, "adopted"}}};

constexpr EnumNames<Phase, 12> phases{{
    {Phase::missing, "missing"},
    {Phase::starting, "starting"},
    {Phase::idle, "idle"},
    {Phase::working, "working"},
    {Phase::blocked, "blocked(quota)"},
    {Phase::waiting_permission, "waiting_permission"},
    {Phase::dialog, "dialog"},
    {Phase::auth_needed, "auth_needed"},
    {Phase::stalled, "stalled"},
    {Phase::recovering, "recovering"},
    {Phase::held, "held"},
    {Phase::dead, "dead"},
}};

constexpr EnumNames<RecoveryStep, 5> recovery_steps{{
    {RecoveryStep::looking, "looking"},
    {RecoveryStep::escaping, "escaping"},
    {RecoveryStep::nudging, "nudging"},
    {RecoveryStep::proving, "proving"},
    {RecoveryStep::restarting, "restarting"},
}};

constexpr EnumNames<TaskPhase, 4> task_phases{{
    {TaskPhase::claiming, "claiming"},
    {TaskPhase::delivering, "delivering"},
    {TaskPhase::running, "running"},
    {TaskPhase::ending, "ending"},
}};

constexpr EnumNames<SwapPhase, 5> swap_phases{{
    {SwapPhase::planned, "planned"},
    {SwapPhase::flipped, "flipped"},
    {SwapPhase::recovering, "recovering"},
    {SwapPhase::done, "done"},
    {SwapPhase::aborted, "aborted"},
}};

constexpr EnumNames<SwapCause, 6> swap_causes{{
    {SwapCause::exhausted, "exhausted"},
    {SwapCause::spend_blocked, "spend_blocked"},
    {SwapCause::auth_broken, "auth_broken"},
    {SwapCause::disabled, "disabled"},
    {SwapCause::leaving_early, "leaving_early"},
    {SwapCause::operator_asked, "operator_asked"},
}};

constexpr EnumNames<Fitness, 12> fitnesses{{
    {Fitness::fit, "fit"},
    {Fitness::active, "active"},
    {Fitness::disabled, "disabled"},
    {Fitness::exhausted, "exhausted"},
    {Fitness::auth_broken, "auth_broken"},
    {Fitness::spend_blocked, "spend_blocked"},
    {Fitness::directory_missing, "directory_missing"},
    {Fitness::not_logged_in, "not_logged_in"},
    {Fitness::same_login, "same_login"},
    {Fitness::straight_return, "straight_return"},
    {Fitness::no_headroom, "no_headroom"},
    {Fitness::headroom_unknown, "headroom_unknown"},
}};

constexpr std::array<std::pair<SwapPhase, SwapPhase>, 5> swap_moves{{
    {SwapPhase::planned, SwapPhase::flipped},
    {SwapPhase::planned, SwapPhase::aborted},
    {SwapPhase::flipped, SwapPhase::recovering},
    {SwapPhase::recovering, SwapPhase::done},
    {SwapPhase::recovering, SwapPhase::aborted},
}};

}  // namespace

std::string_view to_string(StandingKind kind) {
  return name_of(standings, kind);
}
std::string_view to_string(SessionKind kind) {
  return name_of(kinds, kind);
}
std::string_view to_string(Phase phase) {
  return name_of(phases, phase);
}
std::string_view to_string(RecoveryStep step) {
  return name_of(recovery_steps, step);
}
std::string_view to_string(TaskPhase phase) {
  return name_of(task_phases, phase);
}
std::string_view to_string(SwapPhase phase) {
  return name_of(swap_phases, phase);
}
std::string_view to_string(SwapCause cause) {
  return name_of(swap_causes, cause);
}
std::string_view to_string(Fitness fitness) {
  return name_of(fitnesses, fitness);
}
std::optional<SwapCause> swap_cause_from(std::string_view text) {
  return value_of(swap_causes, text);
}
std::optional<Fitness> fitness_from(std::string_view text) {
  return value_of(fitnesses, text);
}
std::optional<StandingKind> standing_from(std::string_view text) {
  return value_of(standings, text);
}
std::optional<SessionKind> session_kind_from(std::string_view text) {
  return value_of(kinds, text);
}
std::optional<Phase> phase_from(std::string_view text) {
  return value_of(phases, text);
}
std::optional<RecoveryStep> recovery_step_from(std::string_view text) {
  return value_of(recovery_steps, text);
}
std::optional<TaskPhase> task_phase_from(std::string_view text) {
  return value_of(task_phases, text);
}
std::optional<SwapPhase> swap_phase_from(std::string_view text) {
  return value_of(swap_phases, text);
}

bool may_move(SwapPhase from, SwapPhase to) {
  for (auto const& move : swap_moves)
    if (move == std::pair{from, to}) return true;
  return false;
}

}  // namespace failover::core
