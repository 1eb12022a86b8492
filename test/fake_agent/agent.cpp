#include "agent.hpp"

#include "files.hpp"
#include "text.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace failover::fake_agent {
namespace {

Transcript::Place place_of(Options const& options, Script const& script, std::string const& cwd) {
  Transcript::Place place{.config_dir = options.config_dir,
                          .project = slug_of(cwd),
                          .session_id = options.session_id.value_or(new_uuid()),
                          .cwd = cwd,
                          .version = script.version};
  if (options.resume_latest) {
    auto const latest = latest_session(options.config_dir, place.project);
    if (!latest) throw Refusal{"No conversation found to continue"};
    place.session_id = *latest;
  } else if (options.resume) {
    auto const project = find_project(options.config_dir, *options.resume, place.project);
    if (!project) throw Refusal{fmt::format("No conversation found with session ID: {}", *options.resume)};
    place.project = *project;
    place.session_id = *options.resume;
  } else if (options.session_id && find_project(options.config_dir, *options.session_id, place.project)) {
    throw Refusal{fmt::format("Error: Session ID {} is already in use.", *options.session_id)};
  }
  return place;
}

Version const& version_named(std::string const& name) {
  auto const* version = find_version(name);
  if (version == nullptr) throw Refusal{fmt::format("error: version {} is not imitated", name)};
  return *version;
}

bool trusted(std::filesystem::path const& config_dir, std::string const& directory) {
  auto const file = read_object((config_dir / ".claude.json").string());
  auto const* projects = file ? object_of(*file, "projects") : nullptr;
  auto const* project = projects != nullptr ? object_of(*projects, directory) : nullptr;
  return project != nullptr && flag_of(*project, "hasTrustDialogAccepted", false);
}

}  // namespace

Agent::Agent(Options const& options, Script script, std::string cwd)
    : script_(std::move(script)),
      version_(version_named(script_.version)),
      config_dir_(options.config_dir),
      kept_login_(account_directory(options.config_dir)),
      first_prompt_(options.prompt),
      resumed_(options.resume_latest || options.resume.has_value()),
      transcript_(place_of(options, script_, cwd)),
      log_(event_log_path(options.config_dir), transcript_.session_id()),
      news_(load_settings(options.config_dir), transcript_, cwd, script_.version),
      account_(account_name(options.config_dir)) {
  view_.version = script_.version;
  view_.directory = std::move(cwd);
  view_.mode = options.mode;
  view_.first_start = !resumed_;
  if (!resumed_) return;
  auto history = transcript_.read();
  view_.blocks = std::move(history.blocks);
  interrupted_ = std::move(history.interrupted);
  turns_ = history.turns;
}

void Agent::log(std::string_view event, std::string_view text) {
  log_.write(event, account_, text);
}

std::string Agent::mode_name() const {
  switch (view_.mode) {
    case PermissionMode::manual:
      return "default";
    case PermissionMode::bypass:
      return "bypassPermissions";
    case PermissionMode::automatic:
      return "auto";
  }
  return "auto";
}

void Agent::start(Instant at) {
  log("start", resumed_ ? "resume" : "startup");
  if (script_.start == Start::dead) {
    farewell_ = "Unable to connect to Anthropic services\n";
    exit_code_ = 1;
    log("exit", "1");
    return;
  }
  if (script_.start == Start::trust_dialog && !trusted(config_dir_, view_.directory)) {
    view_.menu = trust_menu(version_);
    return;
  }
  begin_conversation(at);
}

void Agent::begin_conversation(Instant at) {
  news_.tell("SessionStart", resumed_ ? "resume" : "startup",
             {{"source", resumed_ ? "resume" : "startup"}, {"model", "claude-opus-5-5"}});
  view_.status_line = news_.status_line(std::nullopt);
  if (!first_prompt_.empty()) begin_turn(first_prompt_, false, at);
}

void Agent::leave(std::string const& reason, int exit_code) {
  if (exit_code_) return;
  if (armed_) {
    transcript_.notice(
        "Automatic continue cancelled · Claude Code exited during the wait, so the task will not resume on its own "
        "when "
        "the usage limit resets (send a prompt after the reset to continue)",
        "warning");
  }
  news_.tell("SessionEnd", reason, {{"reason", reason}});
  log("exit", fmt::format("{}", exit_code));
  if (version_.tells_resume)
    farewell_ = fmt::format("\nResume this session with:\nclaude --resume {}\n", transcript_.session_id());
  exit_code_ = exit_code;
}

void Agent::show_box() {
  view_.box = box_.shown();
  view_.collapsed_paste = box_.holds_collapsed_paste();
}

void Agent::press(Key const& key, Instant at) {
  if (view_.menu) return press_in_menu(key, at);
  switch (key.kind) {
    case KeyKind::text:
      box_.type(key.text);
      break;
    case KeyKind::paste:
      box_.paste(key.text);
      break;
    case KeyKind::newline:
      box_.type("\n");
      break;
    case KeyKind::backspace:
      box_.backspace();
      break;
    case KeyKind::clear_line:
      box_.clear();
      break;
    case KeyKind::enter:
      send(at);
      break;
    case KeyKind::escape:
      press_escape();
      break;
    case KeyKind::interrupt:
      if (running_) interrupt_turn();
      box_.clear();
      break;
    case KeyKind::end:
    case KeyKind::up:
    case KeyKind::down:
    case KeyKind::other:
      break;
  }
  show_box();
}

void Agent::send(Instant at) {
  if (trimmed(box_.shown()).empty()) return;
  if (script_.lost_enters > 0) {
    --script_.lost_enters;
    log("lost_enter", box_.shown());
    return;
  }
  auto const text = box_.take();
  show_box();
  if (run_command_word(std::string{trimmed(text)}, at)) return;
  if (!running_) return begin_turn(text, false, at);
  log("queued", text);
  queue_.push_back(text);
  view_.blocks.push_back({.kind = BlockKind::queued, .text = text});
  view_.suggestion = "Press up to edit queued messages";
}

bool Agent::run_command_word(std::string const& text, Instant at) {
  if (text == "/exit" || text == "/quit") {
    leave("prompt_input_exit", 0);
  } else if (text == "/rate-limit-options" && !running_) {
    if (!last_wall_) last_wall_ = ArmedContinue{.resets_at = at, .seen_at = at};
    open_limit_menu();
  } else {
    return false;
  }
  return true;
}

void Agent::press_escape() {
  log("escape", running_ ? "working" : armed_ ? "armed" : "idle");
  if (running_) return interrupt_turn();
  disarm();
}

void Agent::arm(Instant resets_at, Instant seen_at) {
  armed_ = ArmedContinue{.resets_at = resets_at, .seen_at = seen_at};
  view_.banner = armed_banner(resets_at, seen_at);
}

void Agent::disarm() {
  armed_.reset();
  view_.banner.clear();
}

void Agent::open_limit_menu() {
  view_.menu = limit_menu(version_, last_wall_->resets_at, last_wall_->seen_at, armed_.has_value());
  log("menu", "limit");
}

void Agent::press_in_menu(Key const& key, Instant at) {
  auto& menu = *view_.menu;
  auto const count = menu.options.size();
  switch (key.kind) {
    case KeyKind::up:
      menu.chosen = (menu.chosen + count - 1) % count;
      return;
    case KeyKind::down:
      menu.chosen = (menu.chosen + 1) % count;
      return;
    case KeyKind::enter:
      return pick(menu.chosen, at);
    case KeyKind::escape:
      log("escape", "menu");
      if (menu.kind == MenuKind::trust) return answer_trust(false, at);
      if (menu.kind == MenuKind::permission) return refuse_permission();
      view_.menu.reset();
      return;
    case KeyKind::text:
      if (menu.kind == MenuKind::trust || key.text < "1" || key.text > "9") break;
      if (auto const option = static_cast<std::size_t>(key.text.front() - '1'); option < count) return pick(option, at);
      break;
    default:
      break;
  }
  log("swallowed", key.text);
}

void Agent::pick(std::size_t option, Instant at) {
  auto const kind = view_.menu->kind;
  auto const text = view_.menu->options[option];
  if (kind == MenuKind::trust) return answer_trust((option == 0) == version_.trust_first, at);
  if (kind == MenuKind::permission) return permit(option, at);
  log("menu_pick", text);
  view_.menu.reset();
  if (!version_.continues_by_itself) return;
  if (option == 1 && !armed_) return arm(last_wall_->resets_at, last_wall_->seen_at);
  if (option == 1) disarm();
}

void Agent::answer_trust(bool yes, Instant at) {
  log("trust_enter", yes ? "yes" : "no");
  view_.menu.reset();
  if (yes) return begin_conversation(at);
  log("exit", "1");
  exit_code_ = 1;
}

}  // namespace failover::fake_agent
