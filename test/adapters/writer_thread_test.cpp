#include "adapters/writer_thread.hpp"

#include "adapters/task_group.hpp"
#include "test/support/catch.hpp"

#include <atomic>
#include <functional>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>

#include <signal.h>

namespace adapters = failover::adapters;
namespace asio = boost::asio;
namespace core = failover::core;

namespace {

using Outcomes = std::vector<core::Result<void>>;

/// A coroutine with parameters, as the house asks for.
asio::awaitable<void> run_job(adapters::WriterThread& writer, std::function<core::Result<void>()> job,
                              Outcomes& outcomes, std::vector<std::thread::id>& threads) {
  auto outcome = co_await writer.run(std::move(job));
  outcomes.push_back(std::move(outcome));
  threads.push_back(std::this_thread::get_id());
}

asio::awaitable<void> run_scan(adapters::WriterThread& writer, std::function<core::Result<std::string>()> job,
                               std::optional<core::Result<std::string>>& outcome) {
  auto got = co_await writer.run<std::string>(std::move(job));
  outcome = std::move(got);
}

struct Fixture {
  asio::io_context io{1};
  std::vector<std::string> failures = {};
  adapters::TaskGroup group{io.get_executor(),
                            [this](auto const& name, auto const& what) { failures.push_back(name + ": " + what); }};
  Outcomes outcomes = {};
  std::vector<std::thread::id> threads = {};

  void spawn(adapters::WriterThread& writer, std::function<core::Result<void>()> job) {
    group.spawn("job", run_job(writer, std::move(job), outcomes, threads));
  }
};

}  // namespace

TEST_CASE("jobs run in order on one other thread and answer on the loop", "[adapters][writer_thread]") {
  Fixture f;
  adapters::WriterThread writer{f.io.get_executor()};
  std::vector<int> order;
  std::vector<std::thread::id> workers;
  for (int number = 0; number < 100; ++number)
    f.spawn(writer, [&order, &workers, number]() -> core::Result<void> {
      order.push_back(number);
      workers.push_back(std::this_thread::get_id());
      if (number == 7) return core::Error{core::ErrorKind::no_space, "full"};
      return {};
    });
  f.io.run();  // ends by itself only when every answer has arrived
  REQUIRE(f.outcomes.size() == 100);
  REQUIRE(order.size() == 100);
  for (int number = 0; number < 100; ++number) CHECK(order[static_cast<std::size_t>(number)] == number);
  CHECK(f.outcomes[7] == core::Result<void>{core::Error{core::ErrorKind::no_space, "full"}});
  CHECK(f.outcomes[8] == core::Result<void>{});
  CHECK(std::set<std::thread::id>(workers.begin(), workers.end()).size() == 1);
  CHECK(workers.front() != std::this_thread::get_id());
  for (auto const& thread : f.threads) CHECK(thread == std::this_thread::get_id());
}

TEST_CASE("a job may bring back a value", "[adapters][writer_thread]") {
  Fixture f;
  adapters::WriterThread writer{f.io.get_executor()};
  std::optional<core::Result<std::string>> outcome;
  f.group.spawn("scan", run_scan(
                            writer, [] { return core::Result<std::string>{"listing"}; }, outcome));
  f.io.run();
  CHECK(outcome == core::Result<std::string>{"listing"});
}

TEST_CASE("a job that throws answers with an error", "[adapters][writer_thread]") {
  Fixture f;
  adapters::WriterThread writer{f.io.get_executor()};
  f.spawn(writer, []() -> core::Result<void> { throw std::runtime_error("lost"); });
  f.io.run();
  REQUIRE(f.outcomes.size() == 1);
  REQUIRE_FALSE(f.outcomes.front());
  CHECK(f.outcomes.front().error().kind == core::ErrorKind::io);
  CHECK(f.failures.empty());
}

TEST_CASE("cancelling who waits does not stop a job, and its answer still arrives", "[adapters][writer_thread]") {
  Fixture f;
  adapters::WriterThread writer{f.io.get_executor()};
  std::atomic<bool> go{false};
  std::atomic<bool> finished{false};
  f.spawn(writer, [&]() -> core::Result<void> {
    while (!go) std::this_thread::yield();
    finished = true;
    return {};
  });
  f.io.poll();
  f.group.cancel_all();
  f.io.poll();
  CHECK(f.outcomes.empty());
  go = true;
  f.io.run();
  CHECK(finished);
  CHECK(f.outcomes == Outcomes{core::Result<void>{}});
}

TEST_CASE("destroying the thread finishes what is queued", "[adapters][writer_thread]") {
  Fixture f;
  int done = 0;
  {
    adapters::WriterThread writer{f.io.get_executor()};
    for (int number = 0; number < 20; ++number)
      f.spawn(writer, [&done]() -> core::Result<void> {
        ++done;
        return {};
      });
    f.io.poll();
  }
  CHECK(done == 20);
}

TEST_CASE("the writer thread leaves signals to the loop", "[adapters][writer_thread]") {
  Fixture f;
  adapters::WriterThread writer{f.io.get_executor()};
  bool blocked = false;
  f.spawn(writer, [&blocked]() -> core::Result<void> {
    sigset_t mask{};
    ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    blocked = ::sigismember(&mask, SIGTERM) == 1 && ::sigismember(&mask, SIGHUP) == 1;
    return {};
  });
  f.io.run();
  CHECK(blocked);
  sigset_t mask{};
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  CHECK(::sigismember(&mask, SIGTERM) == 0);
}
