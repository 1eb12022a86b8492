#include "adapters/tmux_look.hpp"

#include "adapters/child_process.hpp"
#include "adapters/control_group.hpp"
#include "adapters/program_path.hpp"
#include "adapters/socket_listener.hpp"
#include "adapters/tmux.hpp"
#include "adapters/tmux_words.hpp"

#include <algorithm>
#include <utility>

namespace failover::adapters {

asio::awaitable<core::TmuxFacts> look_at_tmux(asio::any_io_executor executor, core::TmuxConfig config) {
  config.control_mode = false;
  config.command_timeout = std::min<core::Duration>(config.command_timeout, std::chrono::seconds{5});
  Tmux client(executor, config);
  core::TmuxFacts facts;
  facts.socket = client.socket();
  facts.program = program_path("tmux");
  if (facts.program.empty()) co_return facts;
  std::vector<std::string> words = {"tmux", "-V"};
  auto asking = run_child(executor, std::move(words), {}, ChildLimits{config.command_timeout, 1 << 10});
  auto const version = co_await std::move(asking);
  if (version && version->status == 0) facts.version = tmux::typeable(version->out.substr(0, version->out.find('\n')));
  auto listing = client.list_panes();
  facts.panes = co_await std::move(listing);
  co_return facts;
}

core::GroupFacts look_at_groups(std::string const& tmux_socket, std::string const& daemon_socket) {
  core::GroupFacts facts;
  if (auto const server = listener_of(tmux_socket)) {
    facts.server = *server;
    facts.server_group = control_group_of(*server);
  }
  if (auto const daemon = listener_of(daemon_socket)) facts.daemon_group = control_group_of(*daemon);
  return facts;
}

}  // namespace failover::adapters
