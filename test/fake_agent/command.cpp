#include "command.hpp"

#include "adapters/unique_fd.hpp"

#include <algorithm>
#include <array>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace failover::fake_agent {
namespace {

using adapters::UniqueFd;

constexpr std::size_t most_output = 65536;

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Pipe make_pipe() {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return {};
  return {.read = UniqueFd{ends[0]}, .write = UniqueFd{ends[1]}};
}

void make_blocking(int fd) {
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) & ~O_NONBLOCK);
}

pid_t spawn_shell(std::string const& command, int input, int output) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  sigset_t none;
  sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  std::array<std::string, 3> words{"sh", "-c", command};
  std::array<char*, 4> argv{words[0].data(), words[1].data(), words[2].data(), nullptr};
  pid_t pid = -1;
  if (::posix_spawn(&pid, "/bin/sh", &files, &attributes, argv.data(), environ) != 0) pid = -1;
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  return pid;
}

/// False at the end of the stream.
bool drain(int fd, std::string& output) {
  std::array<char, 4096> buffer;
  for (;;) {
    auto const n = ::read(fd, buffer.data(), buffer.size());
    if (n == 0) return false;
    if (n < 0) return true;
    auto const room = most_output - output.size();
    output.append(buffer.data(), std::min(static_cast<std::size_t>(n), room));
  }
}

/// Until the shell has ended; false when `limit` came first. A background child may keep the pipe open for ever.
bool read_until_exit(int pidfd, int out, std::string& output, Milliseconds limit) {
  auto const deadline = now() + limit;
  bool open = true;
  for (;;) {
    auto const left = std::max(deadline - now(), Milliseconds{0});
    std::array<pollfd, 2> fds{{{pidfd, POLLIN, 0}, {open ? out : -1, POLLIN, 0}}};
    if (::poll(fds.data(), fds.size(), static_cast<int>(left.count())) == 0) return false;
    if (open && fds[1].revents != 0) open = drain(out, output);
    if (fds[0].revents == 0) continue;
    if (open) (void)drain(out, output);
    return true;
  }
}

}  // namespace

CommandResult run_command(std::string const& command, std::string const& input, Milliseconds limit) {
  auto in = make_pipe();
  auto out = make_pipe();
  if (!in.read.valid() || !out.read.valid()) return {};
  make_blocking(in.read.get());
  make_blocking(out.write.get());
  auto const pid = spawn_shell(command, in.read.get(), out.write.get());
  if (pid < 0) return {};
  UniqueFd const pidfd{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
  in.read.reset();
  out.write.reset();
  // What we send fits the pipe; a command that does not read it loses nothing but its news.
  [[maybe_unused]] auto const sent = ::write(in.write.get(), input.data(), input.size());
  in.write.reset();
  CommandResult result;
  result.timed_out = !read_until_exit(pidfd.get(), out.read.get(), result.output, limit);
  if (result.timed_out) ::kill(-pid, SIGKILL);
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (WIFEXITED(status)) result.status = WEXITSTATUS(status);
  return result;
}

}  // namespace failover::fake_agent
