#include "test/sim/world.hpp"

#include "core/answers.hpp"

#include <algorithm>

namespace failover::sim {

namespace effect = core::effect;
namespace event = core::event;
using core::Error;
using core::ErrorKind;
using core::TaskPlace;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

Error unlucky(Luck luck) {
  if (luck == Luck::refused) return {ErrorKind::io, "the disk says no"};
  return {ErrorKind::timed_out, "no answer in time"};
}

bool does(Luck luck) {
  return luck == Luck::good || luck == Luck::failed_but_done;
}

}  // namespace

World::World(Scenario const& scenario, Chance& chance, Tell tell, Blame blame)
    : scenario_(scenario), chance_(chance), tell_(std::move(tell)), blame_(std::move(blame)) {
  for (auto const& configured : scenario.config.accounts) {
    accounts.push_back({configured.name, configured.config_dir, configured.config_dir, purses_.size()});
    Purse purse;
    purse.left = purse.size = chance_.between(1, scenario.quota);
    purses_.push_back(purse);
  }
  if (scenario.same_login) {
    accounts.back().real_path = accounts[accounts.size() - 2].real_path;
    accounts.back().purse = accounts[accounts.size() - 2].purse;
  }
  link = accounts.front().directory;
}

core::WallTime World::true_wall(core::MonoTime at) const {
  constexpr core::WallTime epoch{hours{24 * 365 * 56}};
  return epoch + at.time_since_epoch();
}

void World::pass_to(core::MonoTime mono) {
  mono_ = std::max(mono_, mono);
}

Account* World::account(core::AccountName const& name) {
  auto const found = std::find_if(accounts.begin(), accounts.end(), [&](auto const& a) { return a.name == name; });
  return found == accounts.end() ? nullptr : &*found;
}

Purse const& World::purse_of(core::AccountName const& name) const {
  auto const found = std::find_if(accounts.begin(), accounts.end(), [&](auto const& a) { return a.name == name; });
  return purses_[found->purse];
}

bool World::share_quota(core::AccountName const& one, core::AccountName const& other) const {
  auto const knows = [&](core::AccountName const& name) {
    return std::any_of(accounts.begin(), accounts.end(), [&](auto const& a) { return a.name == name; });
  };
  return knows(one) && knows(other) && &purse_of(one) == &purse_of(other);
}

bool World::is_spent(core::AccountName const& name) const {
  auto const& purse = purse_of(name);
  return purse.left <= 0 && (!purse.resets || *purse.resets > mono_);
}

Agent* World::agent_of(core::SessionName const& name) {
  auto const found = agents.find(name);
  return found == agents.end() ? nullptr : &found->second;
}

core::AccountName World::linked() const {
  for (auto const& account : accounts)
    if (account.directory == link) return account.name;
  return {};
}

core::AccountName World::payer_of(Agent const& agent) const {
  for (auto const& account : accounts)
    if (account.directory == agent.config_dir) return account.name;
  return agent.keeps_login ? agent.login : linked();
}

bool World::refuses(core::AccountName const& name) const {
  auto const& purse = purse_of(name);
  return purse.login_broken || purse.over_budget || is_spent(name);
}

bool World::lied_to(core::SessionName const& name) const {
  auto const stale = last_lie_.find(name);
  bool const was_stale = stale != last_lie_.end() && mono_ - stale->second < minutes{5};
  return was_stale || (!scenario_.transcripts && quoted.contains(name));
}

core::PaneRef World::pane_ref(Agent const& agent) const {
  return {server_, 1000 + server_, core::PaneId("%" + std::to_string(agent.pane))};
}

void World::end_tmux() {
  for (auto const& [name, agent] : agents) close(agent);
  agents.clear();
  tmux_runs_ = false;
  ++server_;
  next_pane_ = 1;
}

std::vector<core::AccountName> World::cure_accounts() {
  std::vector<core::AccountName> cured;
  for (auto const& account : accounts)
    if (purses_[account.purse].over_budget || purses_[account.purse].login_broken) cured.push_back(account.name);
  for (auto& purse : purses_) purse.over_budget = purse.login_broken = false;
  return cured;
}

void World::pardon(core::SessionName const& name) {
  auto* const agent = agent_of(name);
  if (agent == nullptr) return;
  agent->continued = 0;
  histories[agent->conversation].continued = 0;
}

void World::flip_by_hand() {
  if (scenario_.config.switching.mode == core::SwitchMode::per_session) return;
  link = chance_.one_of(accounts).directory;
  by_hand = mono_;
  link_since = now().wall;
}

void World::ask_for_something(core::TaskRequest& request) {
  if (chance_.one_in(6)) request.session = core::SessionName("s1");
  if (chance_.one_in(10)) request.kind = chance_.one_in(2) ? core::SessionKind::dedicated : core::SessionKind::adopted;
  if (chance_.one_in(10)) request.workdir = chance_.one_in(2) ? "/work" : "/own";
  if (chance_.one_in(10)) request.account = chance_.one_of(accounts).name;
  if (chance_.one_in(6)) request.not_before = now().wall + chance_.between(minutes{0}, minutes{60});
  for (auto count = chance_.one_in(4) ? chance_.between(1, 2) : 0; count > 0; --count)
    request.after.push_back(core::TaskId("task" + std::to_string(chance_.between(1, next_task_))));
}

void World::write_task() {
  auto const number = next_task_++;
  QueuedTask task;
  task.file.id = core::TaskId("task" + std::to_string(number));
  task.file.title = task.file.id.str() + ".md";
  task.file.file_name = task.file.title;
  task.file.changed_at = now().wall;
  task.file.request.priority = chance_.below(3);
  ask_for_something(task.file.request);
  tasks[task.file.id] = task;
  tell_(milliseconds{60}, event::QueueTouched{});
}

/// Effects by kind.
struct World::Perform {
  World& world;
  Luck luck;
  using Answer = std::optional<core::Event>;

  Answer operator()(effect::ReadAccounts const&) const { return world.read_accounts(luck); }
  Answer operator()(effect::ListPanes const& e) const { return world.list_panes(e, luck); }
  Answer operator()(effect::CapturePanes const& e) const { return world.capture(e, luck); }
  Answer operator()(effect::StartSession const& e) const { return world.start_session(e, luck); }
  Answer operator()(effect::RestartAgent const& e) const { return world.restart_agent(e, luck); }
  Answer operator()(effect::EndSession const& e) const { return world.end_session(e, luck); }
  Answer operator()(effect::PressEscape const& e) const { return world.press_escape(e, luck); }
  Answer operator()(effect::DeliverPrompt const& e) const { return world.deliver(e, luck); }
  Answer operator()(effect::FlipLink const& e) const { return world.flip(e, luck); }
  Answer operator()(effect::ScanQueue const&) const { return world.scan(luck); }
  Answer operator()(effect::ClaimTask const& e) const { return world.claim(e, luck); }
  Answer operator()(effect::MoveTask const& e) const { return world.move(e, luck); }
  Answer operator()(effect::RemoveFinished const& e) const { return event::FinishedRemoved{e.tasks.size()}; }
  Answer operator()(effect::SendMessage const& e) const {
    if (luck == Luck::good) return event::MessageSent{e.message.id, {}};
    return event::MessageSent{e.message.id, core::SendFailure{unlucky(luck), {}, false}};
  }
  Answer operator()(effect::SaveState const&) const {
    if (luck == Luck::good) return event::StateSaved{};
    return event::StateSaved{unlucky(luck)};
  }
  Answer operator()(effect::FollowTranscripts const&) const {
    world.follow();
    return std::nullopt;
  }
  Answer operator()(effect::WatchTerminals const& e) const {
    world.watch(e);
    return std::nullopt;
  }
  Answer operator()(effect::Log const&) const { return std::nullopt; }
};

std::optional<core::Event> World::perform(core::Effect const& effect, Luck luck) {
  return std::visit(Perform{*this, luck}, effect);
}

/// The transcripts' tails as they stand.
void World::follow() {
  std::vector<core::TranscriptRow> rows;
  for (auto const& [id, history] : histories) rows.insert(rows.end(), history.rows.begin(), history.rows.end());
  tell_(milliseconds{80}, event::TranscriptGrew{std::move(rows), true});
}

core::Event World::read_accounts(Luck luck) {
  if (!unheard_rows_.empty()) tell_(milliseconds{30}, event::TranscriptGrew{std::exchange(unheard_rows_, {})});
  if (luck != Luck::good) return event::AccountsRead{{unlucky(luck), {}, {}}};
  core::AccountsListing listing;
  listing.link_target = link;
  listing.link_since = link_since;
  for (auto const& account : accounts) listing.directories.push_back({account.name, true, true, account.real_path});
  return event::AccountsRead{std::move(listing)};
}

core::Event World::list_panes(effect::ListPanes const& request, Luck luck) {
  std::vector<core::ProcessRef> running;
  for (auto const& process : request.processes)
    if (runs(process)) running.push_back(process);
  if (luck != Luck::good || mute_until_ > mono_)
    return event::PanesListed{unlucky(Luck::failed_and_not_done), std::move(running)};
  if (!tmux_runs_) return event::PanesListed{Error{ErrorKind::unavailable, "no server"}, std::move(running)};
  std::vector<core::PaneInfo> panes;
  for (auto const& [name, agent] : agents) {
    core::PaneInfo info;
    info.pane = pane_ref(agent);
    info.session = name;
    info.pid = agent.process;
    info.started = agent.process;
    info.tty = "/dev/pts/" + std::to_string(agent.pane);
    info.cwd = agent.cwd;
    info.dead = agent.doing == Doing::dead;
    if (!agent.ours && !chance_.one_in(8))
      info.foreground = agent.doing == Doing::shell ? core::Foreground::shell : core::Foreground::program;
    if (agent.ours) info.owner_mark = "claude-failover";
    panes.push_back(std::move(info));
  }
  return event::PanesListed{std::move(panes), std::move(running)};
}

core::Event World::capture(effect::CapturePanes const& request, Luck luck) {
  arm(request);
  if (luck != Luck::good || mute_until_ > mono_ || !tmux_runs_)
    return event::ScreensCaptured{unlucky(Luck::failed_and_not_done)};
  std::vector<core::Screen> screens;
  for (auto& [name, agent] : agents) {
    auto const ref = pane_ref(agent);
    if (std::find(request.panes.begin(), request.panes.end(), ref) == request.panes.end()) continue;
    if (!calm_ && chance_.percent(scenario_.faults.capture_missing)) continue;
    bool const stale = !calm_ && !agent.screen_before.empty() && mono_ - agent.drawn < minutes{2} &&
                       chance_.percent(scenario_.faults.capture_stale);
    if (stale) last_lie_[name] = mono_;
    if (stale || draws_on(agent)) agent.written = now().wall;  // what it has to draw comes after the look
    auto const since = request.if_written.find(ref);
    bool const as_before = since != request.if_written.end() && agent.doing != Doing::dead &&
                           agent.written < std::chrono::floor<seconds>(since->second);
    std::optional<core::WallTime> typed;
    if (agent.typed) typed = now().wall - (mono_ - *agent.typed);
    auto const tail = request.tails.find(ref);
    bool const whole = tail == request.tails.end();
    auto const& shown = stale ? agent.screen_before : agent.screen;
    auto const text = as_before ? "" : whole ? shown : tail_of(shown);
    bool const unchanged = !draws_on(agent) && captured_.contains(ref) && captured_.at(ref) == text;
    if (!as_before) captured_.insert_or_assign(ref, text);
    screens.push_back({ref, text, typed, unchanged || as_before, whole ? 1 : tail->second, as_before});
  }
  return event::ScreensCaptured{std::move(screens)};
}

core::Event World::start_session(effect::StartSession const& request, Luck luck) {
  if (mute_until_ > mono_) luck = Luck::failed_and_not_done;
  if (agents.contains(request.session))
    return event::SessionStarted{request.session, Error{ErrorKind::already_exists, "duplicate session"}};
  if (does(luck)) {
    tmux_runs_ = true;
    Agent& agent = agents[request.session];
    agent.session = request.session;
    agent.pane = next_pane_++;
    agent.cwd = request.workdir;
    begin(agent, request.argv, request.environment);
    if (luck == Luck::good) return event::SessionStarted{request.session, pane_ref(agent)};
  }
  return event::SessionStarted{request.session, unlucky(luck)};
}

core::Event World::restart_agent(effect::RestartAgent const& request, Luck luck) {
  auto* const agent = agent_of(request.session);
  if (agent == nullptr || pane_ref(*agent) != request.pane)
    return event::AgentRestarted{request.session, Error{ErrorKind::not_found, "the pane is gone"}};
  if (mute_until_ > mono_) luck = Luck::failed_and_not_done;
  if (does(luck)) begin(*agent, request.argv, request.environment);
  if (luck == Luck::good) return event::AgentRestarted{request.session, {}};
  return event::AgentRestarted{request.session, unlucky(luck)};
}

core::Event World::end_session(effect::EndSession const& request, Luck luck) {
  auto* const agent = agent_of(request.session);
  if (agent == nullptr || pane_ref(*agent) != request.pane)
    return event::SessionEnded{request.session, Error{ErrorKind::not_found, "the pane is gone"}};
  if (mute_until_ > mono_) luck = Luck::failed_and_not_done;
  if (does(luck)) {
    close(*agent);
    agents.erase(request.session);
  }
  if (luck == Luck::good) return event::SessionEnded{request.session, {}};
  return event::SessionEnded{request.session, unlucky(luck)};
}

core::Event World::press_escape(effect::PressEscape const& request, Luck luck) {
  auto* const agent = agent_of(request.session);
  if (agent == nullptr || pane_ref(*agent) != request.pane)
    return event::EscapePressed{request.session, Error{ErrorKind::not_found, "the pane is gone"}};
  if (mute_until_ > mono_) luck = Luck::failed_and_not_done;
  if (does(luck)) {
    agent->menu = false;
    draw(*agent);
  }
  if (luck == Luck::good) return event::EscapePressed{request.session, {}};
  return event::EscapePressed{request.session, unlucky(luck)};
}

// As the adapter promises: an error means that nothing was typed, a box that is not ready is not typed into.
core::Event World::deliver(effect::DeliverPrompt const& request, Luck luck) {
  auto* const agent = agent_of(request.session);
  if (agent == nullptr || pane_ref(*agent) != request.pane)
    return event::PromptDelivered{request.session, Error{ErrorKind::not_found, "the pane is gone"}};
  if (agent->doing == Doing::shell)
    return event::PromptDelivered{request.session, Error{ErrorKind::refused, "a bare shell has the terminal"}};
  if (luck == Luck::refused || mute_until_ > mono_)
    return event::PromptDelivered{request.session, unlucky(Luck::failed_and_not_done)};
  bool const ready = (agent->doing == Doing::idle || agent->doing == Doing::wall) && !agent->menu;
  if (!ready) return event::PromptDelivered{request.session, core::Delivery::not_ready};
  if (agent->draft) return event::PromptDelivered{request.session, core::Delivery::draft_present};
  if (does(luck)) submit(*agent, request.text);
  return event::PromptDelivered{request.session,
                                luck == Luck::good ? core::Delivery::submitted : core::Delivery::unknown};
}

core::Event World::flip(effect::FlipLink const& request, Luck luck) {
  auto const* const to = account(request.to);
  if (to == nullptr || to->directory != request.target) blame_("the link is led to what is no account of that name");
  if (does(luck)) {
    link = request.target;
    link_since = now().wall;
  }
  if (luck == Luck::good) return event::LinkFlipped{request.to, {}};
  return event::LinkFlipped{request.to, unlucky(luck)};
}

core::Event World::scan(Luck luck) {
  if (luck != Luck::good) return event::QueueScanned{unlucky(luck)};
  core::QueueListing listing;
  for (auto const& [id, task] : tasks) {
    listing.tasks.push_back(task.file);
    listing.signals.insert(listing.signals.end(), task.signals.begin(), task.signals.end());
  }
  return event::QueueScanned{std::move(listing)};
}

core::Event World::claim(effect::ClaimTask const& request, Luck luck) {
  auto& file = tasks.at(request.task.id).file;
  bool const there = file.place == TaskPlace::pending && file.file_name == request.task.file_name;
  if (!there) return event::TaskClaimed{file.id, Error{ErrorKind::not_found, "not in pending/"}};
  if (does(luck)) {
    file.place = TaskPlace::claimed;
    file.claim = request.claim;
    file.file_name = file.title + "." + file.id.str() + "." + request.claim.str();
  }
  if (luck == Luck::good) return event::TaskClaimed{file.id, "/queue/claimed/" + file.file_name};
  return event::TaskClaimed{file.id, unlucky(luck)};
}

core::Event World::move(effect::MoveTask const& request, Luck luck) {
  auto& task = tasks.at(request.task.id);
  auto& file = task.file;
  auto const to = request.result.place;
  bool const there = file.place == to || file.place == request.task.place || file.place == TaskPlace::claimed;
  if (!there) return event::TaskMoved{file.id, to, Error{ErrorKind::not_found, "in no place where it should be"}};
  if (does(luck)) {
    file.place = to;
    file.claim.reset();
    file.file_name = file.title + "." + file.id.str() + ".moved";
    task.signals.clear();
  }
  if (luck == Luck::good) return event::TaskMoved{file.id, to, {}};
  return event::TaskMoved{file.id, to, unlucky(luck)};
}

}  // namespace failover::sim
