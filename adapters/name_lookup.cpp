#include "adapters/name_lookup.hpp"

#include <memory>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace failover::adapters {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

/// What the waiting coroutine and the resolver's late handler share: either may be the last to go.
struct Lookup {
  Lookup(asio::any_io_executor const& executor, core::Duration limit) : resolver(executor), gate(executor, limit) {}

  tcp::resolver resolver;
  asio::steady_timer gate;
  bool answered = false;
  error_code error = {};
  std::vector<tcp::endpoint> found = {};
};

void start(std::shared_ptr<Lookup> const& lookup, std::string const& host, std::string const& port) {
  lookup->resolver.async_resolve(host, port, asio::ip::resolver_base::numeric_service,
                                 [lookup](error_code const& error, tcp::resolver::results_type const& results) {
                                   lookup->answered = true;
                                   lookup->error = error;
                                   for (auto const& entry : results) lookup->found.push_back(entry.endpoint());
                                   lookup->gate.cancel();
                                 });
}

}  // namespace

Async<std::vector<tcp::endpoint>> look_up(asio::any_io_executor executor, std::string host, std::string port,
                                          core::Duration limit) {
  auto const lookup = std::make_shared<Lookup>(executor, limit);
  start(lookup, host, port);
  error_code woken;
  co_await lookup->gate.async_wait(asio::redirect_error(asio::use_awaitable, woken));

  if (!lookup->answered) {
    lookup->resolver.cancel();
    if (woken) co_return core::Error{core::ErrorKind::cancelled, host + ": looking up the name was cancelled"};
    co_return core::Error{core::ErrorKind::timed_out, host + ": the name was not found within " +
                                                          std::to_string(limit.count()) + " ms; check the name server"};
  }
  if (lookup->error || lookup->found.empty())
    co_return core::Error{core::ErrorKind::unavailable, host + ": cannot find the address: " +
                                                            (lookup->error ? lookup->error.message() : "none known")};
  co_return std::move(lookup->found);
}

}  // namespace failover::adapters
