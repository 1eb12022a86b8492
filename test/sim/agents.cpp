#include "test/sim/world.hpp"

#include <algorithm>

/// What agents and people do by themselves.
namespace failover::sim {

using core::Duration;
using core::RowKind;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr core::MonoTime never = core::MonoTime::max();

/// The task and the claim that a dispatcher's prompt names.
std::optional<std::pair<core::TaskId, core::ClaimId>> task_in(std::string const& prompt) {
  constexpr std::string_view mark = "/signals/";
  auto const at = prompt.find(mark);
  if (at == std::string::npos) return std::nullopt;
  auto const begin = at + mark.size();
  auto const dot = prompt.find('.', begin);
  auto const end = prompt.find('.', dot + 1);
  return std::pair{core::TaskId(prompt.substr(begin, dot - begin)),
                   core::ClaimId(prompt.substr(dot + 1, end - dot - 1))};
}

}  // namespace

core::MonoTime World::next_happening() const {
  core::MonoTime next = never;
  for (auto const& [name, agent] : agents) next = std::min(next, agent.next);
  return next;
}

void World::happen() {
  refill();
  for (auto& [name, agent] : agents) {
    if (agent.next > mono_) continue;
    switch (agent.doing) {
      case Doing::starting:
        if (agent.refuses) {
          refuse(agent);
          break;
        }
        if (!agent.first_prompt.empty()) {
          submit(agent, std::exchange(agent.first_prompt, {}));
          break;
        }
        if (auto const& wall = histories[agent.conversation].wall)
          rest(agent, Doing::wall, wall->scope == core::Scope::model ? Duration(minutes{30}) : Duration{});
        else
          rest(agent, Doing::idle, {});
        break;
      case Doing::working:
        request(agent);
        break;
      case Doing::permission:  // the person has answered
        agent.doing = Doing::working;
        agent.working_since = mono_;
        agent.next = mono_ + chance_.between(seconds{1}, seconds{20});
        draw(agent);
        break;
      case Doing::idle:
      case Doing::wall:
        if (agent.draft) {
          agent.draft = false;
          agent.next = never;
        } else if (agent.wall.scope == core::Scope::model) {  // the person has chosen another model
          submit(agent, "go on with the other model");
        }
        agent.next = agent.doing == Doing::working ? agent.next : never;
        draw(agent);
        break;
      case Doing::dead:
        agent.next = never;
        break;
      case Doing::shell:  // the person runs it again
        begin(agent, {}, {});
        break;
    }
  }
}

void World::refill() {
  for (auto& purse : purses_)
    if (purse.resets && *purse.resets <= mono_) {
      purse.resets.reset();
      purse.left = chance_.between(1, scenario_.quota);
      if (calm_) purse.left += 20;
      purse.size = purse.left;
    }
}

void World::draw(Agent& agent) {
  auto const& history = histories[agent.conversation];
  Drawing drawing;
  if (!agent.quote.empty() && agent.doing == Doing::working) {
    quoted.insert(agent.session);
  }
  switch (agent.doing) {
    case Doing::starting:
      break;
    case Doing::dead:
      if (agent.refuses) drawing.kind = "refused";
      break;
    case Doing::idle:
      drawing.kind = agent.draft ? "draft" : "idle";
      break;
    case Doing::working:
      drawing.kind = "working";
      break;
    case Doing::permission:
      drawing.kind = "permission";
      break;
    case Doing::wall:
      drawing = agent.wall;
      if (agent.menu) drawing.kind = "menu";
      break;
    case Doing::shell:  // below what the agent has left, its prompt looks like a box
      drawing = agent.wall;
      if (drawing.kind == "blank") drawing.kind = "idle";
      break;
  }
  if (drawing.turn.empty()) drawing.turn = agent.conversation.str() + "." + std::to_string(history.turn);
  drawing.prompt = history.prompt;
  drawing.version = agent.version();
  auto text = agent.quote.empty() || agent.doing != Doing::working ? written(drawing) : agent.quote;
  if (text == agent.screen) return;
  agent.screen_before = std::exchange(agent.screen, std::move(text));
  agent.drawn = mono_;
  agent.written = now().wall;
  touch(agent);
}

void World::rest(Agent& agent, Doing doing, Duration most) {
  agent.doing = doing;
  agent.working_since.reset();
  agent.quote.clear();
  agent.next = most > Duration{} ? mono_ + chance_.between(Duration{seconds{1}}, most) : never;
  if (doing == Doing::wall) {
    auto const& history = histories[agent.conversation];
    agent.wall = *history.wall;
    agent.wall_number = history.wall_number;
    agent.continued = history.continued;
  }
  draw(agent);
}

void World::begin(Agent& agent, std::vector<std::string> const& argv,
                  std::vector<std::pair<std::string, std::string>> const& environment) {
  close(agent);  // of the one that ran there before
  agent.config_dir = scenario_.config.switching.link;
  for (auto const& [variable, value] : environment)
    if (variable == "CLAUDE_CONFIG_DIR") agent.config_dir = value;
  agent.process = next_process_++;
  agent.doing = Doing::starting;
  agent.working_since.reset();
  agent.next = mono_ + chance_.between(seconds{1}, seconds{8});
  agent.keeps_login = scenario_.old_agents && agent.session.str().back() % 2 == 0;
  agent.login = linked();
  agent.menu = agent.draft = agent.refuses = false;
  agent.first_prompt.clear();
  agent.task.reset();
  agent.conversation = core::ConversationId("made by hand " + std::to_string(next_conversation_++));
  for (std::size_t i = 0; i + 1 < argv.size(); ++i)
    if (argv[i] == "--resume" || argv[i] == "--session-id") {
      agent.conversation = core::ConversationId(argv[i + 1]);
      if (i + 2 < argv.size()) agent.first_prompt = argv[i + 2];
      agent.refuses = argv[i] == "--resume" && is_lost(agent.conversation);
      if (argv[i] == "--session-id" && !begun_.insert(agent.conversation).second)
        blame_("conversation " + agent.conversation.str() + " is begun a second time");
    }
  draw(agent);
  if (agent.refuses) return;
  auto call = call_of(agent, "SessionStart");
  call.detail = "startup";
  tell_hook(std::move(call));
}

/// The same at each asking, and nothing drawn for it.
bool World::is_lost(core::ConversationId const& conversation) const {
  std::uint64_t sum = 0xcbf29ce484222325U;
  for (char const c : conversation.str()) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return static_cast<std::int64_t>((sum >> 20U) % 100) < scenario_.lost_conversations;
}

void World::refuse(Agent& agent) {
  constexpr std::int64_t most = 4;  // stale screens and our own ends may hide one
  if (++refusals[agent.conversation] > most)
    blame_("conversation " + agent.conversation.str() + " is resumed again and again, and refused each time");
  agent.doing = Doing::dead;
  agent.working_since.reset();
  agent.first_prompt.clear();
  agent.next = never;
  draw(agent);
  close(agent);
}

void World::submit(Agent& agent, std::string const& prompt) {
  auto& history = histories[agent.conversation];
  if (prompt == scenario_.config.switching.continue_prompt && history.wall_number != 0) {
    if (history.continued == history.wall_number && !lied_to(agent.session))
      blame_("the continue prompt was submitted twice for one wall to " + agent.session.str());
    history.continued = history.wall_number;
  }
  if (auto const task = task_in(prompt)) {
    agent.task = task;
    agent.last_task = task->first;
    auto& queued = tasks.at(task->first);
    if (queued.runs > queued.failures + queued.orders)
      blame_("task " + task->first.str() + " was given a second time, and its first run had not failed");
    ++queued.runs;
    auto const attempts = 1 + scenario_.config.dispatcher.retries;
    if (queued.runs > attempts * (1 + queued.orders) + queued.walls)
      blame_("task " + task->first.str() + " was given more often than its retries allow");
  }
  ++history.turn;
  history.prompt = prompt.substr(0, 100);  // with the claim of a task's
  if (prompt != scenario_.config.switching.continue_prompt) history.prompt += " " + std::to_string(history.turn);
  history.wall.reset();
  agent.wall = {};
  agent.menu = false;
  agent.doing = Doing::working;
  agent.working_since = mono_;
  agent.requests = chance_.between(1, 8);
  agent.next = mono_ + chance_.between(milliseconds{200}, milliseconds{5000});
  draw(agent);
  write_row(agent, RowKind::prompt, history.prompt);
}

void World::request(Agent& agent) {
  auto* const paid_by = account(payer_of(agent));
  auto& purse = purses_[paid_by->purse];
  if (!calm_ && chance_.percent(scenario_.broken_logins)) purse.login_broken = true;
  if (!calm_ && chance_.percent(scenario_.spend_limits)) purse.over_budget = true;
  if (purse.login_broken) return meet_broken_login(agent, purse);
  if (purse.over_budget) return meet_spend_limit(agent, purse);
  if (purse.left <= 0) return meet_wall(agent, *paid_by);
  if (!calm_ && chance_.percent(scenario_.model_limits)) return meet_model_limit(agent);
  if (!purse.resets) purse.resets = mono_ + scenario_.window;
  --purse.left;
  purse.last_answer = mono_;
  tell_usage(agent, purse);
  if (--agent.requests <= 0) return finish(agent);
  write_row(agent, chance_.one_in(2) ? RowKind::reply : RowKind::tool_result, {});
  agent.quote.clear();
  if (chance_.percent(scenario_.permissions)) {
    rest(agent, Doing::permission, minutes{10});
    return;
  }
  agent.next = mono_ + chance_.between(seconds{2}, seconds{90});
  if (!calm_ && chance_.percent(scenario_.faults.quotes)) {
    auto const& history = histories[agent.conversation];
    Drawing forged{"wall",
                   "quote " + agent.conversation.str() + "." + std::to_string(history.turn),
                   true_wall(mono_) + minutes{chance_.between(5, 200)},
                   core::Window::five_hour,
                   core::Scope::account,
                   agent.version(),
                   history.prompt};
    agent.quote = written(forged);
    if (!agent.last_task.empty()) ++tasks.at(agent.last_task).walls;  // if it is believed
  }
  draw(agent);
}

/// The turn ends at what the agent draws and writes.
void World::end_turn(Agent& agent, Drawing wall, std::string const& error, Duration most) {
  auto& history = histories[agent.conversation];
  history.wall_number = next_wall_++;
  agent.met = mono_;
  wall.turn = agent.conversation.str() + "." + std::to_string(history.turn);
  history.wall = wall;
  if (!agent.last_task.empty()) ++tasks.at(agent.last_task).walls;
  write_row(agent, RowKind::api_error, written(wall), error);
  auto call = call_of(agent, "StopFailure");
  call.error = error;
  call.message = written(wall);
  call.prompt_id = wall.turn;
  tell_hook(std::move(call));
  rest(agent, Doing::wall, most);
}

void World::meet_wall(Agent& agent, Account& spent) {
  auto& purse = purses_[spent.purse];
  purse.last_wall = mono_;
  ++purse.walls;
  if (!purse.resets) purse.resets = mono_ + scenario_.window;
  Drawing wall;
  wall.kind = "wall";
  wall.window = core::Window::five_hour;
  wall.scope = core::Scope::account;
  // Agents tell the reset to the minute.
  if (!chance_.percent(scenario_.bare_walls)) wall.resets_at = std::chrono::floor<minutes>(true_wall(*purse.resets));
  agent.menu = chance_.percent(scenario_.menus);
  end_turn(agent, wall, "rate_limit", {});
}

void World::meet_model_limit(Agent& agent) {
  Drawing wall;
  wall.kind = "wall";
  wall.window = core::Window::weekly;
  wall.scope = core::Scope::model;
  wall.resets_at = true_wall(mono_) + std::chrono::hours{20};
  end_turn(agent, wall, "rate_limit", minutes{30});
}

void World::meet_spend_limit(Agent& agent, Purse& purse) {
  purse.last_spend_limit = mono_;
  Drawing wall;
  wall.kind = "wall";
  wall.window = core::Window::monthly;
  wall.scope = core::Scope::spend;
  end_turn(agent, wall, "rate_limit", {});
}

void World::meet_broken_login(Agent& agent, Purse& purse) {
  purse.last_refused_login = mono_;
  Drawing wall;
  wall.kind = "login";
  end_turn(agent, wall, "authentication_failed", {});
}

void World::finish(Agent& agent) {
  write_row(agent, RowKind::reply, {});
  if (auto const task = std::exchange(agent.task, {})) {
    auto& queued = tasks.at(task->first);
    if (!chance_.percent(scenario_.no_signal)) {
      bool const failed = chance_.percent(scenario_.failing_tasks);
      if (failed) ++queued.failures;
      queued.signals.push_back({task->first, task->second, !failed});
      tell_(milliseconds{50}, core::event::QueueTouched{});
    }
  }
  tell_hook(call_of(agent, "Stop"));
  rest(agent, Doing::idle, {});
}

void World::kill_an_agent() {
  if (agents.empty()) return;
  auto victim = std::next(agents.begin(), chance_.below(std::ssize(agents)));
  if (!victim->second.ours && chance_.one_in(2)) {
    close(victim->second);
    agents.erase(victim);
    return;
  }
  if (!victim->second.ours) return leave_a_shell(victim->second);
  victim->second.doing = Doing::dead;
  victim->second.working_since.reset();
  victim->second.next = never;
  draw(victim->second);
  close(victim->second);
}

/// The agent of the person ends, and his shell has the terminal again.
void World::leave_a_shell(Agent& agent) {
  agent.doing = Doing::shell;
  agent.working_since.reset();
  agent.menu = agent.draft = false;
  agent.quote.clear();
  agent.task.reset();
  agent.next = mono_ + chance_.between(minutes{1}, minutes{40});
  draw(agent);
}

void World::type_by_hand() {
  if (agents.empty()) return;
  auto& agent = std::next(agents.begin(), chance_.below(std::ssize(agents)))->second;
  bool const free = agent.doing == Doing::idle || (agent.doing == Doing::wall && !agent.menu);
  if (!free || agent.draft || agent.task) return;
  if (chance_.percent(50)) agent.typed = mono_;  // the others send keys from elsewhere
  submit(agent, "please look at number " + std::to_string(chance_.below(999)));
}

void World::leave_a_draft() {
  if (agents.empty()) return;
  auto& agent = std::next(agents.begin(), chance_.below(std::ssize(agents)))->second;
  if (agent.doing != Doing::idle) return;
  agent.draft = true;
  agent.typed = mono_;
  agent.next = mono_ + chance_.between(minutes{1}, minutes{20});
  draw(agent);
}

void World::make_adopted_session() {
  core::SessionName const name("mine");
  if (!tmux_runs_ || agents.contains(name)) return;
  Agent agent;
  agent.session = name;
  agent.pane = next_pane_++;
  agent.ours = false;
  agent.cwd = "/mine";
  begin(agents[name] = agent, {}, {});
}

}  // namespace failover::sim
