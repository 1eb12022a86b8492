#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>

namespace failover::adapters {

/// The coroutines that nobody awaits: named, counted, cancellable.
///
/// A coroutine that ends by an exception is reported with its name through `on_failure`; the others end silently.
/// Destroy the group only after the executor stopped or when it is empty.
class TaskGroup {
 public:
  using OnFailure = std::function<void(std::string const& name, std::string const& what)>;
  TaskGroup(boost::asio::any_io_executor executor, OnFailure on_failure);
  ~TaskGroup();
  TaskGroup(TaskGroup const&) = delete;
  TaskGroup& operator=(TaskGroup const&) = delete;

  void spawn(std::string name, boost::asio::awaitable<void> task);

  /// Asks every coroutine to stop: its present wait, and every later one, throws operation_aborted.
  void cancel_all();

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  struct Entry {
    std::string name = {};
    boost::asio::cancellation_signal signal = {};
  };
  struct Members {
    std::list<Entry> entries = {};
    OnFailure on_failure = {};
  };
  boost::asio::any_io_executor executor_;
  std::shared_ptr<Members> members_;  // completion handlers may run after us
};

}  // namespace failover::adapters
