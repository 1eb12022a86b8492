#include "daemon/cli/command_line.hpp"

#include "adapters/paths.hpp"
#include "adapters/yaml_config.hpp"
#include "daemon/cli/adopt.hpp"
#include "daemon/cli/check_config.hpp"
#include "daemon/cli/classify.hpp"
#include "daemon/cli/demo.hpp"
#include "daemon/cli/doctor.hpp"
#include "daemon/cli/explain.hpp"
#include "daemon/cli/hook.hpp"
#include "daemon/cli/install_hooks.hpp"
#include "daemon/cli/operate.hpp"
#include "daemon/cli/print.hpp"
#include "daemon/cli/queue.hpp"
#include "daemon/cli/queue_add.hpp"
#include "daemon/cli/queue_list.hpp"
#include "daemon/cli/replay.hpp"
#include "daemon/cli/share_history.hpp"
#include "daemon/cli/status.hpp"
#include "daemon/cli/test_notify.hpp"
#include "daemon/daemon.hpp"
#include "daemon/exit_code.hpp"
#include "daemon/version.hpp"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/version.hpp>

#include <unistd.h>

namespace failover::daemon {
namespace {

struct Options {
  std::string config = {};
  bool json = false;
  bool no_color = false;
  bool dry_run = false;
  bool watch = false;
  bool keep = false;
  std::string channel = {};
  ClassifyOptions classify = {};
  ExplainOptions explain = {};
  ReplayOptions replay = {};
  HookOptions hook = {};
  SwapOptions swap = {};
  QueueAddOptions queue_add = {};
  QueueOrderOptions queue_order = {};
  std::string session = {};
  std::string reason = {};
  std::string account = {};
  bool all = false;
  bool remove = false;
  bool chain_status_line = false;
  bool yes = false;
  bool undo = false;
  std::string directory = {};
};

int code(ExitCode exit_code) {
  return static_cast<int>(exit_code);
}

std::string config_path(Options const& options) {
  return options.config.empty() ? adapters::default_config_path() : options.config;
}

bool colour(Options const& options) {
  char const* terminal = std::getenv("TERM");
  bool const dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  return !options.no_color && std::getenv("NO_COLOR") == nullptr && !dumb && ::isatty(STDOUT_FILENO) == 1;
}

/// The configuration for a command that needs one; on a fault it is complained about and nothing is returned.
std::optional<core::Config> configuration(Options const& options, int& exit_code) {
  auto loaded = adapters::load_config_file(config_path(options), adapters::path_context_from_environment());
  if (!loaded) {
    std::fprintf(stderr, "claude-failover: %s\n", loaded.error().detail.c_str());
    exit_code = code(ExitCode::configuration);
    return std::nullopt;
  }
  for (auto const& problem : loaded->problems) std::fprintf(stderr, "%s\n", adapters::to_line(problem).c_str());
  if (loaded->problems.empty()) return std::move(loaded->config);
  exit_code = code(ExitCode::configuration);
  return std::nullopt;
}

int status(Options const& options, std::string part) {
  int exit_code = 0;
  auto const config = configuration(options, exit_code);
  if (!config) return exit_code;
  StatusOptions asked;
  asked.socket_path = config->state.runtime + "/control.sock";
  asked.state_file = config->state.dir + "/state.json";
  asked.accounts = config->accounts;
  asked.json = options.json;
  asked.watch = options.watch;
  asked.color = colour(options);
  asked.part = std::move(part);
  return run_status(asked);
}

int explain(Options const& options) {
  int exit_code = 0;
  auto const config = configuration(options, exit_code);
  return config ? run_explain(*config, options.explain) : exit_code;
}

int test_notify(Options const& options) {
  int exit_code = 0;
  auto const config = configuration(options, exit_code);
  return config ? run_test_notify(config->notifications, options.channel) : exit_code;
}

int install_hooks(Options const& options) {
  int exit_code = 0;
  auto const config = configuration(options, exit_code);
  if (!config) return exit_code;
  InstallHooksOptions asked;
  if (options.remove) asked.action = HookAction::remove;
  if (options.chain_status_line) asked.theirs = adapters::TheirStatusLine::chain;
  if (options.json) asked.format = ReportFormat::json;
  asked.dry_run = options.dry_run;
  return run_install_hooks(*config, options.account, asked);
}

int adopt(Options const& options) {
  int exit_code = 0;
  auto const config = configuration(options, exit_code);
  if (!config) return exit_code;
  AdoptOptions asked;
  asked.account = options.account;
  if (options.undo) asked.direction = adapters::AdoptDirection::undo;
  asked.dry_run = options.dry_run;
  if (options.json) asked.format = ReportFormat::json;
  asked.ask = consent_of(options.yes);
  return run_adopt(*config, asked);
}

int share_history(Options const& options) {
  int exit_code = 0;
  auto const config = configuration(options, exit_code);
  if (!config) return exit_code;
  auto const context = adapters::path_context_from_environment();
  auto const directory = adapters::resolve_path(options.directory, context.working_dir, context.home);
  if (!directory) {
    std::fprintf(stderr, "claude-failover: --dir: %s\n", directory.error().detail.c_str());
    return code(ExitCode::usage);
  }
  ShareHistoryOptions asked;
  asked.directory = *directory;
  if (options.undo) asked.direction = adapters::HistoryDirection::separate;
  asked.dry_run = options.dry_run;
  if (options.json) asked.format = ReportFormat::json;
  asked.ask = consent_of(options.yes);
  return run_share_history(*config, asked);
}

int print_version(bool json) {
  if (json) {
    boost::json::value const facts{{"version", version()}, {"boost", BOOST_LIB_VERSION}};
    std::printf("%s\n", boost::json::serialize(facts).c_str());
  } else {
    std::printf("claude-failover %s\n", version().c_str());
  }
  return 0;
}

void add_config(CLI::App& command, Options& options) {
  command.add_option("-c,--config", options.config,
                     "configuration file (default: " + adapters::default_config_path() + ")");
}

CLI::App* add_status(CLI::App& app, Options& options, std::function<int()>& chosen, char const* name, char const* part,
                     char const* sentence) {
  auto* command = app.add_subcommand(name, sentence);
  add_config(*command, options);
  command->add_flag("--json", options.json, "print the daemon's JSON");
  command->add_flag("--watch", options.watch, "draw again each second");
  command->add_flag("--no-color", options.no_color, "no colours");
  command->callback([&options, &chosen, part, command] {
    if (!command->get_subcommands().empty()) return;  // that one was chosen, and this is called after it
    chosen = [&options, part] { return status(options, part); };
  });
  return command;
}

/// What commands have in common that change files while no daemon runs.
void add_offline(CLI::App& command, Options& options) {
  add_config(command, options);
  command.add_flag("--dry-run", options.dry_run, "show what would be done; change nothing");
  command.add_flag("-y,--yes", options.yes, "do it without asking");
  command.add_flag("--undo", options.undo, "the way back");
  command.add_flag("--json", options.json, "print the outcome as JSON");
}

void add_adopt(CLI::App& app, Options& options, std::function<int()>& chosen) {
  auto* command = app.add_subcommand("adopt", "Move the real directory at the switch link into an account");
  add_offline(*command, options);
  command->add_option("--account", options.account, "into this one (default: the first without a directory)");
  command->callback([&] { chosen = [&] { return adopt(options); }; });
}

void add_share_history(CLI::App& accounts, Options& options, std::function<int()>& chosen) {
  auto* command = accounts.add_subcommand("share-history", "One history of conversations for all accounts");
  add_offline(*command, options);
  command->add_option("--dir", options.directory, "the shared directory (default: history/projects in state.dir)");
  command->callback([&] { chosen = [&] { return share_history(options); }; });
}

void add_classify(CLI::App& app, Options& options, std::function<int()>& chosen) {
  auto* command = app.add_subcommand("classify", "Tell what captured screen text shows, offline");
  auto& classify = options.classify;
  command->add_option("--agent", classify.agent, "pattern table: claude-code, codex, gemini, opencode");
  command->add_option("--now", classify.now, "the instant the text was seen, RFC 3339 (default: now)");
  command->add_option("--tz", classify.tz, "zone of times that name none (default: this machine's)");
  command->add_option("--patterns", classify.patterns, "a file with the pattern table to use for the agent");
  command->add_flag("--jsonl", classify.jsonl, "one JSON object a line in, one a line out");
  command->add_option("FILE", classify.file, "captured text; - or nothing: standard input");
  command->callback([&] { chosen = [&] { return run_classify(classify); }; });
}

/// A command that needs the configuration and one more word.
void add_operation(CLI::App& app, Options& options, std::function<int()>& chosen, char const* name,
                   char const* sentence, std::function<int(core::Config const&)> run,
                   std::function<void(CLI::App&)> const& add) {
  auto* command = app.add_subcommand(name, sentence);
  add_config(*command, options);
  add(*command);
  command->callback([&options, &chosen, run = std::move(run)] {
    chosen = [&options, run] {
      int exit_code = 0;
      auto const config = configuration(options, exit_code);
      return config ? run(*config) : exit_code;
    };
  });
}

void add_operator_commands(CLI::App& app, Options& options, std::function<int()>& chosen) {
  add_operation(
      app, options, chosen, "swap", "Switch to another account now",
      [&](auto const& config) { return run_swap(config, options.swap); },
      [&](CLI::App& command) {
        command.add_option("ACCOUNT", options.swap.to, "which (default: the best by switch.strategy)");
        command.add_flag("--yes", options.swap.yes, "do not ask first");
        command.add_flag("--dry-run", options.swap.dry_run, "show where it would go; change nothing");
        command.add_flag("--json", options.swap.json, "print the swap as JSON");
      });
  auto* account = app.add_subcommand("account", "Take an account out of use, or back");
  account->require_subcommand(1);
  for (bool const enable : {false, true})
    add_operation(
        *account, options, chosen, enable ? "enable" : "disable",
        enable ? "It counts as available again, whatever was reported of it"
               : "Leave it between two turns, and use it no more",
        [&options, enable](auto const& config) { return run_account(config, options.account, enable); },
        [&](CLI::App& command) { command.add_option("NAME", options.account)->required(); });
  auto* brake = app.add_subcommand("brake", "Watch everything and change nothing, until it is off again");
  brake->require_subcommand(1);
  for (bool const on : {true, false})
    add_operation(
        *brake, options, chosen, on ? "on" : "off", on ? "Stop all switching, typing and starting" : "Go on",
        [&options, on](auto const& config) { return run_brake(config, on, options.reason); },
        [&](CLI::App& command) {
          if (on) command.add_option("--reason", options.reason, "what status shows");
        });
  for (bool const hold : {true, false})
    add_operation(
        app, options, chosen, hold ? "hold" : "release",
        hold ? "Leave a session alone: no key, no task, no start" : "Let a held session go on",
        [&options, hold](auto const& config) { return run_session(config, options.session, hold); },
        [&](CLI::App& command) { command.add_option("SESSION", options.session)->required(); });
}

void add_queue_orders(CLI::App& queue, Options& options, std::function<int()>& chosen) {
  using core::TaskOrder;
  for (auto const& [order, sentence] :
       {std::pair{TaskOrder::retry, "Let a task that is held or has failed run again, its attempts forgotten"},
        std::pair{TaskOrder::hold, "Keep a pending task from being given to a session"},
        std::pair{TaskOrder::release, "Let a held task go on"},
        std::pair{TaskOrder::cancel, "End a task without result; the turn that works on it is interrupted"},
        std::pair{TaskOrder::done, "Say that a task is done: what its agent calls, or a hook"},
        std::pair{TaskOrder::fail, "Say that a task cannot be done: what its agent calls, or a hook"}})
    add_operation(
        queue, options, chosen, std::string{to_string(order)}.c_str(), sentence,
        [&options, order = order](auto const& config) {
          options.queue_order.order = order;
          return print(queue_order(config, options.queue_order));
        },
        [&options, order = order](CLI::App& command) {
          command.add_option("ID", options.queue_order.id, "the task's, as `queue list` shows it")->required();
          bool const has_result = order != TaskOrder::retry && order != TaskOrder::release;
          if (has_result) command.add_option("--reason", options.queue_order.reason, "what its result says");
        });
}

void add_queue_commands(CLI::App& app, Options& options, std::function<int()>& chosen) {
  auto* queue = app.add_subcommand("queue", "Add, list and direct tasks");
  queue->require_subcommand(1);
  add_operation(
      *queue, options, chosen, "add", "Check task files and put them into the queue, all or none",
      [&options](auto const& config) { return print(queue_add(config, options.queue_add)); },
      [&](CLI::App& command) {
        command.add_option("FILE", options.queue_add.files, "*.md, *.txt or *.yaml; - is standard input")->required();
        command.add_option("--session", options.queue_add.session, "only this session may take them");
        command.add_option("--priority", options.queue_add.priority,
                           "higher first (default: as the files say, else 0)");
      });
  add_operation(
      *queue, options, chosen, "list", "Show the tasks, and what each waits for",
      [&options](auto const& config) {
        auto const format = options.json ? ReportFormat::json : ReportFormat::text;
        return print(queue_list(config, {format, colour(options)}));
      },
      [&](CLI::App& command) {
        command.add_flag("--json", options.json, "as JSON");
        command.add_flag("--no-color", options.no_color, "no colours");
      });
  add_queue_orders(*queue, options, chosen);
}

void add_replay(CLI::App& app, ReplayOptions& options, std::function<int()>& chosen) {
  auto* command = app.add_subcommand("replay", "Take the daemon's decisions again from its journal, and compare");
  command->add_option("JOURNAL", options.path, "the file, <state.dir>/events.jsonl or a copy of it")->required();
  command->add_flag("--json", options.json, "one JSON object a line");
  command->add_flag("--quiet", options.quiet, "print only what differs");
  command->callback([&] { chosen = [&] { return run_replay(options); }; });
}

/// For --help alone: run_command_line() runs these two before anything is parsed.
void add_hook_commands(CLI::App& app, HookOptions& options) {
  for (auto const& [name, sentence] :
       {std::pair{"hook", "Hand an agent's hook call to the daemon; stands in the agent's settings"},
        std::pair{"statusline", "Hand an agent's status line to the daemon; stands in the agent's settings"}}) {
    auto* command = app.add_subcommand(name, sentence);
    command->add_option("--socket", options.socket, "the daemon's socket (default: as configured)");
    command->add_option("--spool", options.spool, "where it waits while the daemon is down (default: as configured)");
    if (std::string_view{name} == "statusline")
      command->add_option("--chain", options.chain,
                          "the user's own status line: what it prints is what the agent gets");
  }
}

void add_install_hooks(CLI::App& app, Options& options, std::function<int()>& chosen) {
  auto* command = app.add_subcommand("install-hooks", "Let the agents of your accounts report to the daemon");
  add_config(*command, options);
  auto* account = command->add_option("--account", options.account, "of this account only (default: of all)");
  command->add_flag("--all", options.all, "of all accounts")->excludes(account);
  auto* remove = command->add_flag("--remove", options.remove, "take our entries out again");
  command->add_flag("--chain-statusline", options.chain_status_line, "where you have a status line, run it inside ours")
      ->excludes(remove);
  command->add_flag("--dry-run", options.dry_run, "show what would change; change nothing");
  command->add_flag("--json", options.json, "print the outcome as JSON");
  command->callback([&] { chosen = [&] { return install_hooks(options); }; });
}

}  // namespace

int run_command_line(int argc, char const* const* argv) {
  if (auto const exit_code = run_hook_command(argc, argv)) return *exit_code;
  Options options;
  std::function<int()> chosen;
  CLI::App app{
      "Keeps a fleet of coding agents in tmux at work: moves to another account when one is spent, and brings\n"
      "every stopped session back into its own conversation.",
      "claude-failover"};
  app.require_subcommand(0, 1);
  bool wants_version = false;
  app.add_flag("--version", wants_version, "print the version");

  auto* run = app.add_subcommand("run", "Run the daemon in the foreground");
  add_config(*run, options);
  run->add_flag("--dry-run", options.dry_run, "watch, decide and log; change nothing");
  run->callback([&] { chosen = [&] { return code(run_daemon({config_path(options), options.dry_run})); }; });

  auto* demo = app.add_subcommand("demo", "Show a fail-over with a toy agent; needs tmux, no account");
  demo->add_flag("--keep", options.keep, "leave the temporary folder behind, to look at");
  demo->add_flag("--no-color", options.no_color, "no colours");
  demo->callback([&] { chosen = [&] { return code(run_demo({options.keep, colour(options)})); }; });

  add_status(app, options, chosen, "status", "", "Show accounts, sessions, queue and the last swap");
  auto* accounts = add_status(app, options, chosen, "accounts", "accounts", "Show the accounts");
  add_share_history(*accounts, options, chosen);
  add_status(app, options, chosen, "sessions", "sessions", "Show the sessions");
  add_classify(app, options, chosen);
  add_install_hooks(app, options, chosen);
  add_adopt(app, options, chosen);

  auto* why = app.add_subcommand("explain", "Tell which observations led to which verdict, and why");
  add_config(*why, options);
  auto* one_session = why->add_option("--session", options.explain.session, "this session alone");
  why->add_option("--swap", options.explain.swap, "this swap alone, by its number")->excludes(one_session);
  why->add_flag("--json", options.explain.json, "as JSON");
  why->callback([&] { chosen = [&] { return explain(options); }; });
  add_operator_commands(app, options, chosen);
  add_queue_commands(app, options, chosen);
  add_replay(app, options.replay, chosen);
  add_hook_commands(app, options.hook);

  auto* check = app.add_subcommand("check-config", "Check a configuration file, every mistake at once");
  check->add_option("FILE", options.config, "configuration file (default: " + adapters::default_config_path() + ")");
  check->add_flag("--json", options.json, "print the mistakes as JSON");
  check->callback([&] { chosen = [&] { return run_check_config(options.config, options.json); }; });

  auto* doctor = app.add_subcommand("doctor", "Examine what the daemon needs, a line a check with the cure");
  add_config(*doctor, options);
  doctor->add_flag("--json", options.json, "print the checks as JSON");
  doctor->callback([&] { chosen = [&] { return run_doctor(config_path(options), options.json); }; });

  auto* notify = app.add_subcommand("test-notify", "Send a test message over the configured channels");
  add_config(*notify, options);
  notify->add_option("CHANNEL", options.channel, "telegram, resend or command (default: all configured)");
  notify->callback([&] { chosen = [&] { return test_notify(options); }; });

  auto* shown_version = app.add_subcommand("version", "Print the version");
  shown_version->add_flag("--json", options.json, "as JSON, with the libraries' versions");
  shown_version->callback([&] { chosen = [&] { return print_version(options.json); }; });

  try {
    app.parse(argc, argv);
  } catch (CLI::ParseError const& error) {
    bool const asked_for_help = error.get_exit_code() == 0;
    app.exit(error);
    return asked_for_help ? 0 : code(ExitCode::usage);
  }
  if (wants_version) return print_version(false);
  if (chosen) return chosen();
  std::fprintf(stderr, "%s", app.help().c_str());
  return code(ExitCode::usage);
}

}  // namespace failover::daemon
