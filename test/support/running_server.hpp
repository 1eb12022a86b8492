#pragma once

#include "adapters/http_server.hpp"
#include "adapters/task_group.hpp"

#include <future>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace failover::test {

/// The real server on a loop of its own thread, as the daemon would run it.
class RunningServer {
 public:
  explicit RunningServer(adapters::HttpHandler handler, adapters::HttpLimits limits = {})
      : server_(loop_.get_executor(), tasks_, std::move(handler), std::move(limits)),
        thread_([this] { loop_.run(); }) {}
  RunningServer(RunningServer const&) = delete;
  RunningServer& operator=(RunningServer const&) = delete;
  ~RunningServer() {
    on_loop([this] { server_.stop(); });
    work_.reset();
    thread_.join();
  }

  std::uint16_t listen_tcp(std::string const& host_port = "127.0.0.1:0") {
    return on_loop([&] { return server_.listen_tcp(host_port).value(); });
  }
  void listen_unix(std::string const& path) {
    auto const listening = on_loop([&] { return server_.listen_unix(path); });
    if (!listening) throw std::runtime_error(listening.error().detail);
  }

  /// Runs a function on the loop's thread and gives what it returns.
  template <class Function>
  std::invoke_result_t<Function&> on_loop(Function function) {
    std::packaged_task<std::invoke_result_t<Function&>()> task{std::move(function)};
    auto result = task.get_future();
    boost::asio::post(loop_, [&] { task(); });
    return result.get();
  }

  adapters::HttpServer& server() { return server_; }
  adapters::TaskGroup& tasks() { return tasks_; }

 private:
  boost::asio::io_context loop_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{loop_.get_executor()};
  adapters::TaskGroup tasks_{loop_.get_executor(), {}};
  adapters::HttpServer server_;
  std::thread thread_;
};

}  // namespace failover::test
