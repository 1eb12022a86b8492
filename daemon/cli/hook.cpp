#include "daemon/cli/hook.hpp"

#include "adapters/agent_input.hpp"
#include "adapters/clock.hpp"
#include "adapters/control_post.hpp"
#include "adapters/hook_envelope.hpp"
#include "adapters/hook_intake.hpp"
#include "adapters/paths.hpp"
#include "adapters/spool.hpp"
#include "adapters/yaml_config.hpp"

#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>

namespace failover::daemon {
namespace {

constexpr core::Duration input_time = std::chrono::seconds{1};
constexpr core::Duration answer_time = std::chrono::milliseconds{15};

std::string variable(char const* name) {
  auto const* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Where the daemon is, by the configuration or, when that is of no use, by default.
core::StateConfig configured_places() {
  auto const context = adapters::path_context_from_environment();
  auto const loaded = adapters::load_config_file(adapters::default_config_path(), context);
  auto places = loaded ? loaded->config.state : core::StateConfig{};
  if (places.dir.empty()) places.dir = context.state_dir;
  if (places.runtime.empty()) places.runtime = context.runtime_dir.empty() ? places.dir + "/run" : context.runtime_dir;
  return places;
}

void complete(HookOptions& options) {
  if (!options.socket.empty() && !options.spool.empty()) return;
  auto const places = configured_places();
  if (options.socket.empty()) options.socket = places.runtime + "/control.sock";
  if (options.spool.empty()) options.spool = places.dir + "/spool";
}

/// Whether there is no use in sending it again: taken, or found to be wrong.
bool settled(core::Result<unsigned> const& status) {
  return status && (*status / 100 == 2 || *status == 400 || *status == 413);
}

core::Result<std::string> envelope_of(std::string_view input, core::WallTime at) {
  return adapters::make_envelope(input, {at, variable("TMUX"), variable("TMUX_PANE"), variable("CLAUDE_CONFIG_DIR")});
}

void deliver(HookOptions options, std::string_view target, adapters::SpoolEntry const& entry) {
  complete(options);
  if (settled(adapters::control_post(options.socket, target, entry.envelope, answer_time))) return;
  (void)adapters::write_spool(options.spool, entry);  // there is nobody whom we may tell
}

void report_hook(HookOptions const& options) {
  auto const at = adapters::read_clock().wall;
  auto const input = adapters::read_agent_input(adapters::max_agent_input, input_time);
  if (!input) return;
  if (auto const envelope = envelope_of(*input, at)) deliver(options, "/hooks/claude", {at, *envelope, {}});
}

/// Status lines are drawn many times a minute: of one agent's only the newest is worth a place in the spool.
void report_usage(HookOptions const& options, std::string_view envelope, core::WallTime at) {
  auto const report = adapters::read_usage_report(envelope);
  if (report) deliver(options, "/statusline", {at, envelope, report->conversation.str()});
}

void print_usage(HookOptions const& options) {
  auto const at = adapters::read_clock().wall;
  auto const input = adapters::read_agent_input(adapters::max_agent_input, input_time);
  if (!input) return;
  auto const envelope = envelope_of(*input, at);
  if (!envelope) return;
  auto const line = usage_line(*envelope);
  if (!line.empty()) std::printf("%s\n", line.c_str());
  (void)std::fflush(stdout);
  report_usage(options, *envelope, at);
}

int become_own_status_line(HookOptions const& options) {
  auto const at = adapters::read_clock().wall;
  return adapters::become_command(options.chain, adapters::max_agent_input, [&](std::optional<std::string> input) {
    if (!input) return;
    if (auto const envelope = envelope_of(*input, at)) report_usage(options, *envelope, at);
  });
}

void run_quietly(HookOptions const& options, void (*command)(HookOptions const&)) {
  (void)std::signal(SIGPIPE, SIG_IGN);
  try {
    command(options);
  } catch (std::exception const&) {  // no memory, for one; the agent must not notice
  }
}

std::string percent(double used) {
  return std::to_string(std::lround(std::floor(used))) + "%";
}

}  // namespace

HookOptions hook_options(std::vector<std::string_view> const& arguments) {
  HookOptions options;
  auto const absolute = [](std::string_view path) { return std::string{path.starts_with('/') ? path : ""}; };
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    auto const argument = arguments[at];
    auto const next = at + 1 < arguments.size() ? arguments[at + 1] : std::string_view{};
    if (argument == "--chain") {
      options.chain.assign(arguments.begin() + static_cast<std::ptrdiff_t>(at) + 1, arguments.end());
      // What install-hooks found in the settings: a line for the shell.
      if (options.chain.size() == 1) options.chain = {"/bin/sh", "-c", options.chain.front()};
      break;
    }
    if (argument == "--help" || argument == "-h") options.help = true;
    if (argument == "--socket") options.socket = absolute(next);
    if (argument.starts_with("--socket=")) options.socket = absolute(argument.substr(9));
    if (argument == "--spool") options.spool = absolute(next);
    if (argument.starts_with("--spool=")) options.spool = absolute(argument.substr(8));
    if (argument == "--socket" || argument == "--spool") ++at;
  }
  return options;
}

std::optional<int> run_hook_command(int argc, char const* const* argv) {
  if (argc < 2) return std::nullopt;
  std::string_view const command = argv[1];
  if (command != "hook" && command != "statusline") return std::nullopt;
  auto const options = hook_options({argv + 2, argv + argc});
  if (options.help) return std::nullopt;
  if (command == "statusline" && !options.chain.empty()) return become_own_status_line(options);
  run_quietly(options, command == "hook" ? report_hook : print_usage);
  return 0;
}

std::string usage_line(std::string_view envelope) {
  auto const report = adapters::read_usage_report(envelope);
  if (!report) return {};
  std::string line;
  if (report->five_hour) line = "5h " + percent(report->five_hour->used_percent);
  if (report->weekly) line += (line.empty() ? "week " : " · week ") + percent(report->weekly->used_percent);
  return line;
}

}  // namespace failover::daemon
