#pragma once

#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace failover::test {

namespace asio = boost::asio;

template <class T>
asio::awaitable<void> keep(asio::awaitable<T> task, std::optional<T>& result) {
  result = co_await std::move(task);
}

/// Runs the loop until the coroutine has ended and gives its value; throws when it did not end within the limit.
template <class T>
T run_to_end(asio::io_context& loop, asio::awaitable<T> task,
             std::chrono::milliseconds limit = std::chrono::seconds{30}) {
  std::optional<T> result;
  std::exception_ptr failure;
  bool ended = false;
  asio::co_spawn(loop, keep(std::move(task), result), [&](std::exception_ptr const& thrown) {
    failure = thrown;
    ended = true;
  });
  auto const last = std::chrono::steady_clock::now() + limit;
  loop.restart();
  while (!ended && std::chrono::steady_clock::now() < last) loop.run_one_until(last);
  if (failure) std::rethrow_exception(failure);
  if (!result) throw std::runtime_error("the coroutine did not end within the limit");
  return std::move(*result);
}

}  // namespace failover::test
