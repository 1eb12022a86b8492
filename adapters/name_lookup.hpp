#pragma once

#include "adapters/async.hpp"
#include "core/time.hpp"

#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace failover::adapters {

/// Finds the addresses of a host, in the system's order of preference; never an empty list.
///
/// Gives up waiting after `limit`, although getaddrinfo itself cannot be stopped: it ends in Asio's resolver thread
/// later, and nobody hears of it. Errors: `unavailable` (no such name, no name server), `timed_out`, `cancelled`.
[[nodiscard]] Async<std::vector<asio::ip::tcp::endpoint>> look_up(asio::any_io_executor executor, std::string host,
                                                                  std::string port, core::Duration limit);

}  // namespace failover::adapters
