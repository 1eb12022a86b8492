#pragma once

#include "core/result.hpp"

#include <boost/asio/awaitable.hpp>

namespace failover::adapters {

namespace asio = boost::asio;

/// What an asynchronous adapter returns. Completes exactly once; never throws on purpose.
template <class T>
using Async = asio::awaitable<core::Result<T>>;

}  // namespace failover::adapters
