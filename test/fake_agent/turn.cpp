#include "agent.hpp"
#include "files.hpp"
#include "instruction.hpp"
#include "text.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <unistd.h>

namespace failover::fake_agent {
namespace {

constexpr Milliseconds spinner_step{200};
constexpr auto own_prompt =
    "Your usage limit has reset. Continue the task you were working on when the limit was reached; do not repeat work "
    "that is already complete.";

bool retries(Act act) {
  return act == Act::error_500 || act == Act::error_529 || act == Act::throttle;
}

Milliseconds reset_distance(Turn const& plan) {
  if (plan.resets_in) return *plan.resets_in;
  return plan.act == Act::wall_weekly ? Milliseconds{std::chrono::hours{72}} : Milliseconds{std::chrono::hours{1}};
}

/// The first `count` characters of the first line.
std::string head_of(std::string_view text, std::size_t count) {
  text = trimmed(text);
  text = text.substr(0, text.find('\n'));
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < count && bytes < text.size(); ++i) bytes += character_bytes(text[bytes]);
  return std::string{text.substr(0, bytes)};
}

}  // namespace

std::filesystem::path Agent::login_dir() const {
  return version_.takes_new_login ? config_dir_ : kept_login_;
}

AccountReading Agent::charge(Instant at) {
  auto reading = charge_account(login_dir(), at);
  if (!reading.login_expired || !version_.rereads_when_refused) return reading;
  kept_login_ = account_directory(config_dir_);
  return charge_account(login_dir(), at);
}

void Agent::begin_turn(std::string const& prompt, bool by_itself, Instant at) {
  disarm();
  account_ = account_name(login_dir());
  RunningTurn turn{.prompt = prompt, .prompt_id = new_uuid(), .by_itself = by_itself, .started = at};
  log(by_itself ? "auto_continue" : "prompt", prompt);
  if (!by_itself) {
    view_.blocks.push_back({.kind = BlockKind::prompt, .text = prompt});
    news_.tell("UserPromptSubmit", {},
               {{"prompt_id", turn.prompt_id}, {"permission_mode", mode_name()}, {"prompt", prompt}});
  }
  transcript_.prompt(prompt, turn.prompt_id, mode_name(), by_itself);

  auto const goes_on = interrupted_ && (by_itself || asks_to_continue(prompt));
  if (!goes_on) interrupted_ = prompt;
  turn.instruction = *interrupted_;
  turn.plan = script_.next(with_named_files(prompt));
  turn.account = charge(at);
  account_ = turn.account.name;
  if (turn.account.login_expired || script_.start == Start::login_expired) turn.plan.act = Act::login_expired;
  // A refusal for quota comes after one request, whatever the turn would have done.
  if (turn.account.wall) turn.plan.lasts = std::min(turn.plan.lasts, Milliseconds{1000});
  turn.ends = at + turn.plan.lasts;
  running_ = std::move(turn);
  view_.working = true;
  view_.suggestion.clear();
  show_progress(at);
}

bool Agent::hangs(RunningTurn const& turn) {
  return turn.plan.act == Act::hang && !turn.account.wall;
}

void Agent::show_progress(Instant at) {
  auto const& turn = *running_;
  auto const elapsed = at - turn.started;
  if (!retries(turn.plan.act) || turn.plan.retries < 1 || turn.account.wall) {
    view_.spinner = working_line(version_, turns_, elapsed);
    return;
  }
  auto const wait = std::max(turn.plan.lasts / turn.plan.retries, Milliseconds{1});
  auto const attempt = std::min(static_cast<int>(elapsed / wait) + 1, turn.plan.retries);
  view_.spinner = retry_line(turn.plan.act, attempt, turn.plan.retries, wait * attempt - elapsed);
}

std::optional<Instant> Agent::next_wake() const {
  if (running_ && view_.menu) return running_->permission_notice_at;
  if (running_) {
    auto const step = now() + spinner_step;
    return hangs(*running_) ? step : std::min(step, running_->ends);
  }
  if (armed_ && !view_.menu) return armed_->resets_at + script_.auto_continue_delay;
  return std::nullopt;
}

void Agent::pass_time(Instant at) {
  if (!running_) {
    begin_queued(at);
    if (running_ || !armed_ || view_.menu || at < armed_->resets_at + script_.auto_continue_delay) return;
    auto const text = "Usage limit reset · Continuing automatically";
    view_.blocks.push_back({.kind = BlockKind::notice, .text = text});
    transcript_.notice(text, "notice");
    return begin_turn(own_prompt, true, at);
  }
  auto& turn = *running_;
  if (view_.menu) {
    if (!turn.permission_notice_at || at < *turn.permission_notice_at) return;
    turn.permission_notice_at.reset();
    news_.tell("Notification", "permission_prompt",
               {{"prompt_id", turn.prompt_id},
                {"message", "Claude needs your permission"},
                {"notification_type", "permission_prompt"}});
    return;
  }
  show_progress(at);
  if (at < turn.ends || hangs(turn)) return;
  if (turn.plan.act == Act::permission && turn.tool_id.empty() && !turn.account.wall) return ask_permission(at);
  finish_turn(at);
}

void Agent::finish_turn(Instant at) {
  auto const turn = *running_;
  auto const ending = ending_of(version_, turn.plan.act, turn.account, reset_distance(turn.plan), at);
  if (!turn.account.wall && turn.plan.act == Act::die) {
    log("die");
    ::_exit(1);  // as a crash: no farewell, no hook, the terminal left as it is
  }
  if (ending.error.empty()) {
    end_well(turn, at);
  } else {
    end_badly(turn, ending, at);
  }
  transcript_.last_prompt(turn.prompt);
  if (auto line = news_.status_line(version_.tells_use ? turn.account.usage : std::nullopt); !line.empty())
    view_.status_line = std::move(line);
  stop_working();
  begin_queued(at);
}

void Agent::stop_working() {
  running_.reset();
  ++turns_;
  view_.working = false;
  view_.hints = false;
  view_.spinner.clear();
}

void Agent::begin_queued(Instant at) {
  if (queue_.empty() || view_.menu) return;
  auto const text = std::move(queue_.front());
  queue_.pop_front();
  auto const shown = std::find_if(view_.blocks.begin(), view_.blocks.end(),
                                  [](Block const& block) { return block.kind == BlockKind::queued; });
  if (shown != view_.blocks.end()) view_.blocks.erase(shown);
  begin_turn(text, false, at);
}

void Agent::end_well(RunningTurn const& turn, Instant at) {
  auto const text = turn.plan.text.empty() ? "Done: " + head_of(turn.instruction, 60) : turn.plan.text;
  obey(with_named_files(turn.instruction + "\n" + turn.prompt));
  interrupted_.reset();
  transcript_.answer(text);
  view_.blocks.push_back({.kind = BlockKind::answer, .text = text});
  if (version_.continues_by_itself)
    view_.blocks.push_back({.kind = BlockKind::finished, .text = finished_line(turns_, at - turn.started, at)});
  news_.tell("Stop", {},
             {{"prompt_id", turn.prompt_id},
              {"permission_mode", mode_name()},
              {"stop_hook_active", false},
              {"last_assistant_message", text}});
  transcript_.finished(at - turn.started);
  log("done", turn.instruction);
}

void Agent::end_badly(RunningTurn const& turn, Ending const& ending, Instant at) {
  view_.blocks.push_back({.kind = ending.kind, .text = ending.text, .below = ending.below});
  view_.suggestion = ending.suggestion;
  transcript_.api_error(ending);
  log(ending.wall ? "wall" : "error", ending.text);
  if (ending.wall) meet_wall(*ending.wall, at);
  if (!version_.tells_failures)
    return news_.tell("Stop", {}, {{"permission_mode", mode_name()}, {"stop_hook_active", false}});
  news_.tell("StopFailure", ending.error,
             {{"prompt_id", turn.prompt_id}, {"error", ending.error}, {"last_assistant_message", ending.text}});
}

/// Less than a day away it waits by itself; farther, or when the user has switched that off, it asks.
void Agent::meet_wall(Wall const& wall, Instant at) {
  last_wall_ = ArmedContinue{.resets_at = wall.resets_at, .seen_at = at};
  if (!version_.continues_by_itself) return;
  if (wall.resets_at - at >= std::chrono::hours{24} || !news_.auto_continue()) return open_limit_menu();
  auto const text = armed_notice(wall.resets_at, at);
  view_.blocks.push_back({.kind = BlockKind::notice, .text = text});
  transcript_.notice(text, "notice");
  arm(wall.resets_at, at);
}

/// Nothing was answered yet, so the prompt goes back into the box, and what was queued behind it.
void Agent::interrupt_turn() {
  auto const turn = *running_;
  log("interrupt", turn.prompt);
  transcript_.interrupted(turn.prompt_id, false);
  interrupted_.reset();
  auto text = turn.by_itself ? std::string{} : turn.prompt;
  for (auto const& queued : std::exchange(queue_, {})) text += (text.empty() ? "" : "\n") + queued;
  std::erase_if(view_.blocks, [](Block const& block) { return block.kind == BlockKind::queued; });
  if (!version_.prompt_back_in_box) {
    view_.blocks.push_back({.kind = BlockKind::interrupted, .text = "Interrupted · What should Claude do instead?"});
  } else {
    if (!text.empty()) box_.put(std::move(text));
    if (!turn.by_itself) view_.blocks.pop_back();
  }
  view_.suggestion.clear();
  stop_working();
}

void Agent::ask_permission(Instant at) {
  auto& turn = *running_;
  auto const& command = turn.plan.command;
  turn.tool_id = "toolu_" + new_uuid();
  transcript_.answer("I will run a command.");
  transcript_.tool_use(command, turn.tool_id);
  view_.blocks.push_back({.kind = BlockKind::answer, .text = "I will run a command."});
  view_.blocks.push_back({.kind = BlockKind::tool, .text = command});
  view_.menu = permission_menu(version_, command, view_.directory);
  turn.permission_notice_at = at + script_.permission_notice_after;
  log("menu", "permission");
  news_.tell("PermissionRequest", "Bash",
             {{"prompt_id", turn.prompt_id},
              {"permission_mode", mode_name()},
              {"tool_name", "Bash"},
              {"tool_input", json::object{{"command", command}, {"description", "Rebuild"}}}});
}

void Agent::permit(std::size_t option, Instant at) {
  if (option + 1 == view_.menu->options.size()) return refuse_permission();
  log("permission_enter", view_.menu->options[option]);
  view_.menu.reset();
  auto& turn = *running_;
  transcript_.tool_result(turn.tool_id, true, turn.prompt_id);
  turn.ends = at + turn.plan.lasts;
}

void Agent::refuse_permission() {
  auto const& turn = *running_;
  log("permission_refused", turn.plan.command);
  view_.menu.reset();
  transcript_.tool_result(turn.tool_id, false, turn.prompt_id);
  transcript_.interrupted(turn.prompt_id, true);
  view_.blocks.back() = {.kind = BlockKind::refused, .text = turn.plan.command};
  interrupted_.reset();
  stop_working();
}

}  // namespace failover::fake_agent
