#include "adapters/tmux_control.hpp"

#include "adapters/control_replies.hpp"
#include "adapters/errno_error.hpp"
#include "adapters/program_path.hpp"
#include "adapters/spawn.hpp"
#include "core/expects.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

using boost::system::error_code;
using core::Error;
using core::ErrorKind;
using tmux::ControlReplies;

constexpr core::Duration first_pause = std::chrono::seconds{10};
constexpr core::Duration longest_pause = std::chrono::minutes{5};
constexpr core::Duration early = std::chrono::seconds{10};

/// tmux writes 16 KiB at a time, and each would wake the loop: of a long answer, what has come is read when this has
/// passed since the question, and again and again. Meanwhile the pipe holds it.
constexpr core::Duration long_answer_pause = std::chrono::milliseconds{8};
constexpr int long_answer_pipe = 512 << 10;
constexpr std::size_t long_answer_batch = 4096;  ///< bytes of commands: those for some twenty screens

struct Question {
  std::string batch = {};
  std::string mark = {};
  std::size_t max_bytes = 0;
  core::Duration limit = {};
};

/// A client whose reader was killed may stay, and tmux 3.3a then does not end by kill-server. Where util-linux is, it
/// goes with us.
std::vector<std::string> ending_with_us(std::vector<std::string> argv) {
  if (program_path("setpriv").empty()) return argv;
  argv.insert(argv.begin(), {"setpriv", "--pdeathsig", "KILL", "--"});
  return argv;
}

}  // namespace

void RetryPause::failed(core::MonoTime now) {
  bool const at_once = started_ && now - *started_ < early;
  pause_ = at_once && pause_ > core::Duration::zero() ? std::min(pause_ * 2, longest_pause) : first_pause;
  until_ = now + pause_;
}

/// The child, from spawn to reaping. Kept alive by its own pending operations; each question is answered once.
class TmuxControl::Client : public std::enable_shared_from_this<Client> {
 public:
  using OnAnswer = std::function<void(core::Result<std::string>)>;

  Client(asio::any_io_executor const& executor, std::function<core::Now()> clock)
      : clock_(std::move(clock)), in_(executor), out_(executor), pidfd_(executor), limit_(executor), pause_(executor) {}
  Client(Client const&) = delete;
  Client& operator=(Client const&) = delete;
  ~Client();

  [[nodiscard]] core::Result<void> start(std::vector<std::string> argv);

  /// When the client ended, or was killed.
  [[nodiscard]] std::optional<core::MonoTime> ended_at() const { return ended_at_; }

  void ask(Question question, OnAnswer on_answer);

  /// Kills the client without an answer to anybody. It is reaped when the loop goes on, or with us.
  void stop();

  /// The same, and the question that is open is answered with this.
  void give_up(Error error);

  /// The awaiting frame holds no reference to the client while it waits: the client holds the frame, by its handler.
  static asio::awaitable<core::Result<std::string>> answer_to(std::shared_ptr<Client> client, Question question);

 private:
  struct Asking;
  void read();
  void read_later();
  void await_limit();
  void set_limit(core::Duration limit);
  void write(std::shared_ptr<std::string const> batch, std::size_t written);
  void await_exit();
  void answer(core::Result<std::string> answer);

  std::function<core::Now()> clock_;
  asio::posix::stream_descriptor in_;
  asio::posix::stream_descriptor out_;
  asio::posix::stream_descriptor pidfd_;
  /// Its own timerfd: the one that the loop's timers share goes off for one that was cancelled, too.
  asio::posix::stream_descriptor limit_;
  asio::steady_timer pause_;
  UniqueFd unwatched_ = {};  ///< what `out_` reads from, during such a pause
  std::array<char, 32768> buffer_ = {};
  ControlReplies replies_ = {};
  OnAnswer on_answer_ = {};
  core::Duration limit_set_ = {};
  bool long_answer_ = false;
  pid_t pid_ = -1;
  bool reaped_ = false;
  std::optional<core::MonoTime> ended_at_ = {};
};

TmuxControl::Client::~Client() {
  if (pid_ <= 0 || reaped_) return;
  kill_group(pid_);
  // The loop that would have waited is gone. What was killed ends at once, or hangs in the kernel.
  pollfd ended{pidfd_.native_handle(), POLLIN, 0};
  (void)::poll(&ended, 1, 200);
  (void)reap(pid_);
}

core::Result<void> TmuxControl::Client::start(std::vector<std::string> argv) {
  UniqueFd limit(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  if (!limit.valid()) return errno_error(errno, "no timer for a tmux client in control mode");
  auto child = spawn(ending_with_us(std::move(argv)), {.in = true, .err = false});
  if (!child) return child.error();
  pid_ = child->pid;
  pidfd_.assign(child->pidfd.release());
  in_.assign(child->in.release());
  (void)::fcntl(child->out.get(), F_SETPIPE_SZ, long_answer_pipe);  // else it takes some pauses more
  out_.assign(child->out.release());
  limit_.assign(limit.release());
  read();
  await_limit();
  await_exit();
  return {};
}

void TmuxControl::Client::ask(Question question, OnAnswer on_answer) {
  EXPECTS(!on_answer_);
  on_answer_ = std::move(on_answer);
  if (ended_at_) return answer(Error{ErrorKind::unavailable, "the tmux client in control mode has ended"});
  replies_.expect(std::move(question.mark), question.max_bytes);
  set_limit(question.limit);
  long_answer_ = question.batch.size() >= long_answer_batch;
  write(std::make_shared<std::string const>(std::move(question.batch)), 0);
  if (long_answer_ && !ended_at_) read_later();
}

/// Zero: none.
void TmuxControl::Client::set_limit(core::Duration limit) {
  limit_set_ = limit;
  itimerspec once{};
  auto const whole = std::chrono::duration_cast<std::chrono::seconds>(limit);
  once.it_value.tv_sec = whole.count();
  once.it_value.tv_nsec = std::chrono::nanoseconds{limit - whole}.count();
  (void)::timerfd_settime(limit_.native_handle(), 0, &once, nullptr);
}

void TmuxControl::Client::await_limit() {
  limit_.async_wait(asio::posix::stream_descriptor::wait_read, [self = shared_from_this()](error_code const& error) {
    if (error || self->ended_at_) return;
    std::uint64_t expired = 0;  // none where it was set anew since
    bool const passed = ::read(self->limit_.native_handle(), &expired, sizeof expired) == sizeof expired;
    if (passed && self->on_answer_)
      return self->give_up(
          {ErrorKind::timed_out, "tmux did not answer within " + std::to_string(self->limit_set_.count()) + " ms"});
    self->await_limit();
  });
}

void TmuxControl::Client::write(std::shared_ptr<std::string const> batch, std::size_t written) {
  auto const rest = asio::buffer(batch->data() + written, batch->size() - written);
  // A server that does not read takes some 35 kB; the rest waits here, up to the limit of the question.
  in_.async_write_some(rest, [self = shared_from_this(), batch, written](error_code const& error, std::size_t count) {
    if (error) return self->give_up({ErrorKind::unavailable, "the tmux client in control mode took no more commands"});
    if (written + count < batch->size()) self->write(batch, written + count);
  });
}

void TmuxControl::Client::read() {
  out_.async_read_some(asio::buffer(buffer_), [self = shared_from_this()](error_code const& error, std::size_t count) {
    if (self->ended_at_) return;
    bool const paused = self->unwatched_.valid();  // a question with a long answer was asked meanwhile
    if (paused && error == asio::error::operation_aborted) return;
    if (error) return self->give_up({ErrorKind::unavailable, "the tmux client in control mode ended"});
    switch (self->replies_.take({self->buffer_.data(), count})) {
      case ControlReplies::Progress::more:
        if (self->long_answer_ && self->on_answer_ && !paused && count < self->buffer_.size())
          return self->read_later();
        break;
      case ControlReplies::Progress::done:
        self->answer(self->replies_.take_answer());
        break;
      case ControlReplies::Progress::too_large:
        return self->give_up({ErrorKind::too_large, "tmux printed more than it was allowed to"});
    }
    if (!paused) self->read();
  });
}

/// What was being read, if anything, is cancelled.
void TmuxControl::Client::read_later() {
  unwatched_ = UniqueFd(out_.release());
  pause_.expires_after(long_answer_pause);
  pause_.async_wait([self = shared_from_this()](error_code const& error) {
    if (error || self->ended_at_) return;
    self->out_.assign(self->unwatched_.release());
    self->read();
  });
}

void TmuxControl::Client::await_exit() {
  pidfd_.async_wait(asio::posix::stream_descriptor::wait_read, [self = shared_from_this()](error_code const& error) {
    if (error) return;
    if (!has_ended(self->pidfd_.native_handle())) return self->await_exit();
    self->give_up({ErrorKind::unavailable, "the tmux client in control mode ended"});
    self->reaped_ = reap(self->pid_).has_value();
  });
}

void TmuxControl::Client::stop() {
  if (ended_at_) return;
  ended_at_ = clock_().mono;
  kill_group(pid_);
  pause_.cancel();
  unwatched_ = {};
  limit_.close();
  in_.close();
  out_.close();
}

void TmuxControl::Client::give_up(Error error) {
  if (ended_at_) return;
  stop();
  answer(std::move(error));
}

void TmuxControl::Client::answer(core::Result<std::string> answer) {
  if (!ended_at_) set_limit({});
  auto const on_answer = std::exchange(on_answer_, nullptr);
  if (on_answer) on_answer(std::move(answer));
}

/// Ties the awaiting coroutine's cancellation to the client's end: an answer that nobody reads would come all the same.
struct TmuxControl::Client::Asking {
  template <class Handler>
  void operator()(Handler handler, std::shared_ptr<Client> client, Question question) const {
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) {
      slot.assign([weak = std::weak_ptr(client)](asio::cancellation_type) {
        if (auto const asked = weak.lock()) asked->give_up({ErrorKind::cancelled, "a question to tmux was cancelled"});
      });
    }
    auto kept = std::make_shared<Handler>(std::move(handler));
    client->ask(std::move(question), [kept](core::Result<std::string> answer) {
      auto slot_of_kept = asio::get_associated_cancellation_slot(*kept);
      if (slot_of_kept.is_connected()) slot_of_kept.clear();
      auto const executor = asio::get_associated_executor(*kept);
      asio::post(executor, [handler = std::move(*kept), answer = std::move(answer)]() mutable {
        std::move(handler)(std::move(answer));
      });
    });
  }
};

asio::awaitable<core::Result<std::string>> TmuxControl::Client::answer_to(std::shared_ptr<Client> client,
                                                                          Question question) {
  return asio::async_initiate<asio::use_awaitable_t<> const, void(core::Result<std::string>)>(
      Asking{}, asio::use_awaitable, std::move(client), std::move(question));
}

TmuxControl::TmuxControl(asio::any_io_executor executor, std::string socket, std::function<core::Now()> clock)
    : executor_(std::move(executor)), socket_(std::move(socket)), clock_(std::move(clock)) {}

TmuxControl::~TmuxControl() {
  if (client_) client_->stop();
}

void TmuxControl::settle() {
  if (!client_ || !client_->ended_at()) return;
  pause_.failed(*client_->ended_at());
  client_.reset();
  session_.clear();
}

bool TmuxControl::usable() {
  settle();
  return client_ || (!session_.empty() && pause_.over(clock_().mono));
}

core::Result<void> TmuxControl::start() {
  if (session_.empty()) return Error{ErrorKind::unavailable, "no session is known to attach to"};
  // -E: an attaching client's environment would replace parts of the session's, an agent's socket for ssh among them.
  std::vector<std::string> argv = {"tmux",           "-u", "-N", "-S",           socket_, "-C",
                                   "attach-session", "-E", "-t", session_ + ":", "-f",    "no-output,ignore-size"};
  auto const now = clock_().mono;
  pause_.started(now);
  auto client = std::make_shared<Client>(executor_, clock_);
  auto const started = client->start(std::move(argv));
  if (started) {
    client_ = std::move(client);
    return {};
  }
  pause_.failed(now);
  return Error{ErrorKind::unavailable, started.error().detail};
}

Async<std::string> TmuxControl::ask(std::string batch, std::string mark, std::size_t max_bytes, core::Duration limit) {
  settle();
  if (!client_) {
    auto const started = start();
    if (!started) co_return started.error();
  }
  auto answering = Client::answer_to(client_, Question{std::move(batch), std::move(mark), max_bytes, limit});
  auto answer = co_await std::move(answering);
  settle();
  co_return answer;
}

}  // namespace failover::adapters
