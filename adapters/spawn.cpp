#include "adapters/spawn.hpp"

#include "core/expects.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace failover::adapters {
namespace {

struct Pipe {
  UniqueFd read = {};
  UniqueFd write = {};
};

core::Error refusal(std::string const& what, int error) {
  auto kind = core::ErrorKind::io;
  if (error == ENOENT || error == ENOTDIR) kind = core::ErrorKind::not_found;
  if (error == EACCES || error == EPERM) kind = core::ErrorKind::permission;
  if (error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE) kind = core::ErrorKind::unavailable;
  return {kind, "cannot run " + what + ": " + std::strerror(error)};
}

/// A descriptor beyond 2: one that took the place of our own closed stdin would be overwritten while the child's are
/// put in place.
UniqueFd above_stdio(int fd) {
  UniqueFd low{fd};
  if (fd < 0 || fd > STDERR_FILENO) return low;
  return UniqueFd{::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)};
}

bool open_pipe(Pipe& pipe) {
  std::array<int, 2> ends = {-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  pipe.read = above_stdio(ends[0]);
  pipe.write = above_stdio(ends[1]);
  return pipe.read.valid() && pipe.write.valid();
}

/// glibc 2.36 declares pidfd_open without extern "C": it does not link from C++. Close-on-exec by itself.
int open_pidfd(pid_t pid) {
  return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

/// posix_spawn's two argument objects, released together.
class SpawnPlan {
 public:
  SpawnPlan() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  SpawnPlan(SpawnPlan const&) = delete;
  SpawnPlan& operator=(SpawnPlan const&) = delete;
  ~SpawnPlan() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&actions_);
  }

  void connect(int ours, int theirs) { ::posix_spawn_file_actions_adddup2(&actions_, ours, theirs); }
  void connect_nothing(int theirs, int how) {
    ::posix_spawn_file_actions_addopen(&actions_, theirs, "/dev/null", how, 0);
  }
  /// 0, or errno.
  int run(pid_t& pid, std::vector<std::string>& argv);

 private:
  posix_spawn_file_actions_t actions_ = {};
  posix_spawnattr_t attributes_ = {};
};

/// What the service manager gave to us alone: a child that had it could speak in our name or read our secrets.
bool for_us_alone(std::string_view variable) {
  constexpr std::array<std::string_view, 7> names = {
      "NOTIFY_SOCKET=", "WATCHDOG_PID=",   "WATCHDOG_USEC=",         "LISTEN_PID=",
      "LISTEN_FDS=",    "LISTEN_FDNAMES=", "CREDENTIALS_DIRECTORY=",
  };
  for (auto const name : names) {
    if (variable.starts_with(name)) return true;
  }
  return false;
}

int SpawnPlan::run(pid_t& pid, std::vector<std::string>& argv) {
  // Ours are closed on exec anyway; what we inherited ourselves, or a library opened, may not be.
  ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
  std::vector<char*> words;
  for (auto& word : argv) words.push_back(word.data());
  words.push_back(nullptr);
  std::vector<char*> environment;
  for (char** variable = ::environ; *variable != nullptr; ++variable) {
    if (!for_us_alone(*variable)) environment.push_back(*variable);
  }
  environment.push_back(nullptr);
  return ::posix_spawnp(&pid, words.front(), &actions_, &attributes_, words.data(), environment.data());
}

}  // namespace

core::Result<SpawnedChild> spawn(std::vector<std::string> argv, ChildPipes pipes) {
  static auto const sigpipe_ignored = std::signal(SIGPIPE, SIG_IGN);
  (void)sigpipe_ignored;
  EXPECTS(!argv.empty());
  auto const& name = argv.front();
  Pipe in;
  Pipe out;
  Pipe err;
  bool const opened = open_pipe(out) && (!pipes.err || open_pipe(err)) && (!pipes.in || open_pipe(in));
  if (!opened) return refusal(name, errno);

  SpawnPlan plan;
  pipes.in ? plan.connect(in.read.get(), STDIN_FILENO) : plan.connect_nothing(STDIN_FILENO, O_RDONLY);
  plan.connect(out.write.get(), STDOUT_FILENO);
  pipes.err ? plan.connect(err.write.get(), STDERR_FILENO) : plan.connect_nothing(STDERR_FILENO, O_WRONLY);
  SpawnedChild child;
  auto const error = plan.run(child.pid, argv);
  if (error != 0) return refusal(name, error);

  child.pidfd.reset(open_pidfd(child.pid));
  if (!child.pidfd.valid()) {
    auto const why = errno;
    kill_group(child.pid);
    (void)reap(child.pid);
    return refusal(name, why);
  }
  child.in = std::move(in.write);
  child.out = std::move(out.read);
  child.err = std::move(err.read);
  return child;
}

void kill_group(pid_t pid) {
  ::kill(-pid, SIGKILL);
}

std::optional<int> reap(pid_t pid) {
  siginfo_t info = {};
  if (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG) != 0 || info.si_pid == 0) return {};
  return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

bool has_ended(int pidfd) {
  siginfo_t info = {};
  auto const looked = ::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED | WNOHANG | WNOWAIT);
  return looked != 0 || info.si_pid != 0;
}

}  // namespace failover::adapters
