#pragma once

#include "adapters/tmux.hpp"
#include "test/support/run_to_end.hpp"
#include "test/support/tmux_server.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>

namespace failover::test {

/// A private server and our view of it.
struct TmuxWorld {
  TmuxServer server = {};
  boost::asio::io_context loop{1};
  adapters::Tmux tmux;

  explicit TmuxWorld(core::Duration timeout = std::chrono::seconds{20}, bool start_server = false)
      : tmux(loop.get_executor(), config(timeout, start_server)) {}

  core::TmuxConfig config(core::Duration timeout, bool start_server) const {
    core::TmuxConfig result;
    result.socket = server.socket();
    result.command_timeout = timeout;
    result.start_server = start_server;
    return result;
  }

  template <class T>
  core::Result<T> run(adapters::Async<T> task) {
    return run_to_end(loop, std::move(task), std::chrono::seconds{60});
  }

  core::PaneRef ref(std::string const& target) {
    return {std::stoll(server.format(target, "#{pid}")), std::stoll(server.format(target, "#{start_time}")),
            core::PaneId{server.format(target, "#{pane_id}")}};
  }

  std::optional<core::PaneInfo> pane_of(std::string const& session) {
    auto const panes = run(tmux.list_panes());
    if (!panes) return {};
    for (auto const& pane : *panes) {
      if (pane.session.str() == session) return pane;
    }
    return {};
  }
};

}  // namespace failover::test
