#include "core/candidates.hpp"
#include "test/sim/judge.hpp"

#include <algorithm>

/// The queue: what is given out, and that nothing waits without a reason.
namespace failover::sim {

using std::chrono::minutes;

namespace {

/// By what the author wrote; not by core::fits(), which is on trial. There is one agent here.
bool is_asked_for(core::SessionName const& name, core::SessionState const& session, core::TaskRequest const& request) {
  if (request.session && *request.session != name) return false;
  auto const kind = request.kind ? *request.kind : core::SessionKind::pool;
  bool const any_kind = request.session && !request.kind;
  if (!any_kind && session.kind != kind) return false;
  return request.workdir.empty() || request.workdir == session.cwd;
}

}  // namespace

/// By what its author wrote, and where the others really lie.
bool Judge::is_due(core::TaskFile const& file, core::Now now) const {
  auto const& request = file.request;
  if (request.not_before.value_or(now.wall) > now.wall) return false;
  return std::all_of(request.after.begin(), request.after.end(), [&](auto const& id) {
    auto const other = world_.tasks.find(id);
    return other != world_.tasks.end() && other->second.file.place == core::TaskPlace::done;
  });
}

/// Its file is moved a little after the operator's word, or cannot be moved.
bool Judge::comes_after_one_said_done(core::TaskFile const& file) const {
  auto const& after = file.request.after;
  return std::any_of(after.begin(), after.end(), [&](auto const& id) { return said_done_.contains(id); });
}

void Judge::check_claim(core::State const& state, core::TaskFile const& file) {
  auto const& name = state.tasks.at(file.id).session;
  auto const& session = state.sessions.at(name);
  auto const& request = file.request;
  if (!is_due(file, world_.now()) && !comes_after_one_said_done(file))
    blame_("task " + file.id.str() + " is claimed before it is due");
  if (!is_asked_for(name, session, request))
    blame_("task " + file.id.str() + " is given to " + name.str() + ", which is not what it asks for");
  if (!request.account.empty() && session.account != request.account)
    blame_("task " + file.id.str() + " is given to " + name.str() + " on " + session.account.str() + ", not " +
           request.account.str());
}

void Judge::check_queue_progress(core::Config const& config, core::State const& state, core::Now now) {
  bool const by_link = config.switching.mode == core::SwitchMode::link;
  bool const may_give = core::usable(config, state, state.active) && !state.holding && !state.swap &&
                        (!by_link || state.active == world_.linked());
  auto const free = [&](core::TaskFile const& file) {
    return std::any_of(state.sessions.begin(), state.sessions.end(), [&](auto const& entry) {
      auto const& [name, session] = entry;
      if (!is_asked_for(name, session, file.request) || !core::usable(config, state, session.account)) return false;
      if (!file.request.account.empty() && session.account != file.request.account) return false;
      auto const agent = world_.agents.find(name);
      return agent != world_.agents.end() && agent->second.doing == Doing::idle && !agent->second.draft;
    });
  };
  for (auto const& [id, task] : world_.tasks) {
    auto const& file = task.file;
    lasts("task " + id.str() + " waits beside an idle session",
          file.place == core::TaskPlace::pending && may_give && is_due(file, now) && free(file),
          config.quota.reactivate_cooldown + minutes{25} + (state.comebacks.contains(id) ? minutes{15} : minutes{0}),
          now);
    auto const known = state.tasks.find(id);
    bool const ending = known == state.tasks.end() || known->second.phase == core::TaskPhase::ending;
    lasts("task " + id.str() + " lies in claimed/ and nobody has it", file.place == core::TaskPlace::claimed && ending,
          minutes{15}, now);
    if (known == state.tasks.end()) {
      since_.erase("task " + id.str() + " is on its way somewhere");
      continue;
    }
    bool const settled = known->second.phase == core::TaskPhase::running;
    lasts("task " + id.str() + " is on its way somewhere", !settled, minutes{15}, now);
    auto const agent = world_.agents.find(known->second.session);
    bool const at_rest = agent == world_.agents.end() || (agent->second.doing == Doing::idle && !agent->second.draft);
    lasts("task " + id.str() + " counts as running and its session rests", settled && at_rest,
          config.watcher.quiet + minutes{20}, now);
  }
}

}  // namespace failover::sim
