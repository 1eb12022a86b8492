#include "adapters/unique_fd.hpp"
#include "agent.hpp"
#include "look.hpp"
#include "terminal.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace fake = failover::fake_agent;
using failover::adapters::UniqueFd;

namespace {

constexpr fake::Milliseconds escape_alone{50};

/// What Node takes from its last words to its end. tmux 3.3a now and then loses the words of a program that is faster.
constexpr fake::Milliseconds end_of_node{4};

UniqueFd watch_signals() {
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  for (int const signal : {SIGTERM, SIGHUP, SIGINT, SIGWINCH}) sigaddset(&set, signal);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  return UniqueFd{::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)};
}

void take_signals(int fd, fake::Agent& agent) {
  signalfd_siginfo info{};
  while (::read(fd, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    auto const signal = static_cast<int>(info.ssi_signo);
    if (signal != SIGWINCH) agent.leave("other", 128 + signal);
  }
}

/// False when the terminal is gone.
bool take_input(fake::KeyDecoder& keys) {
  std::array<char, 4096> buffer;
  auto const n = ::read(STDIN_FILENO, buffer.data(), buffer.size());
  if (n <= 0) return false;
  keys.feed({buffer.data(), static_cast<std::size_t>(n)});
  return true;
}

int wait_time(std::optional<fake::Instant> wake, bool escape_pending) {
  std::optional<fake::Milliseconds> wait;
  if (wake) wait = std::max(*wake - fake::now(), fake::Milliseconds{0});
  if (escape_pending) wait = std::min(wait.value_or(escape_alone), escape_alone);
  return wait ? static_cast<int>(std::min<std::int64_t>(wait->count(), 3600000)) : -1;
}

int run(fake::Agent& agent, fake::Look const& look) {
  auto const signals = watch_signals();
  fake::Terminal terminal{look.alternate_screen, look.title};
  fake::KeyDecoder keys;
  auto const draw = [&] {
    auto const size = fake::Terminal::size();
    terminal.show(look.draw(agent.view(), size), size);
  };
  agent.start(fake::now());
  while (!agent.exit_code()) {
    draw();
    std::array<pollfd, 2> fds{{{STDIN_FILENO, POLLIN, 0}, {signals.get(), POLLIN, 0}}};
    auto const ready = ::poll(fds.data(), fds.size(), wait_time(agent.next_wake(), keys.waits()));
    if (ready == 0 && keys.waits()) keys.escape_is_over();
    if (fds[1].revents != 0) take_signals(signals.get(), agent);
    if (fds[0].revents != 0 && !take_input(keys)) agent.leave("other", 128 + SIGHUP);
    while (!agent.exit_code()) {
      auto const key = keys.next();
      if (!key) break;
      agent.press(*key, fake::now());
    }
    if (!agent.exit_code()) agent.pass_time(fake::now());
  }
  terminal.leave();
  fake::write_out(agent.farewell());
  return *agent.exit_code();
}

/// The real one names itself so, whatever file it was started from; tmux shows that as the pane's command.
void name_process(char* argv0) {
  constexpr std::string_view name = "claude";
  auto const room = std::strlen(argv0);
  if (room < name.size()) return;
  std::memset(argv0, 0, room);
  std::memcpy(argv0, name.data(), name.size());
}

int start(std::vector<std::string> const& arguments) {
  auto const options = fake::parse_options(arguments);
  auto const* path = std::getenv("FAKE_AGENT_SCRIPT");
  auto const script = fake::load_script(path == nullptr ? "" : path);
  if (options.version) {
    fmt::print("{} (Claude Code)\n", script.version);
    return 0;
  }
  auto const* look = fake::look_for(script.version);
  if (look == nullptr) throw std::invalid_argument{fmt::format("error: version {} is not imitated", script.version)};
  auto const cwd = std::filesystem::current_path().string();
  ::setenv("CLAUDE_PROJECT_DIR", cwd.c_str(), 1);  // hooks get it
  fake::Agent agent{options, script, cwd};
  return run(agent, *look);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> const arguments{argv + std::min(argc, 1), argv + argc};
  if (argc > 0) name_process(argv[0]);
  try {
    return start(arguments);
  } catch (fake::Refusal const& refusal) {
    fmt::print("{}\n", refusal.what());
    std::fflush(stdout);
    std::this_thread::sleep_for(end_of_node);
  } catch (std::exception const& fault) {
    fmt::print(stderr, "{}\n", fault.what());
  }
  return 1;
}
