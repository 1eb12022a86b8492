#include "test/sim/judge.hpp"

#include "core/quota_policy.hpp"

#include <algorithm>

/// Safety: what must never happen.
namespace failover::sim {

namespace effect = core::effect;
namespace event = core::event;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Judge::Judge(Scenario const& scenario, World& world, Tally& tally, Blame blame)
    : scenario_(scenario), world_(world), tally_(tally), blame_(std::move(blame)), config_(scenario.config) {}

void Judge::after_step(core::Config const& config, core::State const& state, core::Event const& event,
                       core::Effects const& effects, core::Now now) {
  config_ = config;
  ++tally_.steps;
  take_answer(event);
  take_orders(state, event);
  take_choice(state, event, now);
  check_swap(config, state, event, now);
  for (auto const& effect : effects) {
    check_orders(config, state, effect);
    check_request(config, state, effect);
  }
  check_probes(config, state);
  check_standings(state, event, now);
  check_bounds(state);
  check_tasks(state);
  if (state.holding && !holding_) ++tally_.holds;
  holding_ = state.holding;
  // What lasts for minutes need not be looked at after each of many steps.
  if (calm_ && now.mono - progress_checked_ >= std::chrono::milliseconds{200}) {
    check_progress(config, state, now);
    progress_checked_ = now.mono;
  }
  last_step_ = now.mono;
}

/// How long the daemon has been there since a person moved the link.
core::Duration Judge::there_since_by_hand(core::MonoTime now) const {
  return now - *world_.by_hand - away_within(*world_.by_hand, now);
}

void Judge::take_answer(core::Event const& event) {
  if (auto const* e = std::get_if<event::ScreensCaptured>(&event)) {
    looking_["screens"] = false;
    if (e->screens)
      for (auto const& screen : *e->screens)
        for (auto const& [name, agent] : world_.agents)
          if (world_.pane_ref(agent) == screen.pane) {
            if (!screen.as_before) shown_[name] = screen.text.substr(0, screen.text.find(';'));
            keys_[name] = screen.typed_at;
          }
  }
  // A row or a hook outranks the screen that was read before it.
  auto const now_at_wall = [&](core::ConversationId const& conversation) {
    for (auto const& [name, agent] : world_.agents)
      if (agent.conversation == conversation && agent.doing == Doing::wall) shown_[name] = "wall";
  };
  if (auto const* e = std::get_if<event::TranscriptGrew>(&event))
    for (auto const& row : e->rows)
      if (row.kind == core::RowKind::api_error) now_at_wall(row.conversation);
  if (auto const* e = std::get_if<event::HookCalled>(&event))
    if (e->call.name == "StopFailure") now_at_wall(e->call.conversation);
  if (auto const* e = std::get_if<event::PanesListed>(&event)) {
    looking_["panes"] = false;
    if (e->panes)
      for (auto const& pane : *e->panes) {
        if (pane.foreground == core::Foreground::shell) shells_.insert(pane.pane);
        if (pane.foreground == core::Foreground::program) shells_.erase(pane.pane);
        if (!pane.dead) continue;
        for (auto const& [name, agent] : world_.agents)
          if (world_.pane_ref(agent) == pane.pane && (shown_[name] == "working" || shown_[name] == "permission"))
            shown_[name] = "dead";
      }
  }
  if (std::holds_alternative<event::QueueScanned>(event)) looking_["queue"] = false;
  if (std::holds_alternative<event::AccountsRead>(event)) looking_["accounts"] = false;
  if (auto const* e = std::get_if<event::SessionStarted>(&event)) asked_.erase(e->session);
  if (auto const* e = std::get_if<event::AgentRestarted>(&event)) asked_.erase(e->session);
  if (auto const* e = std::get_if<event::SessionEnded>(&event)) asked_.erase(e->session);
  if (auto const* e = std::get_if<event::EscapePressed>(&event)) asked_.erase(e->session);
  if (auto const* e = std::get_if<event::PromptDelivered>(&event)) asked_.erase(e->session);
}

void Judge::ask_of_session(core::SessionName const& name, std::string const& what) {
  auto const key = keys_.find(name);
  bool const typed = key != keys_.end() && key->second;
  auto const still = typed ? world_.now().wall - *key->second : core::Duration::max();
  if (still < config_.sessions.human_grace && still > -config_.sessions.human_grace && what != "a start")
    blame_(what + " is asked of " + name.str() + " while a person types there");
  if (!asked_.insert(name).second)
    blame_(what + " is asked of " + name.str() + " before its last request was answered");
}

void Judge::check_keys(core::SessionName const& name, core::PaneRef const& pane) {
  if (shells_.contains(pane)) blame_("keys are sent to " + name.str() + ", whose terminal a shell has");
}

void Judge::check_request(core::Config const& config, core::State const& state, core::Effect const& effect) {
  auto const look = [&](std::string const& what) {
    if (std::exchange(looking_[what], true)) blame_("two looks at the " + what + " at a time");
  };
  if (std::holds_alternative<effect::CapturePanes>(effect)) look("screens");
  if (std::holds_alternative<effect::ListPanes>(effect)) look("panes");
  if (std::holds_alternative<effect::ScanQueue>(effect)) look("queue");
  if (std::holds_alternative<effect::ReadAccounts>(effect)) look("accounts");
  if (auto const* flip = std::get_if<effect::FlipLink>(&effect)) check_flip(config, state, *flip);
  if (auto const* claim = std::get_if<effect::ClaimTask>(&effect)) check_claim(state, claim->task);
  if (auto const* start = std::get_if<effect::StartSession>(&effect)) {
    ask_of_session(start->session, "a start");
    check_resumption(state, start->session, start->resumes);
  }
  if (auto const* e = std::get_if<effect::RestartAgent>(&effect)) {
    ask_of_session(e->session, "a restart");
    auto const& shown = shown_[e->session];
    auto const* const agent = world_.agent_of(e->session);
    bool const lives = agent != nullptr && agent->doing != Doing::dead;
    // A row has told of its wall, before any look showed it, and of what a person typed there at once nothing has yet.
    bool const met_just_now = lives && world_.now().mono - agent->met < seconds{2};
    if (lives && !met_just_now && (shown == "working" || shown == "permission"))
      blame_(e->session.str() + " is restarted although it was last seen " + shown);
    check_resumption(state, e->session, e->resumes);
    auto const& session = state.sessions.at(e->session);
    if (e->briefing && (!session.recovery || session.recovery->left != e->briefing->conversation))
      blame_(e->session.str() + " is started with a briefing outside a recovery");
    if (!state.sessions.at(e->session).ours) blame_("a session of the person's is restarted: " + e->session.str());
    shown_.erase(e->session);
  }
  if (auto const* e = std::get_if<effect::EndSession>(&effect)) {
    ask_of_session(e->session, "an end");
    auto const* const agent = world_.agent_of(e->session);
    // A turn that has begun since the last look, or while it was under way, is not known.
    auto const looked = state.sessions.at(e->session).read_at.mono - std::chrono::seconds{1};
    bool const works =
        agent != nullptr && agent->doing == Doing::working && (!agent->working_since || *agent->working_since < looked);
    if (agent != nullptr && (!agent->ours || works) && !world_.lied_to(e->session))
      blame_(e->session.str() + " is ended although it works, or is the person's");
  }
  if (auto const* e = std::get_if<effect::PressEscape>(&effect)) {
    ask_of_session(e->session, "an Escape");
    check_keys(e->session, e->pane);
    if (shown_[e->session] != "menu" && !cancels_)
      blame_("Escape for " + e->session.str() + ", which shows no menu of a limit");
  }
  if (auto const* e = std::get_if<effect::DeliverPrompt>(&effect)) {
    ask_of_session(e->session, "a prompt");
    check_keys(e->session, e->pane);
    ++tally_.prompts;
    auto const& shown = shown_[e->session];
    if (shown == "working" || shown == "permission" || shown == "menu")
      blame_("a prompt is typed to " + e->session.str() + ", last seen " + shown);
    bool const task = e->text != config.switching.continue_prompt;
    if (task && shown != "idle" && shown != "draft")
      blame_("a task is typed to " + e->session.str() + ", last seen " + shown);
    if (task) ++tally_.tasks_given;
  }
}

void Judge::check_resumption(core::State const& state, core::SessionName const& name,
                             std::optional<core::ConversationId> const& resumes) {
  if (resumes && std::find(state.refused.begin(), state.refused.end(), *resumes) != state.refused.end())
    blame_(name.str() + " is to resume conversation " + resumes->str() + " again, which was refused");
}

void Judge::before_deed(core::Effect const& effect, bool luck_does, core::Now now) {
  if (auto const* e = std::get_if<effect::RestartAgent>(&effect)) {
    auto const* const agent = world_.agent_of(e->session);
    ++tally_.restarts;
    if (e->briefing && luck_does) {
      ++tally_.fresh_starts;
      if (!fresh_.insert({e->session, e->briefing->conversation}).second)
        blame_(e->session.str() + " is started anew a second time for one lost conversation");
    }
    bool const works = agent != nullptr && agent->doing == Doing::working && world_.pane_ref(*agent) == e->pane;
    // A screen may have been a lie, and a turn may begin between a look and the deed.
    auto const grace = config_.quota.poll_interval + seconds{45};
    if (works && !world_.lied_to(e->session) && now.mono - *agent->working_since > grace)
      blame_(e->session.str() + " is restarted in the middle of a turn");
  }
  if (std::holds_alternative<effect::FlipLink>(effect)) {
    ++tally_.flips;
    if (plans_.contains(newest_)) take_effect(plans_.at(newest_), luck_does, now);
  }
}

void Judge::after_crash(core::State const& restored, core::Now now) {
  ++tally_.crashes;
  crashes_.push_back(now.mono);
  died_ = last_step_;
  away_.emplace_back(died_, now.mono);
  asked_.clear();
  shells_.clear();
  looking_.clear();
  shown_.clear();
  standing_.clear();
  for (auto const& [name, account] : restored.accounts) standing_[name] = account.kind;
  newest_ = restored.next_swap_id - 1;
  active_ = restored.active;
  braked_ = restored.brake.on;
  held_.clear();
  for (auto const& [name, session] : restored.sessions)
    if (session.held_by_operator) held_.insert(name);
}

void Judge::check_standings(core::State const& state, core::Event const& event, core::Now now) {
  using core::StandingKind;
  auto const* const switched = std::get_if<event::AccountSwitched>(&event);
  for (auto const& [name, account] : state.accounts) {
    auto& before = standing_.try_emplace(name, StandingKind::available).first->second;
    auto const was = std::exchange(before, account.kind);
    bool const by_operator = switched != nullptr && switched->account == name && switched->enabled;
    if (by_operator) enabled_[name] = now.mono;
    if (was == StandingKind::exhausted && account.kind == StandingKind::available && !by_operator && !account.unproven)
      blame_("account " + name.str() + " came back by its clock, and counts as proven");
    if (account.kind == was || account.kind == StandingKind::available) continue;
    auto const& purse = world_.purse_of(name);
    auto const deserves = [&](std::optional<core::MonoTime> const& met) {
      auto const marked_before = marked_.find({name, account.kind});
      return met && (marked_before == marked_.end() || *met > marked_before->second - minutes{5});
    };
    bool deserved = false;
    switch (account.kind) {
      case StandingKind::exhausted:
        ++tally_.marked;
        deserved = deserves(purse.last_wall) || world_.is_spent(name);
        break;
      case StandingKind::auth_broken:
        ++tally_.refused_logins;
        deserved = deserves(purse.last_refused_login) || purse.login_broken;
        break;
      case StandingKind::spend_blocked:
        ++tally_.spend_limits;
        deserved = deserves(purse.last_spend_limit) || purse.over_budget;
        break;
      case StandingKind::available:
        break;
    }
    marked_[{name, account.kind}] = now.mono;
    if (deserved) continue;
    if (world_.lied_to(account.reported_by) || quoted_without_transcript(state, account.reported_by))
      ++tally_.forged;
    else if (!scenario_.transcripts && enabled_.contains(name) && now.mono - enabled_.at(name) < minutes{15})
      ++tally_.mistaken;  // an older wall that was not looked at before
    else if (met_at_a_move(name, account.reported_by) ||
             (world_.by_hand && there_since_by_hand(now.mono) < config_.tmux.sweep + minutes{5}))
      ++tally_.mistaken;
    else
      blame_("account " + name.str() + " is marked " + std::string(to_string(account.kind)) + " by " +
             account.reported_by.str() + std::string(misattributed));
  }
}

/// Made by hand and not recognised by any prompt: no transcript is known that could deny what a tool of it prints.
bool Judge::quoted_without_transcript(core::State const& state, core::SessionName const& name) const {
  auto const session = state.sessions.find(name);
  auto const* const agent = world_.agent_of(name);
  return session != state.sessions.end() && !session->second.conversation && agent != nullptr && !agent->ours &&
         world_.quoted.contains(name);
}

void Judge::check_bounds(core::State const& state) {
  if (state.past_swaps.size() > core::max_past_swaps) blame_("too many past swaps");
  if (state.outbox.size() > core::max_outbox) blame_("the outbox is too long");
  if (state.unrecognised.size() > core::max_unrecognised) blame_("too many unrecognised wordings");
  if (state.live.conversations.size() > core::max_conversations) blame_("too many conversations");
  for (auto const& [name, session] : state.sessions) {
    if (session.observations.size() > core::max_observations) blame_("too many observations of " + name.str());
    if (std::ssize(session.starts) > config_.sessions.restart_limit + config_.switching.recovery_attempts + 20)
      blame_("too many starts remembered of " + name.str());
    if (session.phase == core::Phase::held && session.hold_reason.empty())
      blame_(name.str() + " is held for no reason");
    if (session.phase == core::Phase::recovering && !session.recovery)
      blame_(name.str() + " is recovering without a recovery");
  }
}

void Judge::check_tasks(core::State const& state) {
  std::set<core::SessionName> given;
  for (auto const& [id, task] : state.tasks) {
    if (task.phase != core::TaskPhase::delivering && task.phase != core::TaskPhase::running) continue;
    if (!given.insert(task.session).second) blame_("two tasks at a time in " + task.session.str());
    auto const session = state.sessions.find(task.session);
    if (session != state.sessions.end() && session->second.task != id)
      blame_("task " + id.str() + " runs in " + task.session.str() + ", which knows nothing of it");
  }
}

}  // namespace failover::sim
