#pragma once

#include "adapters/async.hpp"
#include "core/config.hpp"
#include "core/examine_tmux.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace failover::adapters {

/// What there is of tmux, asked once and by one short child each, with the deadline of every command. No server is
/// started, and none notices more than a listing.
[[nodiscard]] asio::awaitable<core::TmuxFacts> look_at_tmux(asio::any_io_executor executor, core::TmuxConfig config);

/// The server's and the daemon's control groups, by who listens at these sockets; neither has to answer.
[[nodiscard]] core::GroupFacts look_at_groups(std::string const& tmux_socket, std::string const& daemon_socket);

}  // namespace failover::adapters
