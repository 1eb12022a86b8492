#include "core/dispatch.hpp"

#include "core/assignment.hpp"
#include "core/candidates.hpp"
#include "core/doubt.hpp"
#include "core/fitting.hpp"
#include "core/keyboard.hpp"
#include "core/quota_policy.hpp"
#include "core/task_end.hpp"
#include "core/ulid.hpp"

#include <algorithm>

namespace failover::core {
namespace {

void claim(Step& step, TaskFile const& file, SessionName const& session_name) {
  TaskState task;
  task.file = file;
  task.session = session_name;
  task.account = step.state.sessions.at(session_name).account;
  std::uint64_t const high = step.random();
  task.claim = ClaimId(make_ulid(step.now.wall, high, step.random()));
  task.claimed_at = step.now;
  if (!task.account.empty()) task.accounts.push_back(task.account);
  step.state.sessions.at(session_name).task = file.id;
  step.log(LogLevel::info, "task claimed",
           {{"task", file.id.str()}, {"title", file.title}, {"session", session_name.str()}});
  step.changed();  // its prompt is typed only when the claim is saved, see on_task_claimed()
  step.ask(effect::ClaimTask{file, task.claim});
  note_place(step.state, file.id, TaskPlace::claimed);
  step.state.tasks[file.id] = std::move(task);
}

/// Gives the session free and the task back to the queue: nothing was typed.
void take_back(Step& step, TaskId const& id, std::string const& reason) {
  step.log(LogLevel::info, "task taken back", {{"task", id.str()}, {"reason", reason}});
  end_task(step, id, TaskPlace::pending, reason);
}

/// After so many files that did not move the queue is taken for one in which nothing can be moved.
constexpr std::int64_t most_failed_claims = 8;

/// Whether the file is not any more what was seen. Else it lies where it lay, and would not move at once again either.
bool means_gone(Error const& error) {
  return error.kind == ErrorKind::not_found || error.kind == ErrorKind::already_exists;
}

/// So long new tasks wait for the running turns to end, so that an account that is nearly spent can be left.
constexpr Duration leave_patience = std::chrono::minutes{10};

/// Stopped at the account's own wall since it came back: it has tried, and others may be needed to call it spent.
bool has_tried(SessionState const& session, AccountName const& name, AccountState const& account) {
  return session.phase == Phase::blocked && session.account == name && !session.recovery &&
         session.since.mono > account.since.mono;
}

/// An account that came back by its clock alone is tried by one session first: a stopped one before a task.
bool is_tried(Config const& config, State const& state, AccountName const& name, Now now) {
  auto const account = state.accounts.find(name);
  if (account == state.accounts.end() || !account->second.unproven) return false;
  return std::any_of(state.sessions.begin(), state.sessions.end(), [&](auto const& entry) {
    auto const& session = entry.second;
    if (destination(config, state, entry.first) != name) return false;
    bool const held = session.phase == Phase::held;  // with a task in hand or not, it tries nothing
    if (held || has_tried(session, name, account->second)) return false;
    bool const at_its_wall = session.suspicion && !session.suspicion->refuted;  // as it seems
    return session.recovery || session.phase == Phase::blocked || seems_to_work(session, now) || session.task ||
           at_its_wall;
  });
}

}  // namespace

std::string_view dispatch_gate(Config const& config, State const& state, Now now, bool dry_run) {
  if (dry_run) return "dry_run";
  if (state.brake.on) return "brake";
  if (!state.live.tasks_reconciled) return "queue_unread";  // what was begun before our start comes first
  if (state.live.failed_claims >= most_failed_claims) return "queue_not_writable";
  if (!state.live.accounts_known || state.active.empty()) return "no_active_account";
  if (state.swap) return "swap_in_progress";
  if (state.holding) return "no_account_left";
  if (!usable(config, state, state.active)) return "active_account_unusable";
  if (state.live.leaving_since && elapsed(*state.live.leaving_since, now) < leave_patience) return "leaving_account";
  if (is_tried(config, state, state.active, now)) return "account_unproven";
  if (!state.past_swaps.empty() && elapsed(state.past_swaps.back().decided, now) < config.quota.reactivate_cooldown)
    return "cooldown";
  return "";
}

std::string task_prompt(std::string const& queue, std::string const& path, TaskId const& task, ClaimId const& claim) {
  std::string const signal = queue + "/signals/" + task.str() + "." + claim.str();
  return "Read the file " + path + " and carry out the task in it. When all of it is finished, create the empty file " +
         signal + ".done - or " + signal + ".failed with the reason in it if it cannot be done.";
}

void dispatch(Step& step) {
  if (!dispatch_gate(step.config, step.state, step.now, step.dry_run).empty()) return;
  auto free = free_sessions(step.config, step.state, step.now);
  if (free.empty()) return;
  for (auto const& match : matches(step.config, step.state, std::move(free), step.now)) {
    claim(step, match.file, match.session);
    if (is_tried(step.config, step.state, step.state.active, step.now)) return;
  }
}

void on_task_claimed(Step& step, event::TaskClaimed const& claimed) {
  auto const found = step.state.tasks.find(claimed.task);
  if (found == step.state.tasks.end()) return;
  auto& task = found->second;
  if (!claimed.path) {
    step.log(LogLevel::warning, "task not claimed",
             {{"task", claimed.task.str()}, {"detail", claimed.path.error().detail}});
    forget_task(step, claimed.task);
    if (means_gone(claimed.path.error())) {
      step.state.live.queue_dirty = true;
      return;
    }
    note_place(step.state, claimed.task, TaskPlace::pending);
    step.state.live.refused_tasks.insert(claimed.task);  // tried after the next scan, which is not hurried
    ++step.state.live.failed_claims;
    return;
  }
  task.path = *claimed.path;
  task.file.place = TaskPlace::claimed;
  task.file.claim = task.claim;
  task.file.file_name = task.path.substr(task.path.rfind('/') + 1);
  auto& session = step.state.sessions.at(task.session);
  if (!step.may_act()) return take_back(step, claimed.task, "the brake is on");
  if (session.task != claimed.task || !is_at_rest(session))
    return take_back(step, claimed.task, "its session is not idle any more");
  if (person_types(step.config, session, step.now))
    return take_back(step, claimed.task, "a person is at the session's keyboard");
  task.phase = TaskPhase::delivering;
  session.busy_with_effect = true;
  step.save_first();
  step.ask(effect::DeliverPrompt{task.session, *session.pane,
                                 task_prompt(step.config.dispatcher.queue, task.path, claimed.task, task.claim)});
}

void note_given(Step& step, TaskId const& id, Moment given_at) {
  auto& task = step.state.tasks.at(id);
  auto& session = step.state.sessions.at(task.session);
  task.phase = TaskPhase::running;
  task.given_at = given_at;
  task.doubt.clear();
  use_account_of_turn(step, session, task.claimed_at);
  session.conversed = true;
  session.refused_prompt.reset();
  ++step.state.attempts[id];
  step.log(LogLevel::info, "task given", {{"task", id.str()}, {"session", task.session.str()}});
  step.changed();
}

void on_task_delivered(Step& step, event::PromptDelivered const& delivered) {
  auto& session = step.state.sessions.at(delivered.session);
  session.reading.reset();
  if (!session.task) return;
  TaskId const id = *session.task;
  auto const& task = step.state.tasks.at(id);
  if (task.phase != TaskPhase::delivering || !task.doubt.empty()) return;
  if (!delivered.outcome) return begin_doubt(step, id, "delivery failed: " + delivered.outcome.error().detail);
  switch (*delivered.outcome) {
    case Delivery::submitted:
      set_phase(step, delivered.session, Phase::working, "task given");
      return note_given(step, id, step.now);
    case Delivery::not_ready:
      session.refused_prompt = RefusedPrompt{step.now, false};
      return take_back(step, id, "the session's input box was not ready");
    case Delivery::draft_present:
      session.refused_prompt = RefusedPrompt{step.now, true};
      return take_back(step, id, "a draft stands in the session's input box");
    case Delivery::unknown:
      return begin_doubt(step, id, "its prompt was typed, and not seen to be taken");
  }
}

}  // namespace failover::core
