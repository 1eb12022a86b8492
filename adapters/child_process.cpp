#include "adapters/child_process.hpp"

#include "adapters/spawn.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace failover::adapters {
namespace {

using boost::system::error_code;

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
    kill_group(pid_);
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
  auto child = adapters::spawn(std::move(argv), {.in = !stdin_text.empty(), .err = true});
  if (!child) return child.error();
  pid_ = child->pid;
  pidfd_.assign(child->pidfd.release());
  out_.pipe.assign(child->out.release());
  err_.pipe.assign(child->err.release());
  out_.open = err_.open = true;
  if (child->in.valid()) in_.assign(child->in.release());
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
    if (!has_ended(self->pidfd_.native_handle())) return self->await_exit();
    self->exited_ = true;
    self->in_.close();
    self->finish_if_done();
  });
}

void RunningChild::give_up() {
  kill_group(pid_);
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
  if (reaped_) return;
  auto const status = adapters::reap(pid_);
  if (!status) return;
  reaped_ = true;
  ending_.result.status = *status;
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
