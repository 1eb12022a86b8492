#pragma once

#include "core/config.hpp"
#include "core/world.hpp"

#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace failover::adapters {

/// Hands a message to a program of the user's: one JSON object `{"id","channel","subject","body"}` and a line feed on
/// its stdin. Exit code 0 is success. After `timeout` the program's process group is killed. No failure is permanent,
/// for the program may be mended. The failure's detail quotes the first 200 characters of stderr.
[[nodiscard]] boost::asio::awaitable<std::optional<core::SendFailure>> run_command_channel(
    boost::asio::any_io_executor executor, core::CommandChannelConfig config, core::Message message,
    core::Duration timeout);

}  // namespace failover::adapters
