#pragma once

#include "adapters/async.hpp"
#include "core/result.hpp"

#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

namespace failover::adapters {

/// The one helper thread: runs what may block (write, fsync, rename, a scan of a directory) off the loop.
///
/// Jobs run one after another in the order of their run(). A job owns all that it uses, or uses only objects that no
/// one else touches; it returns its failure and is never interrupted: cancelling the coroutine that awaits it does
/// not stop it, and its answer still arrives. Completions come back on the loop, which is kept running meanwhile.
///
/// The destructor finishes what is queued and joins; destroy it before its loop.
class WriterThread {
 public:
  explicit WriterThread(asio::any_io_executor loop);
  WriterThread(WriterThread const&) = delete;
  WriterThread& operator=(WriterThread const&) = delete;
  ~WriterThread();

  /// Runs one job on the thread. Await it on the loop.
  template <class T>
  [[nodiscard]] Async<T> run(std::function<core::Result<T>()> job) {
    auto const outcome = std::make_shared<core::Result<T>>(core::Error{core::ErrorKind::io, "the job threw"});
    std::function<void()> task = [outcome, job = std::move(job)] { *outcome = job(); };
    co_await perform(std::move(task));
    co_return std::move(*outcome);
  }
  [[nodiscard]] Async<void> run(std::function<core::Result<void>()> job) { return run<void>(std::move(job)); }

 private:
  [[nodiscard]] asio::awaitable<void> perform(std::function<void()> task);

  asio::any_io_executor loop_;
  asio::thread_pool thread_;
};

}  // namespace failover::adapters
