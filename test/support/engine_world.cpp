#include "test/support/engine_world.hpp"

#include "core/answers.hpp"
#include "core/conversations.hpp"

#include <algorithm>
#include <deque>

namespace failover::test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Reading read_word(std::string_view screen, WallTime) {
  Reading reading;
  reading.turn_hash = std::hash<std::string_view>{}(screen);
  if (auto const box = screen.find(" | "); box != std::string_view::npos) {
    reading.input_text = std::string(screen.substr(box + 3));
    screen = screen.substr(0, box);
  }
  if (auto const prompt = screen.find(" > "); prompt != std::string_view::npos) {
    reading.newest_prompt = comparable_prompt(screen.substr(prompt + 3));
    screen = screen.substr(0, prompt);
  }
  reading.has_input_box = true;
  reading.seen.evidence = {1, std::string(screen)};
  auto& seen = reading.seen;
  auto const wall = [&] {
    seen.state = ScreenState::quota_exhausted;
    seen.scope = Scope::account;
    seen.window = Window::five_hour;
    seen.rule = "wall";
  };
  if (screen.starts_with("wall") || screen.starts_with("menu")) {
    wall();
    seen.resets_at = WallTime{hours{24 * 365 * 56} + hours{1}};
    reading.limit_menu = screen.starts_with("menu");
    reading.has_input_box = !reading.limit_menu;
  } else if (screen.starts_with("bare wall")) {
    wall();
  } else if (screen.starts_with("idle")) {
    seen.state = ScreenState::idle;
  } else if (screen.starts_with("working")) {
    seen.state = ScreenState::working;
    if (screen.starts_with("working long")) reading.works_from = 20;
    if (screen.ends_with("prompted")) reading.prompts_seen = 1;
  } else if (screen == "permission") {
    seen.state = ScreenState::permission_prompt;
  } else if (screen == "dialog") {
    seen.state = ScreenState::dialog;
    reading.has_input_box = false;
  } else if (screen.starts_with("login")) {
    seen.state = ScreenState::auth_error;
    reading.has_input_box = screen == "login";
  } else if (screen.starts_with("error")) {
    seen.state = ScreenState::server_error;
  } else {
    reading.has_input_box = false;
    reading.resume_refused = screen == "refused" || screen == "says refused";
  }
  return reading;
}

/// What stands above is not on it, but for a prompt.
std::string last_rows(std::string const& screen) {
  if (!screen.starts_with("working long")) return screen;
  return screen.ends_with("prompted") ? "working, prompted" : "working";
}

Classification read_words(std::string_view message, WallTime at) {
  return read_word(message, at).seen;
}

TaskFile pending_task(std::string const& id, std::int64_t priority) {
  TaskFile file;
  file.id = TaskId(id);
  file.file_name = id + ".md";
  file.title = id + ".md";
  file.changed_at = WallTime{hours{24 * 365 * 56}};
  file.request.priority = priority;
  return file;
}

Config EngineWorld::fleet() {
  Config config;
  for (char const* name : {"a", "b", "c"})
    config.accounts.push_back({AccountName(name), std::string("/acc/") + name, false});
  config.switching.link = "/home/link";
  config.sessions.pool.size = 2;
  config.sessions.pool.prefix = "s";
  config.sessions.pool.workdir = "/work";
  config.dispatcher.queue = "/queue";
  config.quota.poll_interval = seconds{30};
  return config;
}

EngineWorld::EngineWorld(Config c, EngineOptions o, AgentReader r)
    : config(std::move(c)), options(o), reader(std::move(r)) {
  if (!reader.screen) reader.screen = read_word;
  if (!reader.message) reader.message = read_words;
}

std::size_t EngineWorld::count(std::string const& prefix) const {
  return static_cast<std::size_t>(
      std::count_if(done.begin(), done.end(), [&](auto const& line) { return line.starts_with(prefix); }));
}

bool EngineWorld::logged(std::string const& message, std::string const& value) const {
  return std::any_of(log.begin(), log.end(), [&](effect::Log const& line) {
    if (line.message != message) return false;
    return value.empty() || std::any_of(line.fields.begin(), line.fields.end(), [&](auto const& field) {
             return field.second.find(value) != std::string::npos;
           });
  });
}

void EngineWorld::show(std::string const& name, std::string const& screen) {
  screens[name] = screen;
}

void EngineWorld::tell(Event const& event) {
  Engine const engine{config, reader, options};
  std::deque<Event> news{event};
  for (int bound = 0; !news.empty() && bound < 10000; ++bound) {
    Event const next = news.front();
    news.pop_front();
    bool undone = false;
    for (auto const& effect : engine.step(state, next, now)) {
      if (undone) {
        if (auto failed = failure_of(effect, *save_fails)) news.push_back(*failed);
        continue;
      }
      if (auto reply = answer(effect)) news.push_back(*reply);
      if (std::holds_alternative<effect::SaveState>(effect) && save_fails) undone = true;
    }
  }
}

void EngineWorld::pass(Duration time) {
  Engine const engine{config, reader, options};
  auto const end = now.mono + time;
  for (int bound = 0; bound < 100000; ++bound) {
    tell(event::Tick{});
    auto const deadline = engine.next_deadline(state, now);
    auto const next = std::min(end, std::max(deadline.value_or(end), now.mono + std::chrono::milliseconds{5}));
    now.wall += next - now.mono;
    now.mono = next;
    if (next == end) break;
  }
  tell(event::Tick{});
}

void EngineWorld::restart() {
  state.live = Live{};
  for (auto& [name, session] : state.sessions) {
    session.reading.reset();
    session.read_at = {};
    session.suspicion.reset();
    session.process = 0;
    session.ended = 0;
    session.stale_looks = 0;
    session.stale_listing = false;
    session.watching = {};
    session.bare_shell = false;
    session.surplus = false;
    session.end_tried = {};
    session.typed_at.reset();
    session.busy_with_effect = false;
    session.refused_prompt.reset();
  }
  for (auto& entry : state.outbox) entry.sending = false;
}

std::optional<Event> EngineWorld::answer(Effect const& effect) {
  if (auto const* e = std::get_if<effect::Log>(&effect)) {
    log.push_back(*e);
    return std::nullopt;
  }
  if (std::holds_alternative<effect::ReadAccounts>(effect)) {
    AccountsListing listing;
    listing.link_target = link;
    if (link_unread) listing.link_target = *link_unread;
    listing.link_since = link_since;
    listing.link = link_view;
    for (auto const& account : config.accounts) {
      auto const& name = account.name.str();
      auto& directory = listing.directories.emplace_back();
      directory.name = account.name;
      directory.present = true;
      directory.logged_in = !logged_out.contains(name);
      directory.real_path = account.config_dir;
      directory.identity = logins[name];
      if (written.contains(name)) directory.credentials_written = written[name];
    }
    return event::AccountsRead{listing};
  }
  if (auto const* e = std::get_if<effect::FollowTranscripts>(&effect)) {
    followed = e->directories;
    if (!reads_transcripts) return std::nullopt;
    return event::TranscriptGrew{{}, true};
  }
  if (auto const* e = std::get_if<effect::WatchTerminals>(&effect)) {
    terminals = e->terminals;
    return std::nullopt;
  }
  if (auto const* e = std::get_if<effect::ListPanes>(&effect)) {
    std::vector<ProcessRef> running;
    for (auto const& process : e->processes)
      if (orphans.contains(process.pid)) running.push_back(process);
    if (!tmux_up) return event::PanesListed{Error{ErrorKind::unavailable, "no server"}, running};
    std::vector<PaneInfo> infos;
    for (auto const& [name, number] : panes) {
      PaneInfo info;
      info.pane = pane(number);
      info.session = SessionName(name);
      info.pid = processes[name];
      info.cwd = "/work";
      info.dead = screens[name] == "dead" || screens[name] == "refused" || screens[name] == "login, dead";
      if (info.dead && statuses.contains(name)) info.exit_status = statuses[name];
      info.foreground = foregrounds[name];
      info.tty = ttys[name];
      if (renamed.contains(name)) info.session = SessionName(renamed[name]);
      infos.push_back(info);
    }
    return event::PanesListed{infos, running};
  }
  if (auto const* e = std::get_if<effect::CapturePanes>(&effect)) {
    ++looks;
    std::vector<Screen> captured;
    for (auto const& [name, number] : panes)
      if (std::find(e->panes.begin(), e->panes.end(), pane(number)) != e->panes.end()) {
        auto const typed = typed_at.contains(name) ? std::optional{typed_at[name]} : std::nullopt;
        auto& before = captured_[number];
        auto const tail = e->tails.find(pane(number));
        bool const whole = tail == e->tails.end();
        bool const unchanged = before == screens[name];
        bool const as_before = unchanged && e->if_written.contains(pane(number));
        auto const text = as_before ? "" : whole ? screens[name] : last_rows(screens[name]);
        captured.push_back({pane(number), text, typed, unchanged, whole ? 1 : tail->second, as_before});
        whole_looks += as_before || !whole ? 0 : 1;
        before = screens[name];
      }
    drawing = e->drawing;
    tails = e->tails;
    return event::ScreensCaptured{captured};
  }
  if (auto const* e = std::get_if<effect::StartSession>(&effect)) {
    done.push_back("start " + e->session.str());
    resumed[e->session.str()] = e->resumes;
    panes[e->session.str()] = next_pane_++;
    processes[e->session.str()] = next_process_++;
    screens[e->session.str()] = show_on_start;
    return event::SessionStarted{e->session, pane(panes[e->session.str()])};
  }
  if (auto const* e = std::get_if<effect::RestartAgent>(&effect)) {
    std::string line = "restart " + e->session.str();
    for (auto const& word : e->argv) line += " " + word;
    done.push_back(line);
    resumed[e->session.str()] = e->resumes;
    briefings[e->session.str()] = e->briefing;
    if (restart_fails) return event::AgentRestarted{e->session, *restart_fails};
    processes[e->session.str()] = next_process_++;
    screens[e->session.str()] = next_screen();
    return event::AgentRestarted{e->session, {}};
  }
  if (auto const* e = std::get_if<effect::EndSession>(&effect)) {
    done.push_back("end " + e->session.str());
    if (end_fails) return event::SessionEnded{e->session, *end_fails};
    panes.erase(e->session.str());
    return event::SessionEnded{e->session, {}};
  }
  if (auto const* e = std::get_if<effect::PressEscape>(&effect)) {
    done.push_back("escape " + e->session.str());
    auto& screen = screens[e->session.str()];
    if (screen.starts_with("menu")) screen = "wall" + screen.substr(4);
    return event::EscapePressed{e->session, {}};
  }
  if (auto const* e = std::get_if<effect::DeliverPrompt>(&effect)) {
    done.push_back("prompt " + e->session.str() + " " + e->text.substr(0, 8));
    if (delivery && *delivery == Delivery::submitted) screens[e->session.str()] = next_screen();
    return event::PromptDelivered{e->session, delivery};
  }
  if (auto const* e = std::get_if<effect::FlipLink>(&effect)) return answer_flip(*e);
  if (std::holds_alternative<effect::ScanQueue>(effect)) return event::QueueScanned{queue};
  if (auto const* e = std::get_if<effect::ClaimTask>(&effect)) return answer_claim(*e);
  if (auto const* e = std::get_if<effect::MoveTask>(&effect)) return answer_move(*e);
  if (auto const* e = std::get_if<effect::RemoveFinished>(&effect)) {
    done.push_back("remove " + std::to_string(e->tasks.size()));
    return event::FinishedRemoved{e->tasks.size()};
  }
  if (auto const* e = std::get_if<effect::SendMessage>(&effect)) {
    messages.push_back(e->message);
    return event::MessageSent{e->message.id, {}};
  }
  if (save_fails) return event::StateSaved{*save_fails};
  done.push_back("save");
  return event::StateSaved{};
}

std::string EngineWorld::next_screen() {
  if (after_prompts.empty()) return after_prompt;
  std::string const screen = after_prompts.front();
  after_prompts.pop_front();
  return screen;
}

Event EngineWorld::answer_flip(effect::FlipLink const& flip) {
  done.push_back("flip " + flip.to.str());
  if (flip_fails) return event::LinkFlipped{flip.to, *flip_fails};
  link = flip.target;
  return event::LinkFlipped{flip.to, {}};
}

Event EngineWorld::answer_claim(effect::ClaimTask const& claim) {
  while_claiming();
  done.push_back("claim " + claim.task.id.str());
  if (auto const failure = claims_fail.find(claim.task.id); failure != claims_fail.end())
    return event::TaskClaimed{claim.task.id, failure->second};
  for (auto& file : queue.tasks)
    if (file.id == claim.task.id && file.place == TaskPlace::pending) {
      file.place = TaskPlace::claimed;
      file.claim = claim.claim;
      file.file_name = claim.task.title + "." + claim.task.id.str() + "." + claim.claim.str();
      return event::TaskClaimed{claim.task.id, "/queue/claimed/" + file.file_name};
    }
  return event::TaskClaimed{claim.task.id, Error{ErrorKind::not_found, "gone"}};
}

Event EngineWorld::answer_move(effect::MoveTask const& move) {
  done.push_back("move " + move.task.id.str() + " " + std::string(to_string(move.result.place)) + ": " +
                 move.result.reason);
  results.push_back(move.result);
  for (auto& file : queue.tasks)
    if (file.id == move.task.id) file.place = move.result.place;
  return event::TaskMoved{move.task.id, move.result.place, {}};
}

}  // namespace failover::test
