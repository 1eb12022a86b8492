#pragma once

#include "core/state.hpp"

#include <cstdint>
#include <random>
#include <string>

namespace failover::test {

/// States with every saved field filled, from a seed: equal seeds give equal states.
///
/// Moments are of the kind that a reader restores: they lie before `now` on both clocks.
class AnyState {
 public:
  AnyState(std::uint64_t seed, core::Now now) : engine_(seed), now_(now) {}

  [[nodiscard]] core::State state();

 private:
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  std::int64_t number() { return static_cast<std::int64_t>(engine_()); }
  bool flag() { return below(2) == 1; }
  template <class Enum>
  Enum one_of(Enum last) {
    return static_cast<Enum>(below(static_cast<std::uint64_t>(last) + 1));
  }
  core::Duration duration() { return core::Duration{static_cast<std::int64_t>(below(1'000'000'000))}; }
  core::WallTime wall() { return now_.wall - duration() + core::Duration{500'000'000}; }
  core::Moment moment() { return core::restored(now_.wall - duration(), now_); }
  std::string text();
  template <class Name>
  Name name() {
    return Name{text()};
  }
  core::TaskFile task_file();
  core::TaskResult task_result();
  core::Observation observation();
  core::SessionState session();
  core::TaskState task();
  core::Swap swap();
  core::OutboxEntry outbox_entry();
  std::map<std::string, std::int64_t> counts();

  std::mt19937_64 engine_;
  core::Now now_;
};

inline std::string AnyState::text() {
  // Words, letters beyond ASCII, what JSON escapes, and file names that are no UTF-8.
  static char const* const pieces[] = {"pool-1", "a",  "/home/u", "é",    "€",     "\"",
                                       "\\",     "\n", "\x01",    "\xFF", "\xC3(", "%7"};
  std::string text = std::to_string(engine_());  // so that keys of a map differ
  for (auto count = below(4); count > 0; --count) text += pieces[below(std::size(pieces))];
  return text;
}

inline core::TaskFile AnyState::task_file() {
  core::TaskFile file;
  file.id = name<core::TaskId>();
  file.place = one_of(core::TaskPlace::held);
  file.file_name = text();
  file.title = text();
  if (flag()) file.claim = name<core::ClaimId>();
  file.changed_at = wall();
  if (flag()) file.request.session = name<core::SessionName>();
  file.request.priority = number();
  if (flag()) file.request.timeout = duration();
  if (flag()) file.request.retries = number();
  if (flag()) file.request.not_before = wall();
  if (flag()) file.request.kind = one_of(core::SessionKind::adopted);
  file.request.workdir = text();
  file.request.agent = text();
  file.request.account = name<core::AccountName>();
  for (auto count = below(3); count > 0; --count) file.request.after.push_back(name<core::TaskId>());
  if (flag()) file.unfit = core::Error{one_of(core::ErrorKind::unsupported), text()};
  return file;
}

inline core::TaskResult AnyState::task_result() {
  core::TaskResult result;
  result.id = name<core::TaskId>();
  result.place = one_of(core::TaskPlace::held);
  result.reason = text();
  result.session = name<core::SessionName>();
  result.account = name<core::AccountName>();
  if (flag()) result.conversation = name<core::ConversationId>();
  result.attempts = number();
  if (flag()) result.claimed_at = wall();
  result.ended_at = wall();
  result.last_message = text();
  for (auto count = below(3); count > 0; --count) result.accounts.push_back(name<core::AccountName>());
  result.swaps = number();
  if (flag()) result.given_at = wall();
  if (flag()) result.tokens = core::TokenUse{number(), number(), number(), number()};
  return result;
}

inline core::Observation AnyState::observation() {
  core::Observation seen;
  seen.source = one_of(core::Source::transcript);
  seen.account = name<core::AccountName>();
  seen.state = one_of(core::ScreenState::unknown);
  seen.scope = one_of(core::Scope::spend);
  seen.window = one_of(core::Window::unknown);
  if (flag()) seen.resets_at = wall();
  seen.at = wall();
  seen.first_seen = moment();
  seen.fingerprint = text();
  seen.rule = text();
  seen.text = text();
  seen.ruling = one_of(core::Ruling::not_the_account);
  seen.why = text();
  return seen;
}

inline core::SessionState AnyState::session() {
  core::SessionState session;
  session.kind = one_of(core::SessionKind::adopted);
  session.phase = one_of(core::Phase::dead);
  session.since = moment();
  if (flag()) session.pane = core::PaneRef{number(), number(), name<core::PaneId>()};
  session.cwd = text();
  session.account = name<core::AccountName>();
  session.begins_on = name<core::AccountName>();
  session.ours = flag();
  if (flag()) session.conversation = name<core::ConversationId>();
  session.conversed = flag();
  if (flag()) session.task = name<core::TaskId>();
  if (flag())
    session.recovery = core::Recovery{one_of(core::RecoveryStep::restarting),
                                      number(),
                                      flag(),
                                      moment(),
                                      moment(),
                                      text(),
                                      flag(),
                                      number(),
                                      name<core::ConversationId>()};
  session.blocked_until = wall();
  session.void_turn = engine_();
  session.hold_reason = text();
  for (auto count = below(4); count > 0; --count) session.starts.push_back(moment());
  session.account_since = moment();
  session.agent_version = text();
  session.held_by_operator = flag();
  if (flag()) session.resuming = name<core::ConversationId>();
  for (auto count = below(4); count > 0; --count) session.observations.push_back(observation());
  return session;
}

inline core::TaskState AnyState::task() {
  core::TaskState task;
  task.file = task_file();
  task.phase = one_of(core::TaskPhase::ending);
  task.session = name<core::SessionName>();
  task.account = name<core::AccountName>();
  task.claim = name<core::ClaimId>();
  task.path = text();
  task.claimed_at = moment();
  task.given_at = moment();
  task.timed_out = flag();
  if (flag()) task.ending = task_result();
  task.doubt = text();
  task.doubt_since = moment();
  if (flag()) task.stop = core::TurnStop{moment(), number(), text()};
  if (flag()) task.stands_since = moment();
  task.stood = duration();
  for (auto count = below(3); count > 0; --count) task.accounts.push_back(name<core::AccountName>());
  task.tokens = {number(), number(), number(), number()};
  task.counted = text();
  task.counted_at = wall();
  return task;
}

inline core::Swap AnyState::swap() {
  core::Swap swap;
  swap.id = number();
  swap.phase = one_of(core::SwapPhase::aborted);
  swap.from = name<core::AccountName>();
  swap.to = name<core::AccountName>();
  swap.trigger_session = name<core::SessionName>();
  swap.rule = text();
  swap.snippet = text();
  if (flag()) swap.resets_at = wall();
  swap.decided = moment();
  if (flag()) swap.ended = moment();
  for (auto count = below(3); count > 0; --count) swap.sessions.push_back(name<core::SessionName>());
  for (auto count = below(3); count > 0; --count) swap.unrecovered.push_back(name<core::SessionName>());
  swap.abort_reason = text();
  swap.cause = one_of(core::SwapCause::operator_asked);
  for (auto count = below(3); count > 0; --count)
    swap.considered.push_back({name<core::AccountName>(), one_of(core::Fitness::headroom_unknown), 37.5});
  return swap;
}

inline core::OutboxEntry AnyState::outbox_entry() {
  core::OutboxEntry entry;
  entry.message = {text(), one_of(core::Channel::command), text(), text()};
  entry.created = moment();
  entry.attempts = number();
  entry.next_try = moment();
  return entry;
}

inline std::map<std::string, std::int64_t> AnyState::counts() {
  std::map<std::string, std::int64_t> counts;
  for (auto count = below(4); count > 0; --count) counts[text()] = number();
  return counts;
}

inline core::State AnyState::state() {
  core::State state;
  for (auto count = below(3); count > 0; --count) {
    auto& account = state.accounts[name<core::AccountName>()];
    account = {one_of(core::StandingKind::spend_blocked),
               one_of(core::Window::unknown),
               wall(),
               flag(),
               moment(),
               text(),
               name<core::SessionName>(),
               number(),
               {}};
    account.disabled = flag();
    account.unproven = flag();
    account.model_limited_until = wall();
    account.identity = text();
    account.login_written = wall();
    account.login_seen = wall();
    account.login_warned = flag();
    account.login_deaths = number();
    if (flag()) account.use = core::AccountUse{core::WindowUse{37.5, wall()}, {}, moment(), name<core::SessionName>()};
  }
  state.active_since = moment();
  for (auto count = below(3); count > 0; --count) state.unrecognised.push_back(text());
  for (auto count = below(3); count > 0; --count) state.refused.push_back(name<core::ConversationId>());
  state.active = name<core::AccountName>();
  for (auto count = below(4); count > 0; --count) state.sessions[name<core::SessionName>()] = session();
  for (auto count = below(3); count > 0; --count) state.tasks[name<core::TaskId>()] = task();
  for (auto count = below(3); count > 0; --count) state.attempts[name<core::TaskId>()] = number();
  for (auto count = below(3); count > 0; --count)
    state.comebacks[name<core::TaskId>()] = core::Comeback{number(), number(), moment()};
  if (flag()) state.swap = swap();
  for (auto count = below(3); count > 0; --count) state.past_swaps.push_back(swap());
  state.next_swap_id = number();
  state.holding = flag();
  for (auto count = below(3); count > 0; --count) state.outbox.push_back(outbox_entry());
  state.next_message_id = number();
  state.counters = {counts(), counts(), counts(), counts(), counts(), counts(), counts(), number(), number()};
  state.version = engine_();
  state.brake = {flag(), moment(), text()};
  if (flag()) state.choice = core::OperatorChoice{name<core::AccountName>(), moment()};
  if (flag()) state.frozen_since = moment();
  return state;
}

}  // namespace failover::test
