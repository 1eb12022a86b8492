#include "adapters/turnstile.hpp"

#include "test/support/catch.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

using namespace failover;
namespace asio = boost::asio;
using adapters::Turnstile;

namespace {

struct Record {
  std::vector<std::string> lines = {};
  int inside = 0;
};

asio::awaitable<void> visit(Turnstile& turnstile, Record& record, std::string name,
                            std::chrono::steady_clock::duration time = std::chrono::milliseconds{1}) {
  auto entering = turnstile.enter();
  auto const pass = co_await std::move(entering);
  if (!pass) {
    record.lines.push_back(name + " " + std::string(core::to_string(pass.error().kind)));
    co_return;
  }
  ++record.inside;
  record.lines.push_back(name + " in, " + std::to_string(record.inside) + " inside");
  auto const executor = co_await asio::this_coro::executor;
  asio::steady_timer stay(executor, time);
  co_await stay.async_wait(asio::use_awaitable);
  --record.inside;
}

}  // namespace

TEST_CASE("a turnstile lets through one at a time in the order of coming", "[adapters][turnstile]") {
  asio::io_context loop{1};
  Turnstile turnstile{loop.get_executor()};
  Record record;
  for (auto const* name : {"a", "b", "c", "d"}) {
    asio::co_spawn(loop, visit(turnstile, record, name), asio::detached);
  }
  loop.run_for(std::chrono::seconds{10});
  CHECK(record.lines ==
        std::vector<std::string>{"a in, 1 inside", "b in, 1 inside", "c in, 1 inside", "d in, 1 inside"});
}

TEST_CASE("one who stops waiting at a turnstile leaves its place to the next", "[adapters][turnstile]") {
  asio::io_context loop{1};
  Turnstile turnstile{loop.get_executor()};
  Record record;
  asio::cancellation_signal signal;
  asio::co_spawn(loop, visit(turnstile, record, "a"), asio::detached);
  asio::co_spawn(loop, visit(turnstile, record, "b"), asio::bind_cancellation_slot(signal.slot(), asio::detached));
  asio::co_spawn(loop, visit(turnstile, record, "c"), asio::detached);
  asio::post(loop, [&] { signal.emit(asio::cancellation_type::terminal); });
  loop.run_for(std::chrono::seconds{10});
  CHECK(record.lines == std::vector<std::string>{"a in, 1 inside", "b cancelled", "c in, 1 inside"});
}

TEST_CASE("a loop can be destroyed while some wait at a turnstile that is gone", "[adapters][turnstile]") {
  Record record;
  {
    asio::io_context loop{1};
    auto turnstile = std::make_unique<Turnstile>(loop.get_executor());
    for (auto const* name : {"a", "b", "c"}) {
      asio::co_spawn(loop, visit(*turnstile, record, name, std::chrono::hours{1}), asio::detached);
    }
    loop.poll();
    turnstile.reset();
  }
  CHECK(record.lines == std::vector<std::string>{"a in, 1 inside"});
}
