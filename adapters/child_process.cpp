#include "adapters/child_process.hpp"

#include "adapters/unique_fd.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace failover::adapters {
namespace {

using boost::system::error_code;

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
  void connect_nothing_to_stdin() {
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
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

struct Ending {
  ChildResult result = {};
  bool cancelled = false;
};

/// One child from spawn to reaping. Kept alive by its own pending operations; told of the end once.
class RunningChild : public std::enable_shared_from_this<RunningChild> {
 public:
  using OnEnd = std::function<void(Ending)>;

  RunningChild(asio::any_io_executor const& executor, ChildLimits limits)
      : limits_(limits), in_(executor), out_(executor), err_(executor), pidfd_(executor), timer_(executor) {}
  RunningChild(RunningChild const&) = delete;
  RunningChild& operator=(RunningChild const&) = delete;
  ~RunningChild() {
    if (pid_ <= 0 || reaped_) return;
    kill_group();
    reap();
  }

  core::Result<void> spawn(std::vector<std::string> argv, std::string stdin_text);
  void watch(OnEnd on_end);
  void cancel() {
    if (ended_) return;
    ending_.cancelled = true;
    give_up();
  }

 private:
  struct Output {
    explicit Output(asio::any_io_executor const& executor) : pipe(executor) {}
    asio::posix::stream_descriptor pipe;
    std::array<char, 16384> buffer = {};
    std::string text = {};
    bool open = false;
  };

  void read(Output& output);
  void write();
  void await_exit();
  void kill_group() const { ::kill(-pid_, SIGKILL); }
  void give_up();
  void finish_if_done();
  void finish();
  void reap();

  ChildLimits limits_;
  asio::posix::stream_descriptor in_;
  Output out_;
  Output err_;
  asio::posix::stream_descriptor pidfd_;
  asio::steady_timer timer_;
  std::string stdin_text_ = {};
  std::size_t written_ = 0;
  pid_t pid_ = -1;
  bool exited_ = false;
  bool reaped_ = false;
  bool ended_ = false;
  Ending ending_ = {};
  OnEnd on_end_ = {};
};

core::Result<void> RunningChild::spawn(std::vector<std::string> argv, std::string stdin_text) {
  EXPECTS(!argv.empty());
  auto const& name = argv.front();
  Pipe in;
  Pipe out;
  Pipe err;
  if (!open_pipe(out) || !open_pipe(err) || (!stdin_text.empty() && !open_pipe(in))) return refusal(name, errno);

  SpawnPlan plan;
  if (in.read.valid()) plan.connect(in.read.get(), STDIN_FILENO);
  if (!in.read.valid()) plan.connect_nothing_to_stdin();
  plan.connect(out.write.get(), STDOUT_FILENO);
  plan.connect(err.write.get(), STDERR_FILENO);
  pid_t pid = -1;
  auto const error = plan.run(pid, argv);
  if (error != 0) return refusal(name, error);
  pid_ = pid;

  UniqueFd pidfd{open_pidfd(pid_)};
  if (!pidfd.valid()) return refusal(name, errno);  // our destructor kills and reaps
  pidfd_.assign(pidfd.release());
  out_.pipe.assign(out.read.release());
  err_.pipe.assign(err.read.release());
  out_.open = err_.open = true;
  if (in.write.valid()) in_.assign(in.write.release());
  stdin_text_ = std::move(stdin_text);
  return {};
}

void RunningChild::watch(OnEnd on_end) {
  on_end_ = std::move(on_end);
  timer_.expires_after(limits_.time);
  timer_.async_wait([self = shared_from_this()](error_code const& error) {
    if (error || self->ended_) return;
    self->ending_.result.timed_out = true;
    self->give_up();
  });
  read(out_);
  read(err_);
  if (in_.is_open()) write();
  await_exit();
}

void RunningChild::read(Output& output) {
  output.pipe.async_read_some(asio::buffer(output.buffer),
                              [self = shared_from_this(), &output](error_code const& error, std::size_t count) {
                                if (error) {
                                  output.open = false;
                                  output.pipe.close();
                                  return self->finish_if_done();
                                }
                                auto const room = self->limits_.bytes - output.text.size();
                                output.text.append(output.buffer.data(), std::min(count, room));
                                if (count > room) self->ending_.result.truncated = true;
                                self->read(output);  // past the bound, too: a child that cannot write would never end
                              });
}

void RunningChild::write() {
  auto const rest = asio::buffer(stdin_text_.data() + written_, stdin_text_.size() - written_);
  in_.async_write_some(rest, [self = shared_from_this()](error_code const& error, std::size_t count) {
    self->written_ += count;
    if (!error && self->written_ < self->stdin_text_.size()) return self->write();
    self->in_.close();  // EPIPE is the child's choice not to read on
  });
}

void RunningChild::await_exit() {
  pidfd_.async_wait(asio::posix::stream_descriptor::wait_read, [self = shared_from_this()](error_code const& error) {
    if (error) return;
    siginfo_t info = {};
    // Readiness is a hint: look without blocking. Unreaped as yet, the process keeps its number, and so the group
    // that a deadline may still have to kill cannot be somebody else's.
    auto const looked =
        ::waitid(P_PIDFD, static_cast<id_t>(self->pidfd_.native_handle()), &info, WEXITED | WNOHANG | WNOWAIT);
    if (looked == 0 && info.si_pid == 0) return self->await_exit();
    self->exited_ = true;
    self->in_.close();
    self->finish_if_done();
  });
}

void RunningChild::give_up() {
  kill_group();
  // What left the group may hold an output open; nobody waits for it.
  out_.open = err_.open = false;
  out_.pipe.close();
  err_.pipe.close();
  in_.close();
  if (exited_) return finish();
  // A killed process that does not go (it hangs in the kernel) must not hold its caller: await_exit stays behind.
  timer_.expires_after(std::chrono::seconds{1});
  timer_.async_wait([self = shared_from_this()](error_code const& error) {
    if (!error) self->finish();
  });
}

void RunningChild::finish_if_done() {
  if (exited_ && ended_) return reap();
  if (exited_ && !out_.open && !err_.open) finish();
}

void RunningChild::reap() {
  siginfo_t info = {};
  if (reaped_ || ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG) != 0 || info.si_pid == 0) return;
  reaped_ = true;
  ending_.result.status = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

void RunningChild::finish() {
  if (ended_) return;
  ended_ = true;
  ending_.result.status = 128 + SIGKILL;
  reap();
  timer_.cancel();
  ending_.result.out = std::move(out_.text);
  ending_.result.err = std::move(err_.text);
  auto const on_end = std::exchange(on_end_, nullptr);
  on_end(std::move(ending_));
}

/// Starts watching and ties the awaiting coroutine's cancellation to the child's.
///
/// The coroutine's frame holds no reference to the child while it waits: the child holds the frame, by its handler.
struct Watch {
  template <class Handler>
  void operator()(Handler handler, std::shared_ptr<RunningChild> child) const {
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) {
      slot.assign([weak = std::weak_ptr(child)](asio::cancellation_type) {
        if (auto const running = weak.lock()) running->cancel();
      });
    }
    auto kept = std::make_shared<Handler>(std::move(handler));
    child->watch([kept](Ending ending) {
      auto slot_of_kept = asio::get_associated_cancellation_slot(*kept);
      if (slot_of_kept.is_connected()) slot_of_kept.clear();
      auto const executor = asio::get_associated_executor(*kept);
      asio::post(executor, [handler = std::move(*kept), ending = std::move(ending)]() mutable {
        std::move(handler)(std::move(ending));
      });
    });
  }
};

asio::awaitable<Ending> end_of(std::shared_ptr<RunningChild> child) {
  return asio::async_initiate<asio::use_awaitable_t<> const, void(Ending)>(Watch{}, asio::use_awaitable,
                                                                           std::move(child));
}

}  // namespace

Async<ChildResult> run_child(asio::any_io_executor executor, std::vector<std::string> argv, std::string stdin_text,
                             ChildLimits limits) {
  static auto const sigpipe_ignored = std::signal(SIGPIPE, SIG_IGN);
  (void)sigpipe_ignored;
  auto const name = argv.empty() ? std::string{} : argv.front();
  auto child = std::make_shared<RunningChild>(executor, limits);
  auto const spawned = child->spawn(std::move(argv), std::move(stdin_text));
  if (!spawned) co_return spawned.error();
  auto wait = end_of(std::move(child));
  auto ending = co_await std::move(wait);
  if (ending.cancelled) co_return core::Error{core::ErrorKind::cancelled, name + " was stopped before its end"};
  co_return std::move(ending.result);
}

}  // namespace failover::adapters
