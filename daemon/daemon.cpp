#include "daemon/daemon.hpp"

#include "adapters/clock.hpp"
#include "adapters/explain_endpoint.hpp"
#include "adapters/hook_endpoint.hpp"
#include "adapters/http_server.hpp"
#include "adapters/inotify.hpp"
#include "adapters/journal.hpp"
#include "adapters/lock_file.hpp"
#include "adapters/log.hpp"
#include "adapters/operator_endpoint.hpp"
#include "adapters/paths.hpp"
#include "adapters/pattern_file.hpp"
#include "adapters/resident_memory.hpp"
#include "adapters/routes.hpp"
#include "adapters/secret_file.hpp"
#include "adapters/spool.hpp"
#include "adapters/spool_directory.hpp"
#include "adapters/state_file.hpp"
#include "adapters/status_endpoint.hpp"
#include "adapters/systemd.hpp"
#include "adapters/task_group.hpp"
#include "adapters/transcript_tail.hpp"
#include "adapters/yaml_config.hpp"
#include "core/config_keys.hpp"
#include "core/task_orders.hpp"
#include "daemon/detector.hpp"
#include "daemon/loop.hpp"
#include "daemon/performer.hpp"
#include "daemon/recorder.hpp"
#include "daemon/runner.hpp"
#include "daemon/startup.hpp"
#include "daemon/status_line.hpp"
#include "daemon/version.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace failover::daemon {
namespace {

namespace asio = boost::asio;
namespace event = core::event;
using core::LogLevel;

constexpr core::Duration stop_limit = std::chrono::seconds{8};
constexpr core::Duration stop_look = std::chrono::milliseconds{20};
constexpr core::Duration save_pause = std::chrono::seconds{1};
// The spool is read when something is put there; its directory cannot be watched everywhere.
constexpr core::Duration spool_interval = std::chrono::minutes{10};
/// What only the start needs has been needed by then.
constexpr core::Duration start_is_over = std::chrono::seconds{5};
constexpr core::Duration unwatched_spool_interval = std::chrono::seconds{15};

core::Result<adapters::SpoolReading> make_and_read_spool(std::string const& dir, core::WallTime now) {
  auto const made = adapters::make_spool(dir);
  if (!made) return made.error();
  return adapters::read_spool(dir, now);
}

void complain(std::string const& text) {
  std::fprintf(stderr, "claude-failover: %s\n", text.c_str());
}

/// A fault at the start, on its way to main.
struct Fault {
  ExitCode code;
  std::string text;
};

template <class T>
T must(core::Result<T> result, char const* what) {
  if (!result) throw Fault{exit_code_of(result.error().kind), std::string(what) + result.error().detail};
  return std::move(*result);
}

void must(core::Result<void> const& result, char const* what) {
  if (!result) throw Fault{exit_code_of(result.error().kind), std::string(what) + result.error().detail};
}

std::vector<std::string> lines_of(std::string const& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t const end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

void make_private_directory(std::string const& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error) std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
  if (error)
    throw Fault{error == std::errc::permission_denied || error == std::errc::read_only_file_system
                    ? ExitCode::permission
                    : ExitCode::cannot_create,
                "cannot make the directory " + path + ": " + error.message()};
}

/// Everything of a running daemon, built once and in this order.
class Daemon {
 public:
  Daemon(RunOptions options, core::Config config);

  ExitCode run();

 private:
  core::State starting_state();
  [[nodiscard]] core::AgentReader first_reader(std::string const& agent) const;
  std::unique_ptr<core::Engine> make_engine(core::Config config, core::AgentReader read) const;
  void listen();
  [[nodiscard]] adapters::OperatorDesk operator_desk();
  void hand_out(core::Effects effects);
  void after_turn();
  void save_soon();
  void write_log(core::effect::Log const& line);
  void say(LogLevel level, std::string message, std::vector<std::pair<std::string, std::string>> fields = {});
  void tell_of_journal(std::string const& trouble);
  void reload();
  void rewatch();
  asio::awaitable<void> take_spool();
  asio::awaitable<void> grow_lean();
  void tell_spooled(core::Result<adapters::SpoolReading> reading);
  asio::awaitable<void> take_signals();
  asio::awaitable<void> feed_watchdog(core::Duration interval);
  asio::awaitable<void> stop();

  RunOptions options_;
  adapters::Log log_;
  adapters::SystemdNotify systemd_;
  core::AgentReader read_agent_;
  adapters::UniqueFd lock_;
  core::BuildInfo build_ = {};
  asio::io_context io_{1};
  adapters::TaskGroup tasks_;
  adapters::TaskGroup servants_;  // watchdog, signals, inotify: what an orderly stop may just cancel
  adapters::WriterThread writer_;
  adapters::Journal journal_;
  Recorder recorder_;
  adapters::Tmux tmux_;
  adapters::QueueDirectory queue_;
  adapters::Notifier notifier_;
  adapters::DirectoryWatch watch_;
  adapters::DirectoryWatch spool_watch_;
  asio::steady_timer spool_timer_;
  adapters::TranscriptTail transcripts_;
  adapters::TerminalWatch terminals_;
  Loop loop_;
  Performer performer_;
  Runner runner_;
  adapters::ToldOnce told_once_;
  std::optional<adapters::HttpServer> http_ = {};
  asio::steady_timer save_timer_;
  std::uint64_t saved_version_ = 0;
  bool save_armed_ = false;
  bool ready_ = false;
  bool stopping_ = false;
  bool told_of_lost_watch_ = false;
  std::string last_status_ = {};
  std::string spool_trouble_ = {};
  bool spool_touched_ = false;  ///< since it was last read
};

Daemon::Daemon(RunOptions options, core::Config config)
    : options_(std::move(options)),
      log_(config.log),
      systemd_(adapters::SystemdNotify::from_environment()),
      read_agent_(first_reader(config.sessions.agent)),
      lock_((make_private_directory(config.state.dir), must(adapters::take_lock(config.state.dir), ""))),
      tasks_(io_.get_executor(),
             [this](auto const& name, auto const& what) {
               say(LogLevel::error, "a task failed", {{"task", name}, {"detail", what}});
             }),
      servants_(io_.get_executor(),
                [this](auto const& name, auto const& what) {
                  say(LogLevel::error, "a servant failed", {{"task", name}, {"detail", what}});
                }),
      writer_(io_.get_executor()),
      journal_(io_.get_executor(), writer_, config.state.dir + "/events.jsonl",
               [this](std::string const& trouble) { tell_of_journal(trouble); }),
      recorder_(journal_, {version(), options_.dry_run}),
      tmux_(io_.get_executor(), config.tmux, adapters::read_clock,
            [this](std::string const& trouble) {
              say(LogLevel::warning, "trouble with tmux", {{"detail", trouble}});
            }),
      queue_(config.dispatcher.queue, config.dispatcher),
      notifier_(io_.get_executor(), config.notifications),
      watch_(io_.get_executor(), [this] { loop_.post(event::QueueTouched{}); }),
      spool_watch_(io_.get_executor(),
                   [this] {
                     spool_touched_ = true;
                     spool_timer_.cancel();
                   }),
      spool_timer_(io_),
      transcripts_(
          io_.get_executor(), writer_,
          [this](std::vector<core::TranscriptRow> rows, bool all_read) {
            loop_.post(event::TranscriptGrew{std::move(rows), all_read});
          },
          [this](std::string const& trouble) {
            say(LogLevel::warning, "trouble with transcripts", {{"detail", trouble}});
          }),
      terminals_(
          io_.get_executor(),
          [this](adapters::TerminalHints hints) {
            loop_.post(event::TerminalsTouched{std::move(hints.written), std::move(hints.closed)});
          },
          [this](std::string const& trouble) {
            say(LogLevel::warning, "trouble with terminals", {{"detail", trouble}});
          }),
      loop_(io_.get_executor(), make_engine(config, read_agent_), core::State{},
            [this](core::Effects effects) { hand_out(std::move(effects)); }),
      performer_({io_.get_executor(), tmux_, writer_, queue_, notifier_, transcripts_, terminals_,
                  [this](std::string_view screen, core::WallTime now) { return read_agent_.screen(screen, now); },
                  [this]() -> core::Config const& { return loop_.engine().config(); }, [this] { rewatch(); },
                  [this] { return adapters::encode_state(loop_.state(), adapters::read_clock()); }, options_.dry_run,
                  [this](core::effect::Log const& line) { write_log(line); }}),
      runner_(
          tasks_, [this](core::Effect effect) { return performer_.perform(std::move(effect)); },
          [this](core::Event news) { loop_.post(std::move(news)); },
          [this](core::effect::Log const& line) { write_log(line); }),
      save_timer_(io_) {
  build_.version = version();
  build_.started = adapters::read_clock();
  build_.dry_run = options_.dry_run;
  loop_.begin_with(starting_state());
  recorder_.begin("start", loop_.engine(), loop_.state(), adapters::read_clock());
  loop_.show_steps_to([this](core::Event const& news, core::Effects const& effects, core::Now now) {
    recorder_.stepped(loop_.engine(), loop_.state(), {news, effects, now});
  });
  if (!options_.dry_run) must(queue_.prepare(), "dispatcher.queue: ");
  listen();
}

// A fault of the user's own file is one of the configuration, whatever kept it from being read.
core::AgentReader Daemon::first_reader(std::string const& agent) const {
  auto reader = make_agent_reader(agent, adapters::pattern_directory(options_.config_path));
  if (!reader) throw Fault{ExitCode::configuration, "sessions.agent: " + reader.error().detail};
  return std::move(*reader);
}

core::State Daemon::starting_state() {
  auto const& dir = loop_.engine().config().state.dir;
  auto loaded = must(adapters::load_state(dir, adapters::read_clock()), "");
  for (auto const& remark : loaded.remarks) say(LogLevel::warning, remark);
  loaded.state.live.entropy = adapters::random_word();
  saved_version_ = loaded.state.version;
  return std::move(loaded.state);
}

std::unique_ptr<core::Engine> Daemon::make_engine(core::Config config, core::AgentReader read) const {
  return std::make_unique<core::Engine>(std::move(config), recorder_.listening(std::move(read)),
                                        core::EngineOptions{options_.dry_run});
}

adapters::OperatorDesk Daemon::operator_desk() {
  adapters::OperatorDesk desk;
  desk.decide = [this](core::AccountName const& to) {
    return core::decide_for_operator(loop_.engine().config(), loop_.state(), to, adapters::read_clock(),
                                     options_.dry_run);
  };
  desk.fault = [this](core::Event const& asked) -> std::optional<core::Refused> {
    if (options_.dry_run) return core::Refused{"dry_run", "this daemon runs with --dry-run and changes nothing"};
    if (auto const* const account = std::get_if<event::AccountSwitched>(&asked))
      return core::fault_of(loop_.engine().config(), *account);
    if (auto const* const session = std::get_if<event::SessionSwitched>(&asked))
      return core::fault_of(loop_.state(), *session);
    if (auto const* const task = std::get_if<event::TaskAsked>(&asked)) return core::fault_of(loop_.state(), *task);
    return std::nullopt;
  };
  desk.next_swap_id = [this] { return loop_.state().next_swap_id; };
  desk.tell = [this](core::Event asked) { loop_.post(std::move(asked)); };
  return desk;
}

void Daemon::listen() {
  auto const& config = loop_.engine().config();
  adapters::HttpLimits limits;
  limits.on_trouble = [this](std::string const& line) { say(LogLevel::warning, line); };
  limits.allow_remote = config.http.allow_remote;
  if (!config.http.token_file.empty()) {
    auto const secret = must(adapters::read_secret(config.http.token_file), "http.token_file: ");
    limits.token = secret.reveal();
  }
  auto pages = adapters::status_handler(
      {[this] { return loop_.state().version; },
       [this] {
         build_.slow_turns = loop_.slow_turns();
         build_.tmux_reads = tmux_.transports();
         build_.terminals_watched = static_cast<std::int64_t>(terminals_.watched());
         return core::report(loop_.engine().config(), loop_.state(), adapters::read_clock(), build_);
       },
       [this] {
         return core::health(loop_.engine().config(), loop_.state(), adapters::read_clock(), loop_.last_turn());
       }});
  auto const tell = [this](core::Event news) { loop_.post(std::move(news)); };
  auto const explain = [this](core::ExplainWhat const& what) {
    return core::explain(loop_.engine().config(), loop_.state(), what, adapters::read_clock());
  };
  auto const operate = adapters::operator_handler(operator_desk(), limits.token);
  auto routes = adapters::routed({{"/hooks/claude", adapters::hook_handler(tell, told_once_)},
                                  {"/statusline", adapters::statusline_handler(tell, told_once_)},
                                  {"/explain", adapters::explain_handler(explain)},
                                  {"/swap", operate},
                                  {"/brake", operate},
                                  {"/accounts/", operate},
                                  {"/sessions/", operate},
                                  {"/queue/", operate}},
                                 std::move(pages));
  http_.emplace(io_.get_executor(), servants_, std::move(routes), std::move(limits));
  make_private_directory(config.state.runtime);
  must(http_->listen_unix(config.state.runtime + "/control.sock"), "control socket: ");
  if (config.http.listen.empty()) return;
  auto const port = must(http_->listen_tcp(config.http.listen), "http.listen: ");
  say(LogLevel::info, "listening", {{"http", config.http.listen}, {"port", std::to_string(port)}});
}

void Daemon::hand_out(core::Effects effects) {
  runner_.run(std::move(effects));
  after_turn();
}

void Daemon::after_turn() {
  auto const& state = loop_.state();
  if (state.version != saved_version_) save_soon();
  if (!ready_ && state.live.listed_at && state.live.accounts_known) {
    ready_ = true;
    systemd_.ready(status_line(state, adapters::read_clock()));
    say(LogLevel::info, "ready", {{"version", build_.version}, {"active", state.active.str()}});
  }
}

// At most one save a second for what is good to keep but need not be on disk before anything is done.
void Daemon::save_soon() {
  if (save_armed_ || stopping_) return;
  save_armed_ = true;
  save_timer_.expires_after(save_pause);
  save_timer_.async_wait([this](boost::system::error_code const& error) {
    save_armed_ = false;
    if (error || stopping_) return;
    saved_version_ = loop_.state().version;
    runner_.run({core::effect::SaveState{}});
  });
}

void Daemon::write_log(core::effect::Log const& line) {
  log_.write(line, adapters::read_clock().wall);
}

void Daemon::say(LogLevel level, std::string message, std::vector<std::pair<std::string, std::string>> fields) {
  write_log({level, std::move(message), std::move(fields)});
}

void Daemon::tell_of_journal(std::string const& trouble) {
  if (trouble.empty()) return say(LogLevel::info, "the journal is written again");
  say(LogLevel::warning, "the journal is not written; what happens now cannot be replayed", {{"detail", trouble}});
}

void Daemon::reload() {
  systemd_.reloading();
  auto loaded = adapters::load_config_file(options_.config_path, adapters::path_context_from_environment(),
                                           adapters::profiles_beside(options_.config_path));
  std::string problem;
  if (!loaded)
    problem = loaded.error().detail;
  else if (!loaded->problems.empty())
    problem = adapters::to_line(loaded->problems.front());
  auto reader = problem.empty() ? make_agent_reader(loaded->config.sessions.agent,
                                                    adapters::pattern_directory(options_.config_path))
                                : core::Result<core::AgentReader>(core::Error{});
  if (problem.empty() && !reader) {
    problem = "the pattern table of " + loaded->config.sessions.agent;
    for (auto const& fault : lines_of(reader.error().detail))
      say(LogLevel::error, "pattern table refused", {{"problem", fault}});
  }
  build_.reload_ok = problem.empty();
  if (problem.empty()) {
    auto const& running = loop_.engine().config();
    for (auto const key : core::keys_needing_restart(running, loaded->config))
      say(LogLevel::warning, "needs a restart to change", {{"key", std::string(key)}});
    loaded->config = core::reloaded_config(running, std::move(loaded->config));
    read_agent_ = *reader;
    notifier_.replace(loaded->config.notifications);
    log_.replace(loaded->config.log);
    build_.reloaded_at = adapters::read_clock();
    loop_.replace(make_engine(loaded->config, read_agent_));
    recorder_.begin("reload", loop_.engine(), loop_.state(), adapters::read_clock());
    loop_.post(event::Reloaded{});
    say(LogLevel::info, "configuration reloaded");
  } else {
    say(LogLevel::error, "configuration not reloaded, keeping the old one", {{"problem", problem}});
  }
  systemd_.ready(status_line(loop_.state(), adapters::read_clock()));
}

// A watch follows its directory, not the path: one that was lost is put back before the scan that looks for itself.
void Daemon::rewatch() {
  if (!watch_.lost()) return;
  auto const watched = watch_.rewatch();
  if (!watched && !told_of_lost_watch_)
    say(LogLevel::warning, "the queue is not watched, only scanned", {{"detail", watched.error().detail}});
  told_of_lost_watch_ = !watched;
}

/// What agents told while nobody listened. A dry run leaves it to the daemon that acts on it.
asio::awaitable<void> Daemon::take_spool() {
  auto const dir = loop_.engine().config().state.dir + "/spool";
  (void)spool_watch_.watch(dir);  // a failure only means that it is read more often
  for (;;) {
    spool_touched_ = false;
    std::function<core::Result<adapters::SpoolReading>()> job = [dir, now = adapters::read_clock().wall] {
      return make_and_read_spool(dir, now);
    };
    auto reading = co_await writer_.run<adapters::SpoolReading>(std::move(job));
    tell_spooled(std::move(reading));
    if (spool_watch_.lost() && spool_watch_.rewatch()) continue;  // for what came meanwhile
    if (spool_touched_) continue;
    spool_timer_.expires_after(spool_watch_.lost() ? unwatched_spool_interval : spool_interval);
    boost::system::error_code cancelled_by_a_hint;
    co_await spool_timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled_by_a_hint));
  }
}

asio::awaitable<void> Daemon::grow_lean() {
  asio::steady_timer timer(io_);
  timer.expires_after(start_is_over);
  co_await timer.async_wait(asio::use_awaitable);
  adapters::release_startup_memory();
}

void Daemon::tell_spooled(core::Result<adapters::SpoolReading> reading) {
  std::string trouble;
  if (!reading) {
    trouble = reading.error().detail;
  } else {
    for (auto const& remark : reading->remarks) trouble += (trouble.empty() ? "" : "; ") + remark;
    for (auto& news : reading->news)
      if (told_once_.first_time(news.envelope)) loop_.post(std::move(news.event));
  }
  if (!trouble.empty() && trouble != spool_trouble_)
    say(LogLevel::warning, "trouble with the spool of agents' calls",
        {{"bad_files", std::to_string(reading ? reading->bad : 0)}, {"detail", trouble}});
  spool_trouble_ = std::move(trouble);
}

asio::awaitable<void> Daemon::take_signals() {
  asio::signal_set signals(io_, SIGTERM, SIGINT, SIGHUP);
  for (;;) {
    auto const number = co_await signals.async_wait(asio::use_awaitable);
    if (number == SIGHUP) {
      reload();
      continue;
    }
    // The state is whole at every instant; somebody who asks twice does not want to wait.
    if (stopping_) std::_Exit(0);
    stopping_ = true;
    tasks_.spawn("stop", stop());
  }
}

asio::awaitable<void> Daemon::feed_watchdog(core::Duration interval) {
  asio::steady_timer timer(io_);
  for (;;) {
    timer.expires_after(interval);
    co_await timer.async_wait(asio::use_awaitable);
    systemd_.watchdog();
    auto const now = adapters::read_clock();
    auto status = status_line(loop_.state(), now);
    if (ready_ && status != last_status_) systemd_.status(status);
    last_status_ = std::move(status);
  }
}

/// What has begun is finished, within a limit; then the last state is saved and the loop ends.
asio::awaitable<void> Daemon::stop() {
  systemd_.stopping();
  say(LogLevel::info, "stopping");
  loop_.post(event::StopRequested{});
  auto const began = adapters::read_clock().mono;
  asio::steady_timer timer(io_);
  while (runner_.in_flight() > 0 && adapters::read_clock().mono - began < stop_limit) {
    timer.expires_after(stop_look);
    co_await timer.async_wait(asio::use_awaitable);
  }
  runner_.stop_taking();
  for (auto const& name : tasks_.names())
    if (name != "stop") say(LogLevel::warning, "left unfinished", {{"task", name}});
  http_->stop();
  auto const written = co_await journal_.flush();
  (void)written;  // has been told
  if (!options_.dry_run) {
    auto const saved = adapters::save_state(loop_.engine().config().state.dir,
                                            adapters::encode_state(loop_.state(), adapters::read_clock()));
    if (!saved) say(LogLevel::error, "the last state is not saved", {{"detail", saved.error().detail}});
  }
  io_.stop();
}

ExitCode Daemon::run() {
  say(LogLevel::info, "starting",
      {{"version", build_.version},
       {"config", options_.config_path},
       {"tmux", tmux_.socket()},
       {"dry_run", options_.dry_run ? "yes" : "no"}});
  servants_.spawn("signals", take_signals());
  auto const interval = systemd_.watchdog_interval().value_or(std::chrono::seconds{15});
  if (systemd_.has_manager()) servants_.spawn("watchdog", feed_watchdog(interval));
  auto const& queue = loop_.engine().config().dispatcher.queue;
  // A failure is told by rewatch(), which tries again before each scan.
  for (char const* place : {"/pending", "/signals"}) (void)watch_.watch(queue + place);
  servants_.spawn("queue watch", watch_.run());
  servants_.spawn("memory", grow_lean());
  servants_.spawn("transcripts", transcripts_.run());
  servants_.spawn("terminals", terminals_.run());
  if (!options_.dry_run) {
    servants_.spawn("spool watch", spool_watch_.run());
    servants_.spawn("spool", take_spool());
  }
  if (!options_.dry_run) servants_.spawn("journal", journal_.run());
  loop_.post(event::Tick{});
  io_.run();
  say(LogLevel::info, "stopped");
  return ExitCode::ok;
}

}  // namespace

ExitCode run_daemon(RunOptions const& options) {
  std::signal(SIGPIPE, SIG_IGN);
  auto loaded = adapters::load_config_file(options.config_path, adapters::path_context_from_environment(),
                                           adapters::profiles_beside(options.config_path));
  if (!loaded) {
    complain(loaded.error().detail);
    return loaded.error().kind == core::ErrorKind::not_found ? ExitCode::configuration
                                                             : exit_code_of(loaded.error().kind);
  }
  for (auto const& problem : loaded->problems) std::fprintf(stderr, "%s\n", adapters::to_line(problem).c_str());
  if (!loaded->problems.empty()) return ExitCode::configuration;
  if (auto const fault = check_start(loaded->config)) {
    complain(fault->text);
    return fault->code;
  }
  std::unique_ptr<Daemon> daemon;
  try {
    daemon = std::make_unique<Daemon>(options, std::move(loaded->config));
  } catch (Fault const& fault) {
    complain(fault.text);
    return fault.code;
  }
  return daemon->run();
}

}  // namespace failover::daemon
