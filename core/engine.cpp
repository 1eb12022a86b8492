#include "core/engine.hpp"

#include "core/agent_calls.hpp"
#include "core/completion.hpp"
#include "core/conversations.hpp"
#include "core/dispatch.hpp"
#include "core/fitting.hpp"
#include "core/janitor.hpp"
#include "core/looking.hpp"
#include "core/notices.hpp"
#include "core/observe.hpp"
#include "core/operator.hpp"
#include "core/queue_listing.hpp"
#include "core/quota_policy.hpp"
#include "core/reconcile.hpp"
#include "core/recovery.hpp"
#include "core/starting.hpp"
#include "core/surplus.hpp"
#include "core/swap.hpp"
#include "core/task_orders.hpp"
#include "core/terminals.hpp"

#include <algorithm>
#include <utility>

namespace failover::core {
namespace {

bool in_recovery(State const& state, SessionName const& name) {
  auto const session = state.sessions.find(name);
  return session != state.sessions.end() && session->second.recovery.has_value();
}

/// The answer of an effect of the session's lane; false when the session is not known any more.
bool answered(State& state, SessionName const& name) {
  auto const session = state.sessions.find(name);
  if (session == state.sessions.end()) return false;
  session->second.busy_with_effect = false;
  return true;
}

struct Apply {
  Step& step;

  void operator()(event::Tick const&) const {}
  void operator()(event::QueueTouched const&) const { step.state.live.queue_dirty = true; }
  void operator()(event::StopRequested const&) const { step.state.live.stopping = true; }
  void operator()(event::Reloaded const&) const {
    // Look at everything with the new eyes.
    step.state.live.listed_at.reset();
    step.state.live.accounts_asked.reset();
    step.state.live.queue_dirty = true;
    step.changed();
  }
  void operator()(event::SwapAsked const& e) const { on_swap_asked(step, e); }
  void operator()(event::AccountSwitched const& e) const { on_account_switched(step, e); }
  void operator()(event::BrakeSet const& e) const { on_brake_set(step, e); }
  void operator()(event::SessionSwitched const& e) const { on_session_switched(step, e); }
  void operator()(event::TaskAsked const& e) const { on_task_asked(step, e); }
  void operator()(event::AccountsRead const& e) const {
    bool const first = !step.state.live.accounts_known;
    on_accounts_read(step, e);
    if (!first) return;
    judge_conversations(step);
    step.state.live.captured_at.reset();
  }
  void operator()(event::PanesListed const& e) const { on_panes_listed(step, e); }
  void operator()(event::ScreensCaptured const& e) const { on_screens_captured(step, e); }
  void operator()(event::TerminalsTouched const& e) const { on_terminals_touched(step, e); }
  void operator()(event::TranscriptGrew const& e) const { on_transcript_grew(step, e); }
  void operator()(event::HookCalled const& e) const { on_hook_called(step, e); }
  void operator()(event::UsageTold const& e) const { on_usage_told(step, e); }
  void operator()(event::SessionStarted const& e) const { on_session_started(step, e); }
  void operator()(event::AgentRestarted const& e) const {
    if (!answered(step.state, e.session)) return;
    in_recovery(step.state, e.session) ? on_recovery_restarted(step, e) : on_agent_restarted(step, e);
  }
  void operator()(event::SessionEnded const& e) const {
    if (answered(step.state, e.session)) on_session_ended(step, e);
  }
  void operator()(event::EscapePressed const& e) const {
    if (answered(step.state, e.session)) on_escape_pressed(step, e);
  }
  void operator()(event::PromptDelivered const& e) const {
    if (!answered(step.state, e.session)) return;
    in_recovery(step.state, e.session) ? on_continue_delivered(step, e) : on_task_delivered(step, e);
  }
  void operator()(event::LinkFlipped const& e) const { on_link_flipped(step, e); }
  void operator()(event::QueueScanned const& e) const { on_queue_scanned(step, e); }
  void operator()(event::TaskClaimed const& e) const { on_task_claimed(step, e); }
  void operator()(event::TaskMoved const& e) const { on_task_moved(step, e); }
  void operator()(event::FinishedRemoved const& e) const { on_finished_removed(step, e); }
  void operator()(event::MessageSent const& e) const { on_message_sent(step, e); }
  void operator()(event::StateSaved const& e) const {
    auto& live = step.state.live;
    if (e.outcome) {
      if (!live.state_problem.empty()) step.log(LogLevel::info, "the state can be saved again");
      live.state_problem.clear();
      return;
    }
    ++step.state.counters.state_write_failures;
    if (live.state_problem.empty())
      step.log(LogLevel::error, "the state cannot be saved", {{"detail", e.outcome.error().detail}});
    live.state_problem = std::string(to_string(e.outcome.error().kind));
  }
};

/// News that may bring a session, a directory or a terminal that was not known before.
bool tells_of_places(State const& state, Event const& event) {
  return state.live.followed.empty() || std::holds_alternative<event::PanesListed>(event) ||
         std::holds_alternative<event::TerminalsTouched>(event) || std::holds_alternative<event::HookCalled>(event) ||
         std::holds_alternative<event::Reloaded>(event);
}

/// All that follows from what is known now, whatever brought the news.
void follow_up(Step& step, Event const& event) {
  if (step.state.live.stopping) return;
  release_accounts(step);
  consider_swap(step);
  hurry_recoveries(step);
  begin_recoveries(step);
  finish_swap(step);
  move_idle_sessions(step);
  hold_failed_starts(step);
  go_on_with_starts(step);
  end_surplus(step);
  watch_tasks(step);
  dispatch(step);
  clean_up(step);
  send_due(step);
  look_around(step);
  if (!tells_of_places(step.state, event)) return;
  watch_terminals(step);
  follow_transcripts(step);
}

}  // namespace

Engine::Engine(Config config, AgentReader read, EngineOptions options)
    : config_(std::move(config)), read_(std::move(read)), options_(options) {}

Effects Engine::step(State& state, Event const& event, Now now) const {
  Effects effects;
  Step step{config_, read_, options_.dry_run, now, state, effects};
  std::visit(Apply{step}, event);
  follow_up(step, event);
  return effects;
}

std::optional<MonoTime> Engine::next_deadline(State const& state, Now now) const {
  std::optional<MonoTime> next = look_deadline(config_, state);
  auto const consider = [&](std::optional<MonoTime> at) {
    if (at) next = next ? std::min(*next, *at) : *at;
  };
  if (state.live.stopping) return std::nullopt;
  consider(swap_deadline(config_, state, now));
  if (!state.past_swaps.empty()) {
    auto const cooled = state.past_swaps.back().decided.mono + config_.quota.reactivate_cooldown;
    if (cooled > now.mono) consider(cooled);
  }
  consider(outbox_deadline(state));
  consider(ready_deadline(state, now));
  for (auto const& [name, session] : state.sessions)
    if (session.recovery && !session.busy_with_effect) {
      auto const hurried = session.recovery->step_since.mono + config_.switching.recovery_deadline;
      if (hurried > now.mono) consider(hurried);  // one that has passed waits for a look
    }
  return next;
}

}  // namespace failover::core
