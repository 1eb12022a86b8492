#include "adapters/writer_thread.hpp"

#include <exception>

#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <signal.h>

namespace failover::adapters {
namespace {

/// While it lives, new threads start with every signal blocked: they stay the loop's business.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all{};
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(SignalsBlocked const&) = delete;
  SignalsBlocked& operator=(SignalsBlocked const&) = delete;
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  [[nodiscard]] static std::size_t one_thread() { return 1; }

 private:
  sigset_t before_ = {};
};

}  // namespace

WriterThread::WriterThread(asio::any_io_executor loop)
    : loop_(std::move(loop)), thread_(SignalsBlocked{}.one_thread()) {}

WriterThread::~WriterThread() {
  thread_.join();
}

asio::awaitable<void> WriterThread::perform(std::function<void()> task) {
  auto initiation = [this](auto handler, std::function<void()> work) {
    // Tracked, so that the loop does not run out of work while the job is away.
    auto const tracked = asio::prefer(loop_, asio::execution::outstanding_work.tracked);
    asio::post(thread_, [tracked, handler = std::move(handler), work = std::move(work)]() mutable {
      try {
        work();
      } catch (std::exception const&) {  // the answer stays what it was made as: an error
      }
      work = nullptr;  // what the job owns goes before the answer is out
      asio::post(tracked, [handler = std::move(handler)]() mutable { std::move(handler)(); });
    });
  };
  auto const token = asio::use_awaitable;
  co_await asio::async_initiate<asio::use_awaitable_t<> const, void()>(initiation, token, std::move(task));
}

}  // namespace failover::adapters
