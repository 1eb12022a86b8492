#include "core/dispatch.hpp"

#include "core/assignment.hpp"
#include "core/candidates.hpp"
#include "core/keyboard.hpp"
#include "core/notices.hpp"
#include "core/quota_policy.hpp"
#include "core/ulid.hpp"

#include <algorithm>

namespace failover::core {
namespace {

bool can_take(Config const& config, State const& state, SessionState const& session, Now now) {
  if (person_types(config, session, now)) return false;
  return usable(config, state, session.account) && session.phase == Phase::idle && !session.task &&
         !session.busy_with_effect && !session.surplus && session.pane && session.reading &&
         session.reading->has_input_box && session.reading->seen.state == ScreenState::idle;
}

/// An own session by name, else any of the pool.
SessionName find_session(Config const& config, State const& state, TaskFile const& task, Now now) {
  for (auto const& [name, session] : state.sessions) {
    bool const fits = task.request.session ? name == *task.request.session : session.kind == SessionKind::pool;
    if (fits && can_take(config, state, session, now)) return name;
  }
  return {};
}

/// Keeps the listing true until the next scan.
void note_place(State& state, TaskId const& id, TaskPlace place) {
  for (auto& file : state.live.queue.tasks)
    if (file.id == id) file.place = place;
}

void claim(Step& step, TaskFile const& file, SessionName const& session_name) {
  TaskState task;
  task.file = file;
  task.session = session_name;
  task.account = step.state.sessions.at(session_name).account;
  std::uint64_t const high = step.random();
  task.claim = ClaimId(make_ulid(step.now.wall, high, step.random()));
  task.claimed_at = step.now;
  step.state.sessions.at(session_name).task = file.id;
  step.log(LogLevel::info, "task claimed",
           {{"task", file.id.str()}, {"title", file.title}, {"session", session_name.str()}});
  step.save_first();
  step.ask(effect::ClaimTask{file, task.claim});
  note_place(step.state, file.id, TaskPlace::claimed);
  step.state.tasks[file.id] = std::move(task);
}

/// Gives the session free and the task back to the queue: nothing was typed.
void take_back(Step& step, TaskId const& id, std::string const& reason) {
  step.log(LogLevel::info, "task taken back", {{"task", id.str()}, {"reason", reason}});
  end_task(step, id, TaskPlace::pending, reason);
}

void forget(Step& step, TaskId const& id) {
  auto const task = step.state.tasks.find(id);
  if (task == step.state.tasks.end()) return;
  auto const session = step.state.sessions.find(task->second.session);
  if (session != step.state.sessions.end() && session->second.task == id) session->second.task.reset();
  step.state.tasks.erase(task);
  step.changed();
}

/// A file that can never run, or whose claim nobody remembers, is put where a person finds it.
void put_aside(Step& step, TaskFile const& file, TaskPlace place, std::string const& reason) {
  if (!step.may_act() || !step.state.live.refused_tasks.insert(file.id).second) return;
  TaskResult result;
  result.id = file.id;
  result.place = place;
  result.reason = reason;
  result.ended_at = step.now.wall;
  step.log(
      LogLevel::warning, "task put aside",
      {{"task", file.id.str()}, {"title", file.title}, {"place", std::string(to_string(place))}, {"reason", reason}});
  step.ask(effect::MoveTask{file, std::move(result)});
}

/// Compares what we remember of a task with where its file lies: after a crash between two steps they differ.
void reconcile_task(Step& step, TaskState const& task, QueueListing const& listing) {
  auto const file =
      std::find_if(listing.tasks.begin(), listing.tasks.end(), [&](auto const& f) { return f.id == task.file.id; });
  TaskId const id = task.file.id;
  if (task.phase == TaskPhase::ending) return;
  if (file == listing.tasks.end()) {
    step.log(LogLevel::warning, "a task's file is gone", {{"task", id.str()}});
    return forget(step, id);
  }
  if (file->place == TaskPlace::pending) return forget(step, id);  // the claim never happened
  if (file->place != TaskPlace::claimed) return forget(step, id);  // somebody ended it by hand
}

/// Moves that failed; where the file lies now the mover finds out.
void move_again(Step& step) {
  for (auto const& [id, task] : step.state.tasks) {
    if (task.phase != TaskPhase::ending || !task.ending || !step.state.live.refused_tasks.contains(id)) continue;
    step.save_first();
    step.ask(effect::MoveTask{task.file, *task.ending});
  }
}

void go_on_after_restart(Step& step, QueueListing const& listing) {
  std::vector<TaskId> ids;
  for (auto const& [id, task] : step.state.tasks) ids.push_back(id);
  for (auto const& id : ids) {
    auto& task = step.state.tasks.at(id);
    auto const file =
        std::find_if(listing.tasks.begin(), listing.tasks.end(), [&](auto const& f) { return f.id == id; });
    if (file != listing.tasks.end()) task.file = *file;
    switch (task.phase) {
      case TaskPhase::claiming:
        if (file != listing.tasks.end() && file->place == TaskPlace::claimed)
          take_back(step, id, "restart before delivery");
        else
          forget(step, id);
        break;
      case TaskPhase::delivering:
        end_task(step, id, TaskPlace::held, "the daemon ended while the prompt was being typed");
        break;
      case TaskPhase::running:
        break;
      case TaskPhase::ending:
        if (task.ending) step.ask(effect::MoveTask{task.file, *task.ending});
        break;
    }
  }
}

/// So long new tasks wait for the running turns to end, so that an account that is nearly spent can be left.
constexpr Duration leave_patience = std::chrono::minutes{10};

/// An account that came back by its clock alone is tried by one session first: a stopped one before a task.
bool is_tried(Config const& config, State const& state, AccountName const& name, Now now) {
  auto const account = state.accounts.find(name);
  if (account == state.accounts.end() || !account->second.unproven) return false;
  return std::any_of(state.sessions.begin(), state.sessions.end(), [&](auto const& entry) {
    auto const& session = entry.second;
    if (destination(config, state, entry.first) != name) return false;
    if (session.phase == Phase::held) return false;  // with a task in hand or not, it tries nothing
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

std::vector<TaskFile> ready_tasks(State const& state, WallTime now) {
  std::vector<TaskFile> ready;
  for (auto const& task : state.live.queue.tasks)
    if (task.place == TaskPlace::pending && !task.unfit && !state.tasks.contains(task.id) &&
        task.request.not_before.value_or(now) <= now)
      ready.push_back(task);
  std::sort(ready.begin(), ready.end(), [](auto const& a, auto const& b) {
    if (a.request.priority != b.request.priority) return a.request.priority > b.request.priority;
    return a.changed_at != b.changed_at ? a.changed_at < b.changed_at : a.id < b.id;
  });
  return ready;
}

std::string task_prompt(std::string const& queue, std::string const& path, TaskId const& task, ClaimId const& claim) {
  std::string const signal = queue + "/signals/" + task.str() + "." + claim.str();
  return "Read the file " + path + " and carry out the task in it. When all of it is finished, create the empty file " +
         signal + ".done - or " + signal + ".failed with the reason in it if it cannot be done.";
}

void dispatch(Step& step) {
  if (!dispatch_gate(step.config, step.state, step.now, step.dry_run).empty()) return;
  for (auto const& file : ready_tasks(step.state, step.now.wall)) {
    SessionName const session = find_session(step.config, step.state, file, step.now);
    if (session.empty()) continue;
    claim(step, file, session);
    if (is_tried(step.config, step.state, step.state.active, step.now)) return;
  }
}

void on_queue_scanned(Step& step, event::QueueScanned const& scanned) {
  auto& live = step.state.live;
  bool const first = !live.tasks_reconciled;
  live.scanning_queue = false;
  live.scanned_at = step.now;
  if (!scanned.listing) {
    if (live.queue_problem.empty())
      step.log(LogLevel::error, "cannot read the queue", {{"detail", scanned.listing.error().detail}});
    live.queue_problem = std::string(to_string(scanned.listing.error().kind));
    return;
  }
  live.queue_problem.clear();
  live.queue = *scanned.listing;
  if (!step.may_act()) return;  // what is left undone waits with the rest
  live.tasks_reconciled = true;
  if (!first) move_again(step);
  live.refused_tasks.clear();
  if (first) go_on_after_restart(step, live.queue);
  std::vector<TaskState> remembered;
  for (auto const& [id, task] : step.state.tasks)
    if (task.phase == TaskPhase::running) remembered.push_back(task);
  for (auto const& task : remembered) reconcile_task(step, task, live.queue);
  for (auto const& file : live.queue.tasks) {
    if (step.state.tasks.contains(file.id)) continue;
    if (file.place == TaskPlace::pending && file.unfit) put_aside(step, file, TaskPlace::failed, file.unfit->detail);
    if (file.place == TaskPlace::claimed) put_aside(step, file, TaskPlace::held, "claimed by nobody we know of");
  }
}

void on_task_claimed(Step& step, event::TaskClaimed const& claimed) {
  auto const found = step.state.tasks.find(claimed.task);
  if (found == step.state.tasks.end()) return;
  auto& task = found->second;
  if (!claimed.path) {
    step.log(LogLevel::warning, "task not claimed",
             {{"task", claimed.task.str()}, {"detail", claimed.path.error().detail}});
    step.state.live.queue_dirty = true;
    return forget(step, claimed.task);
  }
  task.path = *claimed.path;
  task.file.place = TaskPlace::claimed;
  task.file.claim = task.claim;
  task.file.file_name = task.path.substr(task.path.rfind('/') + 1);
  auto& session = step.state.sessions.at(task.session);
  if (!step.may_act()) return take_back(step, claimed.task, "the brake is on");
  if (!can_take(step.config, step.state, session, step.now) &&
      !(session.task == claimed.task && session.phase == Phase::idle && session.pane && !session.busy_with_effect &&
        session.reading && session.reading->seen.state == ScreenState::idle))
    return take_back(step, claimed.task, "its session is not idle any more");
  if (person_types(step.config, session, step.now))
    return take_back(step, claimed.task, "a person is at the session's keyboard");
  task.phase = TaskPhase::delivering;
  session.busy_with_effect = true;
  step.save_first();
  step.ask(effect::DeliverPrompt{task.session, *session.pane,
                                 task_prompt(step.config.dispatcher.queue, task.path, claimed.task, task.claim)});
}

void on_task_delivered(Step& step, event::PromptDelivered const& delivered) {
  auto& session = step.state.sessions.at(delivered.session);
  session.reading.reset();
  if (!session.task) return;
  TaskId const id = *session.task;
  auto& task = step.state.tasks.at(id);
  if (task.phase != TaskPhase::delivering) return;
  if (!delivered.outcome)
    return end_task(step, id, TaskPlace::held, "delivery failed: " + delivered.outcome.error().detail);
  switch (*delivered.outcome) {
    case Delivery::submitted:
      task.phase = TaskPhase::running;
      task.given_at = step.now;
      use_account_of_turn(step, session, task.claimed_at);
      session.conversed = true;
      ++step.state.attempts[id];
      set_phase(step, delivered.session, Phase::working, "task given");
      step.log(LogLevel::info, "task given", {{"task", id.str()}, {"session", delivered.session.str()}});
      return step.changed();
    case Delivery::not_ready:
      return take_back(step, id, "the session's input box was not ready");
    case Delivery::draft_present:
      return take_back(step, id, "a draft stands in the session's input box");
    case Delivery::unknown:
      return end_task(step, id, TaskPlace::held, "the prompt may or may not have arrived");
  }
}

void on_task_moved(Step& step, event::TaskMoved const& moved) {
  auto const found = step.state.tasks.find(moved.task);
  if (!moved.outcome) {
    step.log(LogLevel::error, "task not moved",
             {{"task", moved.task.str()},
              {"place", std::string(to_string(moved.place))},
              {"detail", moved.outcome.error().detail}});
    step.state.live.refused_tasks.insert(moved.task);  // retried after the next scan, which is not hurried
    return;
  }
  step.state.live.queue_dirty = true;
  // Back in pending/ the file has another name: only a scan knows it.
  if (moved.place != TaskPlace::pending) note_place(step.state, moved.task, moved.place);
  if (found == step.state.tasks.end()) return;
  if (moved.place != TaskPlace::pending) step.state.attempts.erase(moved.task);
  forget(step, moved.task);
}

void end_task(Step& step, TaskId const& id, TaskPlace place, std::string reason) {
  auto& task = step.state.tasks.at(id);
  auto const session = step.state.sessions.find(task.session);
  TaskResult result;
  result.id = id;
  result.place = place;
  result.reason = std::move(reason);
  result.session = task.session;
  result.account = session != step.state.sessions.end() ? session->second.account : task.account;
  result.attempts = step.state.attempts.contains(id) ? step.state.attempts.at(id) : 0;
  result.claimed_at = task.claimed_at.wall;
  result.ended_at = step.now.wall;
  if (session != step.state.sessions.end()) {
    result.conversation = session->second.conversation;
    if (session->second.reading) result.last_message = session->second.reading->seen.evidence.text;
    if (session->second.task == id) session->second.task.reset();
  }
  if (place != TaskPlace::pending) ++step.state.counters.tasks[std::string(to_string(place))];
  step.log(place == TaskPlace::done || place == TaskPlace::pending ? LogLevel::info : LogLevel::warning, "task ended",
           {{"task", id.str()},
            {"title", task.file.title},
            {"place", std::string(to_string(place))},
            {"reason", result.reason},
            {"session", task.session.str()}});
  if (place == TaskPlace::failed || place == TaskPlace::held)
    tell(step, "Task " + task.file.title + " is " + std::string(to_string(place)), result.reason);
  task.phase = TaskPhase::ending;
  task.ending = result;
  if (!step.may_act() && place != TaskPlace::pending) {
    step.state.live.refused_tasks.insert(id);  // its file is moved when something may be changed again
    return step.changed();
  }
  step.save_first();
  step.ask(effect::MoveTask{task.file, std::move(result)});
}

void hold_task_of(Step& step, SessionName const& name, std::string reason) {
  auto const session = step.state.sessions.find(name);
  if (session == step.state.sessions.end() || !session->second.task) return;
  TaskId const id = *session->second.task;
  if (!step.state.tasks.contains(id)) return session->second.task.reset();
  auto const phase = step.state.tasks.at(id).phase;
  if (phase == TaskPhase::delivering || phase == TaskPhase::running)
    end_task(step, id, TaskPlace::held, std::move(reason));
}

}  // namespace failover::core
