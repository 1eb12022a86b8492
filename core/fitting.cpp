#include "core/fitting.hpp"

#include "core/candidates.hpp"
#include "core/keyboard.hpp"
#include "core/retry.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace failover::core {
namespace {

/// So long a session whose box did not take a prompt is offered none: what stands there is not gone at once, and every
/// try moves the task's file twice.
constexpr Duration refused_pause = std::chrono::seconds{15};

bool goes_first(TaskFile const& one, TaskFile const& other) {
  if (one.request.priority != other.request.priority) return one.request.priority > other.request.priority;
  return one.changed_at != other.changed_at ? one.changed_at < other.changed_at : one.id < other.id;
}

std::string_view without_slash(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

/// What pending tasks wait for by themselves, whatever the sessions do.
class Readiness {
 public:
  Readiness(State const& state, Now now) : state_(state), now_(now) {
    bool const needed = std::any_of(state.live.queue.tasks.begin(), state.live.queue.tasks.end(), [](auto const& task) {
      return task.place == TaskPlace::pending && !task.request.after.empty();
    });
    if (!needed) return;
    for (auto const& task : state.live.queue.tasks) {
      auto const [entry, added] = places_.try_emplace(task.id, task.place);
      // The id of a task that failed is free again; what became of it last is what counts.
      if (!added && entry->second == TaskPlace::failed) entry->second = task.place;
    }
  }

  [[nodiscard]] std::string waits_for(TaskFile const& task) const {
    if (task.unfit) return "unfit";
    if (state_.live.refused_tasks.contains(task.id)) return "not_claimable";
    if (task.request.not_before.value_or(now_.wall) > now_.wall) return "not_before";
    for (auto const& id : task.request.after)
      if (auto word = waits_for(id); !word.empty()) return word;
    auto const back = state_.comebacks.find(task.id);
    bool const rests =
        back != state_.comebacks.end() && elapsed(back->second.at, now_) < retry_pause(back->second.count);
    return rests ? "retry" : "";
  }

 private:
  [[nodiscard]] std::string waits_for(TaskId const& id) const {
    auto const place = places_.find(id);
    if (place == places_.end()) return "after_unknown:" + id.str();
    switch (place->second) {
      case TaskPlace::done:
        return {};
      case TaskPlace::failed:
        return "after_failed:" + id.str();
      case TaskPlace::held:
        return "after_held:" + id.str();
      case TaskPlace::pending:
      case TaskPlace::claimed:
        break;
    }
    return "after:" + id.str();
  }

  State const& state_;
  Now now_;
  std::map<TaskId, TaskPlace> places_ = {};  ///< empty where no pending task comes after another
};

/// Pending, and nothing of it is on its way.
bool is_pending(State const& state, TaskFile const& task) {
  return task.place == TaskPlace::pending && !state.tasks.contains(task.id);
}

/// What is the same for all tasks of one look.
struct Candidate {
  SessionName name = {};
  SessionState const* session = nullptr;
  std::string_view not_free = {};
};

bool is_on(SessionState const& session, TaskRequest const& request) {
  return request.account.empty() || session.account == request.account;
}

/// Of several sessions the reason that passes soonest.
std::string_view sooner(std::string_view one, std::string_view other) {
  for (std::string_view const word : {"session_busy", "draft", "person_types", "session_not_ready"})
    if (one == word || other == word) return word;
  return one.empty() ? other : one;
}

std::string waits_for_session(Config const& config, std::vector<Candidate> const& sessions, TaskRequest const& request,
                              std::string_view gate) {
  bool any_fits = false;
  bool any_on_account = false;
  bool any_free = false;
  std::string_view reason;
  for (auto const& candidate : sessions) {
    if (!fits(config, candidate.name, *candidate.session, request)) continue;
    any_fits = true;
    if (!is_on(*candidate.session, request)) continue;
    any_on_account = true;
    any_free |= candidate.not_free.empty();
    reason = sooner(reason, candidate.not_free);
  }
  if (!any_fits) return "no_fitting_session";
  if (!gate.empty()) return std::string(gate);
  if (!any_on_account) return "account:" + request.account.str();
  return any_free ? std::string{} : std::string(reason);
}

}  // namespace

bool fits(Config const& config, SessionName const& name, SessionState const& session, TaskRequest const& request) {
  if (session.surplus || (request.session && *request.session != name)) return false;
  if (request.kind && *request.kind != session.kind) return false;
  if (!request.session && !request.kind && session.kind != SessionKind::pool) return false;
  if (!request.agent.empty() && request.agent != config.sessions.agent) return false;
  return request.workdir.empty() || without_slash(request.workdir) == without_slash(session.cwd);
}

bool is_at_rest(SessionState const& session) {
  if (session.phase != Phase::idle || session.busy_with_effect || !session.pane || !session.reading) return false;
  auto const shown = session.reading->seen.state;
  bool const free = shown == ScreenState::idle || shown == ScreenState::quota_warning ||
                    shown == ScreenState::server_error || shown == ScreenState::network_error ||
                    shown == ScreenState::rate_limited_transient;
  return free && session.reading->has_input_box;
}

std::string_view why_not_free(Config const& config, State const& state, SessionState const& session, Now now) {
  if (session.task || session.phase == Phase::working) return "session_busy";
  if (person_types(config, session, now)) return "person_types";
  auto const& refused = session.refused_prompt;
  if (refused && elapsed(refused->at, now) < refused_pause) return refused->draft ? "draft" : "session_not_ready";
  if (!usable(config, state, session.account)) return "account_unusable";
  return is_at_rest(session) ? "" : "session_not_ready";
}

std::vector<SessionName> free_sessions(Config const& config, State const& state, Now now) {
  std::vector<SessionName> free;
  for (auto const& [name, session] : state.sessions)
    if (why_not_free(config, state, session, now).empty()) free.push_back(name);
  return free;
}

std::vector<Match> matches(Config const& config, State const& state, std::vector<SessionName> free, Now now) {
  Readiness const readiness{state, now};
  std::vector<TaskFile const*> ready;
  std::set<SessionName> named;
  auto const takes = [&](SessionName const& name, TaskRequest const& request) {
    auto const& session = state.sessions.at(name);
    return fits(config, name, session, request) && is_on(session, request);
  };
  for (auto const& task : state.live.queue.tasks) {
    if (!is_pending(state, task)) continue;
    bool const any = std::any_of(free.begin(), free.end(), [&](auto const& name) { return takes(name, task.request); });
    if (!any || !readiness.waits_for(task).empty()) continue;
    ready.push_back(&task);
    if (task.request.session) named.insert(*task.request.session);
  }
  std::sort(ready.begin(), ready.end(), [](auto const* one, auto const* other) { return goes_first(*one, *other); });
  (void)std::stable_partition(free.begin(), free.end(), [&](auto const& name) { return !named.contains(name); });
  std::vector<Match> found;
  for (auto const* task : ready) {
    auto const session =
        std::find_if(free.begin(), free.end(), [&](auto const& name) { return takes(name, task->request); });
    if (session == free.end()) continue;
    found.push_back({*task, *session});
    free.erase(session);
    if (free.empty()) break;
  }
  return found;
}

std::optional<MonoTime> ready_deadline(State const& state, Now now) {
  std::optional<MonoTime> next;
  auto const consider = [&](MonoTime at) {
    if (at > now.mono) next = std::min(next.value_or(at), at);
  };
  for (auto const& task : state.live.queue.tasks) {
    if (task.place != TaskPlace::pending) continue;
    if (task.request.not_before) consider(now.mono + (*task.request.not_before - now.wall));
    if (state.comebacks.empty()) continue;
    if (auto const back = state.comebacks.find(task.id); back != state.comebacks.end())
      consider(back->second.at.mono + retry_pause(back->second.count));
  }
  return next;
}

std::vector<PendingTask> pending_tasks(Config const& config, State const& state, std::string_view gate, Now now,
                                       std::size_t in_order) {
  Readiness const readiness{state, now};
  std::vector<Candidate> sessions;
  for (auto const& [name, session] : state.sessions)
    sessions.push_back({name, &session, why_not_free(config, state, session, now)});
  std::vector<PendingTask> pending;
  for (auto const& task : state.live.queue.tasks) {
    if (!is_pending(state, task)) continue;
    auto word = readiness.waits_for(task);
    if (word.empty()) word = waits_for_session(config, sessions, task.request, gate);
    pending.push_back({&task, std::move(word)});
  }
  auto const sorted = static_cast<std::ptrdiff_t>(std::min(in_order, pending.size()));
  std::partial_sort(pending.begin(), pending.begin() + sorted, pending.end(),
                    [](auto const& one, auto const& other) { return goes_first(*one.file, *other.file); });
  return pending;
}

}  // namespace failover::core
