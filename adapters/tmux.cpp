#include "adapters/tmux.hpp"

#include "adapters/random_hex.hpp"
#include "adapters/scope_means.hpp"
#include "adapters/socket_listener.hpp"
#include "adapters/tmux_replies.hpp"
#include "adapters/tmux_words.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/stat.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

using core::Error;
using core::ErrorKind;

constexpr std::size_t listing_bytes = 4 << 20;  // some 8,000 panes
constexpr std::size_t answer_bytes = 64 << 10;

std::string default_socket() {
  auto const* const given = std::getenv("TMUX_TMPDIR");
  std::string const dir = given != nullptr && *given != '\0' ? given : "/tmp";
  return dir + "/tmux-" + std::to_string(::geteuid()) + "/default";
}

core::TmuxConfig with_socket(core::TmuxConfig config) {
  if (config.socket.empty()) config.socket = default_socket();
  return config;
}

/// A word that no screen can contain, for it is drawn anew for each command.
std::string new_mark() {
  return "cf" + random_hex(16);
}

bool usable_name(std::string const& name) {
  constexpr std::string_view first = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  auto const all = std::string(first) + "_-";
  return !name.empty() && name.size() <= 64 && first.find(name[0]) != std::string_view::npos &&
         name.find_first_not_of(all) == std::string::npos;
}

/// tmux hands a single word to a shell; two or more it executes as they are.
std::vector<std::string> executed_as_it_is(std::vector<std::string> argv) {
  if (argv.size() == 1) argv.insert(argv.begin(), "env");
  return argv;
}

core::Result<void> checked_workdir(std::string const& workdir) {
  std::error_code error;
  if (std::filesystem::is_directory(workdir, error)) return {};
  // tmux would silently start in the home directory
  return Error{ErrorKind::not_found,
               "the working directory " + workdir + " is not there: create it, or correct workdir"};
}

/// The first line of what tmux complained about, fit for a log.
std::string complaint(std::string const& err) {
  auto text = tmux::typeable(err.substr(0, err.find('\n')));
  if (text.size() > 200) text.resize(200);
  return text;
}

core::Result<void> checked_owner(std::string const& socket) {
  struct stat status = {};
  if (::stat(socket.c_str(), &status) != 0 || status.st_uid == ::geteuid()) return {};
  return Error{ErrorKind::permission, "the tmux socket " + socket + " belongs to another user (uid " +
                                          std::to_string(status.st_uid) + "): run as this user, or set tmux.socket"};
}

// Keys that tmux itself would take (a mode), copy to other panes (synchronize-panes) or drop (input off, dead).
constexpr char takes_keys[] = "#{pane_in_mode}/#{pane_dead}/#{pane_synchronized}/#{pane_input_off}";

constexpr char marked_as_ours[] = "#{==:#{@cf_owner},claude-failover}";

/// Why the server-side check said no, from what it printed: identity and the four flags.
Error why_not(core::PaneRef const& pane, std::string_view printed) {
  auto const id = pane.id.str();
  auto const end = printed.rfind(' ');
  auto const found = tmux::parse_pane_ref(printed.substr(0, end));
  if (!found) return {ErrorKind::not_found, "pane " + id + " is gone"};
  if (*found != pane) return {ErrorKind::not_found, "pane " + id + " is gone: the tmux server was replaced"};
  auto const flags = printed.substr(end + 1);
  if (!flags.starts_with("0/")) return {ErrorKind::refused, "pane " + id + " is in copy mode; nothing was typed"};
  if (!flags.starts_with("0/0/")) return {ErrorKind::refused, "the program in pane " + id + " has ended"};
  if (!flags.starts_with("0/0/0/")) {
    return {ErrorKind::refused, "pane " + id + " has synchronize-panes on; nothing was typed"};
  }
  return {ErrorKind::refused, "pane " + id + " has its input switched off (select-pane -d); nothing was typed"};
}

}  // namespace

/// Something done to a pane, under conditions that the server checks in the same breath.
struct Tmux::Step {
  std::string action = {};     ///< commands separated by " ; ", in file syntax
  std::string otherwise = {};  ///< the same, when the conditions do not hold; may be empty
  bool types = true;           ///< the pane must also take keys
  bool ours_only = false;      ///< its session must bear our mark
};

/// Something asked, in lines of commands of which the last prints the mark and " end".
struct Tmux::Reading {
  std::string batch = {};
  std::string mark = {};
  std::size_t bytes = 0;  ///< that the answer may have
  bool by_control = true;
  bool all_must_do = false;  ///< no line may fail
};

Tmux::Tmux(asio::any_io_executor executor, core::TmuxConfig config, std::function<core::Now()> clock,
           std::function<void(std::string)> on_trouble)
    : executor_(std::move(executor)),
      config_(with_socket(std::move(config))),
      turnstile_(executor_),
      control_(executor_, config_.socket, std::move(clock)),
      on_trouble_(std::move(on_trouble)) {}

Error Tmux::failure(ChildResult const& result) const {
  auto const said = complaint(result.err);
  auto const has = [&](std::string_view part) { return said.find(part) != std::string::npos; };
  auto const at = " at " + config_.socket;
  if (has("Permission denied")) return {ErrorKind::permission, "may not use the tmux server" + at + ": " + said};
  if (has("no server running") || has("error connecting") || has("server exited") || has("lost server")) {
    return {ErrorKind::unavailable, "no tmux server" + at + " (" + said + "): start tmux, or correct tmux.socket"};
  }
  if (has("protocol version mismatch")) {
    return {ErrorKind::unsupported, "the tmux server" + at + " is of another version than tmux itself: restart it"};
  }
  if (has("duplicate session")) return {ErrorKind::already_exists, "tmux: " + said};
  if (has("can't find")) return {ErrorKind::not_found, "tmux: " + said};
  return {ErrorKind::io, "tmux ended with status " + std::to_string(result.status) + ": " + said};
}

Async<ChildResult> Tmux::run(std::vector<std::string> words, std::string input, std::size_t bytes) {
  auto turn = turnstile_.enter();
  auto const pass = co_await std::move(turn);
  if (!pass) co_return pass.error();
  auto asking = child(std::move(words), std::move(input), bytes);
  co_return co_await std::move(asking);
}

Async<ChildResult> Tmux::child(std::vector<std::string> words, std::string input, std::size_t bytes) {
  auto const ours = checked_owner(config_.socket);
  if (!ours) co_return ours.error();
  bool const may_start = config_.start_server && words.front() == "new-session";
  std::vector<std::string> argv = {"tmux", "-u", "-S", config_.socket};
  if (!may_start) argv.push_back("-N");
  argv.insert(argv.end(), words.begin(), words.end());
  bool const starts = may_start && scopes_ && !listener_of(config_.socket);
  bool const apart = starts && core::wants_own_scope(scope_means());
  auto running =
      apart ? in_scope(std::move(argv), std::move(input), bytes) : spawned(std::move(argv), std::move(input), bytes);
  co_return co_await std::move(running);
}

Async<ChildResult> Tmux::spawned(std::vector<std::string> argv, std::string input, std::size_t bytes) {
  auto running = run_child(executor_, std::move(argv), std::move(input), ChildLimits{config_.command_timeout, bytes});
  auto result = co_await std::move(running);
  if (!result && result.error().kind == ErrorKind::not_found) {
    co_return Error{ErrorKind::not_found, "tmux is not installed, or not in PATH"};
  }
  if (!result || !result->timed_out) co_return result;
  co_return no_answer();
}

Async<ChildResult> Tmux::in_scope(std::vector<std::string> argv, std::string input, std::size_t bytes) {
  auto scoped = core::in_own_scope(argv);
  auto asking = run_child(executor_, std::move(scoped), input, ChildLimits{config_.command_timeout, bytes});
  auto asked = co_await std::move(asking);
  if (!asked && asked.error().kind == ErrorKind::cancelled) co_return asked;
  if (asked && asked->timed_out) {
    give_up_scopes("systemd-run did not answer");
    co_return Error{ErrorKind::timed_out, "systemd-run did not start a tmux server within " +
                                              std::to_string(config_.command_timeout.count()) + " ms"};
  }
  // What tmux itself printed means that it was reached, and that the session is there.
  if (asked && (asked->status == 0 || !asked->out.empty())) co_return asked;
  auto const why = asked ? complaint(asked->err) : asked.error().detail;
  auto starting = spawned(std::move(argv), std::move(input), bytes);
  auto started = co_await std::move(starting);
  // Else it was tmux that refused, and the scope could be had.
  if (started && started->status == 0) give_up_scopes(why);
  co_return started;
}

void Tmux::give_up_scopes(std::string const& why) {
  scopes_ = false;
  if (on_trouble_)
    on_trouble_("a tmux server gets no scope of its own (" + why +
                ") and lives in the daemon's control group: start tmux yourself before the daemon");
}

Error Tmux::no_answer() const {
  return {ErrorKind::timed_out, "the tmux server at " + config_.socket + " did not answer within " +
                                    std::to_string(config_.command_timeout.count()) + " ms"};
}

Async<std::string> Tmux::read_by_child(Reading reading) {
  transports_.in_use = "child";
  ++transports_.child;
  std::vector<std::string> words = {"source-file", "-"};
  auto asking = child(std::move(words), std::move(reading.batch), reading.bytes);
  auto result = co_await std::move(asking);
  if (!result) co_return result.error();
  // A pane that is gone makes a status of 1, too: only an answer without our last line is a failure.
  bool const whole = result->out.find(reading.mark + " end\n") != std::string::npos;
  if ((reading.all_must_do && result->status != 0) || (!whole && !result->truncated)) co_return failure(*result);
  co_return std::move(result->out);
}

Async<std::string> Tmux::read(Reading reading) {
  auto turn = turnstile_.enter();
  auto const pass = co_await std::move(turn);
  if (!pass) co_return pass.error();
  auto const ours = checked_owner(config_.socket);
  if (!ours) co_return ours.error();
  if (reading.by_control && config_.control_mode && control_.usable()) {
    ++transports_.control;
    auto asking = control_.ask(reading.batch, reading.mark, reading.bytes, config_.command_timeout);
    auto answer = co_await std::move(asking);
    if (answer) transports_.in_use = "control";
    if (answer || answer.error().kind == ErrorKind::cancelled) co_return answer;
    if (answer.error().kind == ErrorKind::timed_out) co_return no_answer();
    ++transports_.fallbacks;
  }
  auto asking = read_by_child(std::move(reading));
  co_return co_await std::move(asking);
}

std::string Tmux::forget_stray_buffers() {
  std::string batch;
  for (auto const& name : std::exchange(stray_buffers_, {})) batch += "delete-buffer -b " + name + "\n";
  return batch;
}

Async<std::vector<core::PaneInfo>> Tmux::list_panes() {
  auto const mark = new_mark();
  Reading reading;
  reading.batch = tmux::listing_batch(mark);
  reading.mark = mark;
  reading.bytes = listing_bytes;
  reading.all_must_do = true;
  auto listing = read(std::move(reading));
  auto const printed = co_await std::move(listing);
  if (!printed) co_return printed.error();
  control_.attach_to(tmux::session_to_attach(*printed, mark));
  co_return tmux::parse_panes(*printed, mark);
}

Async<pid_t> Tmux::process_of(core::PaneRef pane) {
  auto const id = pane.id.str();
  if (!tmux::is_pane_id(id)) co_return Error{ErrorKind::invalid, "no pane id: " + tmux::typeable(id)};
  std::vector<std::string> words = {"display-message", "-p", "-t", id, tmux::pane_process_format};
  auto asking = run(std::move(words), {}, answer_bytes);
  auto const result = co_await std::move(asking);
  if (!result) co_return result.error();
  if (result->status != 0) co_return failure(*result);
  auto const process = tmux::parse_pane_process(result->out, pane);
  if (!process) co_return Error{ErrorKind::not_found, "pane " + id + " is gone"};
  co_return static_cast<pid_t>(*process);
}

Async<std::vector<core::Screen>> Tmux::screens(std::string batch, std::string mark, std::vector<core::PaneRef> panes,
                                               bool by_control) {
  Reading reading;
  reading.batch = forget_stray_buffers() + std::move(batch);
  reading.mark = mark;
  reading.bytes = answer_bytes + panes.size() * tmux::max_pane_bytes;
  reading.by_control = by_control;
  auto captures = read(std::move(reading));
  auto const printed = co_await std::move(captures);
  if (!printed) co_return printed.error();
  co_return tmux::parse_screens(*printed, mark, panes);
}

Async<std::vector<core::Screen>> Tmux::look(core::effect::CapturePanes wanted) {
  auto mark = new_mark();
  auto batch = tmux::capture_batch(wanted, mark);
  auto captures = screens(std::move(batch), std::move(mark), std::move(wanted.panes), true);
  auto captured = co_await std::move(captures);
  if (!captured) co_return captured.error();
  for (auto& screen : *captured)
    if (auto const tail = wanted.tails.find(screen.pane); tail != wanted.tails.end()) screen.first_row = tail->second;
  co_return captured;
}

Async<std::vector<core::Screen>> Tmux::capture(std::vector<core::PaneRef> panes) {
  core::effect::CapturePanes whole;
  whole.panes = std::move(panes);
  auto captures = look(std::move(whole));
  co_return co_await std::move(captures);
}

Async<core::Screen> Tmux::capture_colours(core::PaneRef pane) {
  auto mark = new_mark();
  auto batch = tmux::colours_batch(pane, mark);
  std::vector<core::PaneRef> panes = {pane};
  auto captures = screens(std::move(batch), std::move(mark), std::move(panes), false);
  auto captured = co_await std::move(captures);
  if (!captured) co_return captured.error();
  if (captured->empty()) co_return Error{ErrorKind::not_found, "pane " + pane.id.str() + " is gone"};
  co_return std::move(captured->front());
}

Async<void> Tmux::act(core::PaneRef pane, Step step) {
  auto const id = pane.id.str();
  if (!tmux::is_pane_id(id)) co_return Error{ErrorKind::invalid, "no pane id: " + tmux::typeable(id)};
  auto const mark = new_mark();
  auto const identity = std::string(tmux::pane_ref_format);
  auto const state = identity + " " + takes_keys;
  auto const meant =
      "#{==:" + (step.types ? state : identity) + "," + tmux::printed(pane) + (step.types ? " 0/0/0/0" : "") + "}";
  auto const condition = step.ours_only ? "#{&&:" + meant + "," + marked_as_ours + "}" : meant;
  auto const report = "display-message -p -t " + id + " '" + mark;
  auto const otherwise = step.otherwise.empty() ? report : step.otherwise + " ; " + report;
  auto batch = forget_stray_buffers() + "if-shell -F -t " + id + " '" + condition + "' { " + step.action + " ; " +
               report + " done' } { " + otherwise + " not " + state + "' }\n";
  std::vector<std::string> words = {"source-file", "-"};
  auto doing = run(std::move(words), std::move(batch), answer_bytes);
  auto const result = co_await std::move(doing);
  if (!result) co_return result.error();
  if (result->out.find(mark + " done\n") != std::string::npos) co_return core::Result<void>{};
  auto const refusal = mark + " not ";
  auto const at = result->out.find(refusal);
  if (at == std::string::npos) co_return failure(*result);
  std::string_view const rest = std::string_view(result->out).substr(at + refusal.size());
  if (step.ours_only && rest.starts_with(tmux::printed(pane) + " ")) {
    co_return Error{ErrorKind::refused, "pane " + id + " stands in a session that is not ours; it is left there"};
  }
  co_return why_not(pane, rest.substr(0, rest.find('\n')));
}

Async<void> Tmux::end_pane(core::PaneRef pane) {
  Step step{"kill-pane -t " + pane.id.str(), {}, false, true};
  auto ending = act(std::move(pane), std::move(step));
  co_return co_await std::move(ending);
}

Async<void> Tmux::press(core::PaneRef pane, std::string key) {
  Step step{"send-keys -t " + pane.id.str() + " " + key, {}, true};
  auto pressing = act(std::move(pane), std::move(step));
  co_return co_await std::move(pressing);
}

Async<void> Tmux::press_escape(core::PaneRef pane) {
  auto pressing = press(std::move(pane), "Escape");
  co_return co_await std::move(pressing);
}

Async<void> Tmux::press_enter(core::PaneRef pane) {
  auto pressing = press(std::move(pane), "Enter");
  co_return co_await std::move(pressing);
}

Async<void> Tmux::paste(core::PaneRef pane, std::string text) {
  auto clean = tmux::typeable(text);
  if (clean.empty()) co_return Error{ErrorKind::invalid, "nothing to paste but control characters"};
  auto const buffer = "cf" + random_hex(8);
  std::vector<std::string> words = {"load-buffer", "-b", buffer, "-"};
  auto loading = run(std::move(words), std::move(clean), answer_bytes);
  auto const loaded = co_await std::move(loading);
  if (!loaded) {
    stray_buffers_.push_back(buffer);
    co_return loaded.error();
  }
  if (loaded->status != 0) co_return failure(*loaded);

  Step step{"paste-buffer -p -d -b " + buffer + " -t " + pane.id.str(), "delete-buffer -b " + buffer, true};
  auto pasting = act(std::move(pane), std::move(step));
  auto const pasted = co_await std::move(pasting);
  if (!pasted) stray_buffers_.push_back(buffer);
  co_return pasted;
}

Async<void> Tmux::restart(core::effect::RestartAgent agent) {
  if (agent.argv.empty()) co_return Error{ErrorKind::invalid, "no command to run in " + agent.session.str()};
  auto const there = checked_workdir(agent.workdir);
  if (!there) co_return there.error();
  auto const id = agent.pane.id.str();
  auto respawn = "respawn-pane -k -t " + id + " -c " + tmux::quoted(tmux::unexpanded(agent.workdir));
  for (auto const& [name, value] : agent.environment) respawn += " -e " + tmux::quoted(name + "=" + value);
  respawn += " --";
  for (auto const& word : executed_as_it_is(agent.argv)) respawn += " " + tmux::quoted(word);
  Step step{"set-option -p -t " + id + " remain-on-exit on ; " + respawn, {}, false};
  auto restarting = act(agent.pane, std::move(step));
  co_return co_await std::move(restarting);
}

Async<core::PaneRef> Tmux::new_session(core::effect::StartSession session) {
  auto const target = "=" + session.session.str() + ":";
  std::vector<std::string> words = {"new-session",
                                    "-d",
                                    "-P",
                                    "-F",
                                    tmux::pane_ref_format,
                                    "-s",
                                    session.session.str(),
                                    "-c",
                                    tmux::argument(tmux::unexpanded(session.workdir)),
                                    "-x",
                                    std::to_string(std::max<std::int64_t>(session.columns, 80)),
                                    "-y",
                                    std::to_string(std::max<std::int64_t>(session.rows, 24))};
  for (auto const& [name, value] : session.environment) {
    words.insert(words.end(), {"-e", tmux::argument(name + "=" + value)});
  }
  words.push_back("--");
  for (auto& word : executed_as_it_is(session.argv)) words.push_back(tmux::argument(std::move(word)));
  words.insert(words.end(), {";", "set-option", "-t", target, "@cf_owner", "claude-failover"});
  words.insert(words.end(), {";", "set-option", "-w", "-t", target, "remain-on-exit", "on"});
  words.insert(words.end(), {";", "set-option", "-w", "-t", target, "window-size", "manual"});
  auto starting = run(std::move(words), {}, answer_bytes);
  auto const result = co_await std::move(starting);
  if (!result) co_return result.error();
  if (result->status != 0) co_return failure(*result);
  auto const pane = tmux::parse_pane_ref(std::string_view(result->out).substr(0, result->out.find('\n')));
  if (!pane) co_return Error{ErrorKind::io, "tmux did not say which pane it made for " + session.session.str()};
  co_return *pane;
}

Async<core::PaneRef> Tmux::start_session(core::effect::StartSession session) {
  if (!usable_name(session.session.str()) || session.argv.empty()) {
    co_return Error{ErrorKind::invalid, "session names are letters, digits, _ and -, at most 64, and need a command: " +
                                            tmux::typeable(session.session.str())};
  }
  auto const there = checked_workdir(session.workdir);
  if (!there) co_return there.error();
  if (config_.start_server) {
    // tmux makes the directory of its default socket only when it is not told where the socket is
    (void)::mkdir(std::filesystem::path(config_.socket).parent_path().c_str(), 0700);
  }
  constexpr int tries = 3;  // a server that is just ending refuses a new client: "server exited unexpectedly"
  for (int left = tries - 1;; --left) {
    auto starting = new_session(session);
    auto const pane = co_await std::move(starting);
    bool const ending = !pane && pane.error().kind == ErrorKind::unavailable &&
                        pane.error().detail.find("server exited") != std::string::npos;
    if (!ending || left == 0) co_return pane;
    asio::steady_timer pause(executor_, std::chrono::milliseconds{200});
    co_await pause.async_wait(asio::use_awaitable);
  }
}

}  // namespace failover::adapters
