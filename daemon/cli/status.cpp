#include "daemon/cli/status.hpp"

#include "adapters/clock.hpp"
#include "adapters/control_client.hpp"
#include "adapters/paths.hpp"
#include "adapters/state_file.hpp"
#include "adapters/status_views.hpp"
#include "core/status.hpp"
#include "daemon/cli/status_text.hpp"
#include "daemon/exit_code.hpp"
#include "daemon/version.hpp"

#include <chrono>
#include <cstdio>
#include <thread>

namespace failover::daemon {
namespace {

using core::Error;
using core::ErrorKind;
using core::Result;

constexpr core::Duration answer_time = std::chrono::seconds{5};
constexpr core::Duration redraw_interval = std::chrono::seconds{1};

void print(std::FILE* stream, std::string const& text) {
  (void)std::fwrite(text.data(), 1, text.size(), stream);  // a closed pipe leaves nobody to tell
  (void)std::fflush(stream);
}

void complain(std::string const& line) {
  print(stderr, "claude-failover: " + line + "\n");
}

/// The JSON of /status from the running daemon.
Result<std::string> ask_daemon(StatusOptions const& options) {
  auto reply = adapters::control_get(options.socket_path, "/status?format=json", "application/json", answer_time);
  if (!reply) return reply.error();
  if (reply->status != 200)
    return Error{ErrorKind::invalid, "the daemon answered " + std::to_string(reply->status) + " on /status"};
  return std::move(reply->body);
}

/// The same from what the daemon saved last; what only looking tells is unknown.
Result<std::string> saved_status(StatusOptions const& options) {
  auto const now = adapters::read_clock();
  auto const state = adapters::peek_state(adapters::parent_of(options.state_file), now);
  if (!state) return state.error();
  core::Config config;
  config.accounts = options.accounts;
  core::BuildInfo build;
  build.version = version();
  build.started = now;
  return adapters::to_json(core::report(config, *state, now, build));
}

bool is_down(Error const& error) {
  return error.kind == ErrorKind::unavailable || error.kind == ErrorKind::timed_out;
}

/// From the daemon, else from the state file with a word about it.
Result<std::string> any_status(StatusOptions const& options) {
  auto asked = ask_daemon(options);
  if (asked || !is_down(asked.error())) return asked;
  complain(asked.error().detail);
  if (options.state_file.empty()) return asked;
  auto saved = saved_status(options);
  if (!saved && saved.error().kind == ErrorKind::not_found) return asked;
  if (saved) complain("showing what was saved last in " + options.state_file);
  return saved;
}

Result<std::string> rendered(std::string const& status, StatusOptions const& options) {
  if (!options.json) return status_text(status, {options.part, options.color});
  auto json = options.part.empty() ? Result<std::string>{status} : status_part(status, options.part);
  if (!json) return json.error();
  return *json + "\n";
}

int show_once(StatusOptions const& options) {
  auto const status = any_status(options);
  // A daemon that is down has been reported already.
  if (!status && !is_down(status.error())) complain(status.error().detail);
  if (!status) return static_cast<int>(exit_code_of(status.error().kind));
  auto const output = rendered(*status, options);
  if (!output) {
    complain(output.error().detail);
    return static_cast<int>(ExitCode::failed);
  }
  print(stdout, *output);
  return static_cast<int>(ExitCode::ok);
}

/// Home, and each line cleared as it is overwritten: clearing the whole screen first would flicker.
std::string redrawn(std::string const& text) {
  std::string screen = "\x1b[H";
  for (auto const character : text) screen += character == '\n' ? std::string{"\x1b[K\n"} : std::string{character};
  return screen + "\x1b[J";
}

[[noreturn]] void watch(StatusOptions const& options) {
  for (;;) {
    auto const status = ask_daemon(options);
    auto const output = status ? rendered(*status, options) : Result<std::string>{status.error()};
    auto const text = output ? *output : "claude-failover: " + output.error().detail + "\n";
    if (options.json)
      print(output ? stdout : stderr, text);
    else
      print(stdout, redrawn(text));
    std::this_thread::sleep_for(redraw_interval);
  }
}

}  // namespace

int run_status(StatusOptions const& options) {
  if (options.watch) watch(options);
  return show_once(options);
}

}  // namespace failover::daemon
