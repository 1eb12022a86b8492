#include "daemon/toy_fleet.hpp"

#include "adapters/control_client.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

#include <boost/json/parse.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;  // NOLINT: POSIX has it so

namespace failover::daemon {
namespace {

namespace fs = std::filesystem;
using core::Error;
using core::ErrorKind;

constexpr core::Duration look = std::chrono::milliseconds{50};

core::Result<void> write(fs::path const& path, std::string const& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (file) return {};
  return Error{ErrorKind::io, "cannot write " + path.string()};
}

std::string read(fs::path const& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

fs::path own_program() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error);
}

/// The toy agent lies beside this program in a build, in libexec when installed.
std::optional<fs::path> toy_agent() {
  auto const here = own_program().parent_path();
  for (auto const& path : {here / "fake-agent", here / "../libexec/claude-failover/fake-agent"})
    if (::access(path.c_str(), X_OK) == 0) return fs::weakly_canonical(path);
  return std::nullopt;
}

/// The program to run as the daemon: tests run in one of their own, beside it.
fs::path daemon_program() {
  auto const here = own_program().parent_path() / "claude-failover";
  return ::access(here.c_str(), X_OK) == 0 ? here : own_program();
}

std::string text_of(boost::json::value const& value, std::string_view key) {
  auto const* object = value.if_object();
  auto const* found = object != nullptr ? object->if_contains(key) : nullptr;
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

boost::json::array const& list_of(boost::json::value const& value, std::string_view key) {
  static boost::json::array const none;
  auto const* object = value.if_object();
  auto const* found = object != nullptr ? object->if_contains(key) : nullptr;
  return found != nullptr && found->is_array() ? found->get_array() : none;
}

/// Starts a program with its output in a file; -1 when it cannot be started.
pid_t spawn(std::vector<std::string> argv, std::string const& output, std::vector<std::string> environment) {
  std::vector<char*> words;
  for (auto& word : argv) words.push_back(word.data());
  words.push_back(nullptr);
  std::vector<char*> variables;
  for (auto& variable : environment) variables.push_back(variable.data());
  variables.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t child = -1;
  int const failed = posix_spawnp(&child, words[0], &actions, nullptr, words.data(), variables.data());
  posix_spawn_file_actions_destroy(&actions);
  return failed == 0 ? child : -1;
}

std::vector<std::string> environment_with(std::map<std::string, std::string> const& changes) {
  std::vector<std::string> result;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    std::string const text = *variable;
    auto const name = text.substr(0, text.find('='));
    // Nothing of the surroundings may lead the fleet out of its folder.
    bool const leads_out = name == "TMUX" || name == "TMUX_PANE" || name == "CLAUDE_CONFIG_DIR" ||
                           name == "NOTIFY_SOCKET" || name.ends_with("_DIRECTORY") || name.starts_with("XDG_");
    if (!leads_out && !changes.contains(name)) result.push_back(text);
  }
  for (auto const& [name, value] : changes) result.push_back(name + "=" + value);
  return result;
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string tmux(std::string const& socket, std::string const& folder, std::vector<std::string> command) {
  std::vector<std::string> argv{"tmux", "-u", "-N", "-S", socket};
  argv.insert(argv.end(), command.begin(), command.end());
  std::string const output = folder + "/tmux.out";
  std::error_code error;
  fs::remove(output, error);
  pid_t const child = spawn(argv, output, environment_with({}));
  if (child < 0 || wait_for(child) != 0) return {};
  return read(output);
}

std::vector<pid_t> pane_pids(std::string const& listing) {
  std::vector<pid_t> pids;
  std::istringstream lines(listing);
  for (pid_t pid = 0; lines >> pid;) pids.push_back(pid);
  return pids;
}

/// False also for one that has ended and that nobody has waited for.
bool is_running(pid_t pid) {
  auto const stat = read("/proc/" + std::to_string(pid) + "/stat");
  auto const name_end = stat.rfind(')');
  return name_end != std::string::npos && stat.compare(name_end, 3, ") Z") != 0;
}

}  // namespace

core::Result<ToyFleet> ToyFleet::make(ToyFleetOptions options) {
  auto const agent = toy_agent();
  if (!agent) return Error{ErrorKind::not_found, "the toy agent (fake-agent) is not installed beside this program"};
  std::string name = (fs::temp_directory_path() / "claude-failover-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    return Error{ErrorKind::io,
                 "cannot make a folder in " + fs::temp_directory_path().string() + ": " + std::strerror(errno)};
  ToyFleet fleet(name, agent->string(), std::move(options));
  auto const furnished = fleet.furnish();
  if (!furnished) return furnished.error();
  return fleet;
}

ToyFleet::ToyFleet(std::string folder, std::string agent, ToyFleetOptions options)
    : folder_(std::move(folder)), agent_(std::move(agent)), options_(std::move(options)) {}

ToyFleet::ToyFleet(ToyFleet&& other) noexcept
    : folder_(std::exchange(other.folder_, {})),
      agent_(std::move(other.agent_)),
      options_(std::move(other.options_)),
      daemon_(std::exchange(other.daemon_, -1)),
      keep_(other.keep_) {}

ToyFleet::~ToyFleet() {
  clean_up();
}

core::Result<void> ToyFleet::furnish() const {
  std::error_code error;
  fs::create_directories(folder_ + "/work", error);
  fs::create_directories(folder_ + "/projects", error);
  for (auto const& account : options_.accounts) {
    fs::path const dir = fs::path(folder_) / "accounts" / account.name;
    fs::create_directories(dir, error);
    // The accounts share one history, as `~/.claude/projects` of a real fleet should.
    if (options_.shared_history) fs::create_directory_symlink(folder_ + "/projects", dir / "projects", error);
    std::ostringstream quota;
    quota << "{\"name\":\"" << account.name << "\",\"limit\":" << account.turns
          << ",\"used\":0,\"window\":\"five_hour\",\"resets_in\":" << account.resets_in_seconds << "}\n";
    for (auto const& [file, text] :
         {std::pair{"fake-account.json", quota.str()}, {".credentials.json", std::string("{}\n")}})
      if (auto const written = write(dir / file, text); !written) return written;
  }
  fs::create_directory_symlink(folder_ + "/accounts/" + options_.accounts.front().name, folder_ + "/claude", error);
  std::ostringstream script;
  script << "{\"turn_seconds\":" << options_.turn_seconds << ",\"turns\":" << options_.script_turns << "}\n";
  if (auto const written = write(folder_ + "/script.json", script.str()); !written) return written;
  return write(config_path(), configuration());
}

std::string ToyFleet::configuration() const {
  std::map<std::string, std::string> settings{
      {"tmux.socket", tmux_socket()},
      {"tmux.start_server", "true"},
      {"tmux.sweep", "1s"},
      {"sessions.command", "[" + agent_ + "]"},
      {"sessions.pool", "{size: " + std::to_string(options_.pool) + ", prefix: pool-, workdir: " + folder_ + "/work}"},
      {"quota.poll_interval", "500ms"},
      {"quota.settle", "2s"},
      {"quota.reactivate_cooldown", "3s"},
      {"switch.link", folder_ + "/claude"},
      {"switch.recovery_deadline", "15s"},
      {"watcher.quiet", "20s"},
      {"dispatcher.queue", folder_ + "/queue"},
      {"dispatcher.rescan", "2s"},
      {"http.listen", "\"\""},
      {"state.dir", folder_ + "/state"},
      {"state.runtime", folder_ + "/run"},
  };
  for (auto const& [key, value] : options_.settings) settings[key] = value;
  std::string text = "accounts:\n";
  for (auto const& account : options_.accounts)
    text += "  - {name: " + account.name + ", config_dir: " + folder_ + "/accounts/" + account.name + "}\n";
  std::string section;
  for (auto const& [key, value] : settings) {
    auto const dot = key.find('.');
    if (key.substr(0, dot) != section) text += (section = key.substr(0, dot)) + ":\n";
    text += "  " + key.substr(dot + 1) + ": " + value + "\n";
  }
  return text;
}

core::Result<void> ToyFleet::start_daemon() {
  std::map<std::string, std::string> environment{
      {"FAKE_AGENT_SCRIPT", folder_ + "/script.json"}, {"FAKE_AGENT_LOG", folder_ + "/agent.log"}, {"HOME", folder_}};
  for (auto const& [name, value] : options_.environment) environment[name] = value;
  daemon_ = spawn({daemon_program().string(), "run", "--config", config_path()}, folder_ + "/daemon.log",
                  environment_with(environment));
  if (daemon_ < 0) return Error{ErrorKind::not_found, "cannot start " + daemon_program().string()};
  return {};
}

int ToyFleet::end_daemon(int signal) {
  if (daemon_ < 0) return -1;
  ::kill(daemon_, signal);
  return wait_for(std::exchange(daemon_, -1));
}

void ToyFleet::signal_daemon(int signal) const {
  if (daemon_ >= 0) ::kill(daemon_, signal);
}

bool ToyFleet::daemon_runs() {
  if (daemon_ < 0) return false;
  int status = 0;
  if (::waitpid(daemon_, &status, WNOHANG) == 0) return true;
  daemon_ = -1;
  return false;
}

std::size_t FleetStatus::sessions_in(std::string const& phase) const {
  return static_cast<std::size_t>(
      std::count_if(phases.begin(), phases.end(), [&](auto const& session) { return session.second == phase; }));
}

std::optional<FleetStatus> ToyFleet::status() const {
  auto const reply =
      adapters::control_get(folder_ + "/run/control.sock", "/status", "application/json", std::chrono::seconds{2});
  if (!reply || reply->status != 200) return std::nullopt;
  boost::system::error_code error;
  auto value = boost::json::parse(reply->body, error);
  if (error) return std::nullopt;
  FleetStatus status;
  for (auto const& session : list_of(value, "sessions"))
    status.phases[text_of(session, "name")] = text_of(session, "phase");
  for (auto const& account : list_of(value, "accounts"))
    status.standings[text_of(account, "name")] = text_of(account, "standing");
  for (auto const& swap : list_of(value, "swaps"))
    status.swaps.push_back({text_of(swap, "from"), text_of(swap, "to"), text_of(swap, "phase"), text_of(swap, "rule")});
  if (auto const* holding = value.as_object().if_contains("holding")) status.holding = *holding == true;
  return status;
}

core::Result<void> ToyFleet::add_task(std::string const& file_name, std::string const& text) const {
  fs::path const staged = fs::path(folder_) / "queue/tmp" / file_name;
  if (auto const written = write(staged, text); !written) return written;
  std::error_code error;
  fs::rename(staged, fs::path(folder_) / "queue/pending" / file_name, error);
  if (error) return Error{ErrorKind::io, "cannot queue " + file_name + ": " + error.message()};
  return {};
}

std::vector<AgentEvent> ToyFleet::agent_events() const {
  std::vector<AgentEvent> events;
  std::istringstream lines(read(folder_ + "/agent.log"));
  for (std::string line; std::getline(lines, line);) {
    boost::system::error_code error;
    auto value = boost::json::parse(line, error);
    if (error) continue;  // the last line, half-written
    events.push_back(
        {text_of(value, "event"), text_of(value, "session_id"), text_of(value, "account"), text_of(value, "text")});
  }
  return events;
}

std::string ToyFleet::screen(std::string const& session) const {
  return tmux(tmux_socket(), folder_, {"capture-pane", "-p", "-t", "=" + session + ":"});
}

std::vector<std::string> ToyFleet::queue_files(std::string const& place) const {
  std::vector<std::string> names;
  std::error_code error;
  for (auto const& entry : fs::directory_iterator(folder_ + "/queue/" + place, error)) {
    auto name = entry.path().filename().string();
    if (!name.ends_with(".result.json")) names.push_back(std::move(name));
  }
  return names;
}

std::string ToyFleet::link_target() const {
  std::error_code error;
  return fs::read_symlink(folder_ + "/claude", error).filename().string();
}

std::string ToyFleet::daemon_log() const {
  return read(folder_ + "/daemon.log");
}

bool ToyFleet::wait_until(std::function<bool()> const& condition, core::Duration limit) {
  auto const end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(look);
  }
  return true;
}

void ToyFleet::clean_up() {
  if (folder_.empty()) return;
  end_daemon(SIGTERM);
  auto const agents = pane_pids(tmux(tmux_socket(), folder_, {"list-panes", "-a", "-F", "#{pane_pid}"}));
  // The panes' programs get SIGHUP from the server's end; the server answers once they are told.
  tmux(tmux_socket(), folder_, {"kill-server"});
  if (keep_) return;
  // An agent that is just ending writes its log, and would make the folder anew.
  wait_until([&] { return std::none_of(agents.begin(), agents.end(), is_running); }, std::chrono::seconds{5});
  wait_until(
      [this] {
        std::error_code error;
        fs::remove_all(folder_, error);
        return !error && !fs::exists(folder_);
      },
      std::chrono::seconds{5});
}

}  // namespace failover::daemon
