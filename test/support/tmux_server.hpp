#pragma once

#include "adapters/child_process.hpp"
#include "test/support/run_to_end.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>

#include <unistd.h>

namespace failover::test {

/// Looks again until the condition holds; false when it did not within the limit.
inline bool eventually(std::function<bool()> const& condition,
                       std::chrono::milliseconds limit = std::chrono::seconds{15}) {
  auto const last = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > last) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  return true;
}

/// A directory of its own for one test, with a private tmux server's socket in it. Ends the server and removes all.
class TmuxServer {
 public:
  TmuxServer() {
    std::string name = (std::filesystem::temp_directory_path() / "cf-tmux-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
    dir_ = name;
  }
  TmuxServer(TmuxServer const&) = delete;
  TmuxServer& operator=(TmuxServer const&) = delete;
  ~TmuxServer() {
    resume();
    (void)command({"kill-server"});
    std::error_code ignored;
    std::filesystem::remove_all(dir_, ignored);
  }

  [[nodiscard]] std::filesystem::path const& dir() const { return dir_; }
  [[nodiscard]] std::string socket() const { return (dir_ / "socket").string(); }

  /// What tmux prints for this command, with the last newline removed. Starts a server for `new-session`.
  std::string command(std::vector<std::string> words) {
    std::vector<std::string> argv = {"tmux", "-u", "-f", "/dev/null", "-S", socket()};
    argv.insert(argv.end(), words.begin(), words.end());
    asio::io_context loop{1};
    auto child = adapters::run_child(loop.get_executor(), std::move(argv), {},
                                     adapters::ChildLimits{std::chrono::seconds{20}, 1 << 20});
    auto const result = run_to_end(loop, std::move(child));
    if (!result) throw std::runtime_error(result.error().detail);
    status_ = result->status;
    auto text = result->out + result->err;
    if (text.ends_with('\n')) text.pop_back();
    return text;
  }
  [[nodiscard]] int last_status() const { return status_; }

  /// A session that runs argv, and its pane's id.
  std::string session(std::string const& name, std::vector<std::string> argv, int columns = 100, int rows = 30) {
    std::vector<std::string> words = {
        "new-session",        "-d", "-P",          "-F", "#{pane_id}", "-s", name, "-x", std::to_string(columns), "-y",
        std::to_string(rows), "-c", dir_.string(), "--", "env"};
    words.insert(words.end(), argv.begin(), argv.end());
    auto const id = command(std::move(words));
    if (!id.starts_with('%')) throw std::runtime_error("no session: " + id);
    return id;
  }

  std::string format(std::string const& target, std::string const& format) {
    return command({"display-message", "-p", "-t", target, format});
  }
  std::string screen(std::string const& target) { return command({"capture-pane", "-p", "-t", target}); }
  bool shows(std::string const& target, std::string const& text) {
    return eventually([&] { return screen(target).find(text) != std::string::npos; });
  }

  [[nodiscard]] pid_t pid() { return static_cast<pid_t>(std::stol(command({"display-message", "-p", "#{pid}"}))); }

  /// Lets the server look after children that have ended. tmux before 3.5 misses one that ends while libutempter's
  /// helper runs, and then neither knows its status nor draws "Pane is dead" (tmux issue 311).
  void reap() { ::kill(pid(), SIGCHLD); }

  /// Lets the server hang, until resume().
  void suspend() {
    suspended_ = pid();
    ::kill(suspended_, SIGSTOP);
  }
  void resume() {
    if (suspended_ > 0) ::kill(suspended_, SIGCONT);
    suspended_ = 0;
  }

 private:
  std::filesystem::path dir_ = {};
  pid_t suspended_ = 0;
  int status_ = 0;
};

}  // namespace failover::test
