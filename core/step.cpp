#include "core/step.hpp"

namespace failover::core {

// splitmix64: one word of state, every value reachable, and the same on every platform.
std::uint64_t Step::random() {
  std::uint64_t mixed = (state.live.entropy += 0x9e3779b97f4a7c15U);
  mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
  return mixed ^ (mixed >> 31U);
}

void set_phase(Step& step, SessionName const& name, Phase phase, std::string_view reason) {
  auto& session = step.state.sessions.at(name);
  bool const held = session.held_by_operator && phase != Phase::held;  // stays so until he releases it
  // Late news of an agent that has left its shell behind; a listing finds the next one.
  bool const left = session.bare_shell && session.phase == Phase::dead && phase != Phase::held;
  if (session.phase == phase || held || left) return;
  Step::Fields fields{
      {"session", name.str()}, {"from", std::string(to_string(session.phase))}, {"to", std::string(to_string(phase))}};
  if (!reason.empty()) fields.emplace_back("reason", reason);
  step.log(LogLevel::info, "session changed", std::move(fields));
  session.phase = phase;
  session.since = step.now;
  if (phase != Phase::held) session.hold_reason.clear();
  step.changed();
}

void hold_session(Step& step, SessionName const& name, std::string reason) {
  auto& session = step.state.sessions.at(name);
  session.recovery.reset();
  set_phase(step, name, Phase::held, reason);
  session.hold_reason = std::move(reason);
}

std::string spoken(Duration duration) {
  auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  if (seconds < 120) return std::to_string(seconds) + " s";
  auto const minutes = (seconds + 30) / 60;
  if (minutes < 120) return std::to_string(minutes) + " min";
  return std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60) + " min";
}

}  // namespace failover::core
