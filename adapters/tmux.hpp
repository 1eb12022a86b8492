#pragma once

#include "adapters/async.hpp"
#include "adapters/child_process.hpp"
#include "adapters/clock.hpp"
#include "adapters/tmux_control.hpp"
#include "adapters/turnstile.hpp"
#include "core/config.hpp"
#include "core/effect.hpp"
#include "core/transport_counts.hpp"
#include "core/world.hpp"

#include <functional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include <sys/types.h>

namespace failover::adapters {

/// The one tmux server that is configured, spoken to by one short-lived `tmux` child at a time; listings and plain
/// screens, once a listing named a session to attach to, by a control client that stays (TmuxControl). When that one
/// fails a child asks the same again at once and all goes by children for a while; not after `timed_out`, for a server
/// that does not answer the one does not answer the other.
///
/// Whoever comes while a child is out waits for its turn, so a server that hangs never has more than one of us
/// waiting. Each child has `command_timeout`, then it is killed and the call fails with `timed_out`: what it was to
/// do may or may not have happened, and must be looked at before it is tried again. (Nearly all commands travel on
/// the child's stdin, which a server reads through the living client: measured, a server that hung executes nothing
/// of a child killed meanwhile. Commands in argv it would execute late.)
///
/// A pane is meant by server pid, server start and id. Whatever writes to a pane checks that, and that the pane
/// would take the keys, in the same server-side step as the writing, and is proved by an answer from that step;
/// otherwise it fails with `not_found` or `refused` and nothing was written.
///
/// Other errors: `unavailable` no server at the socket, `not_found` also when tmux is not installed, `permission`
/// a socket of another user, `unsupported` a server of another version, `cancelled`.
/// Never starts a server, but in start_session with `start_server`: then in a scope of its own, where this process is a
/// service and the user's systemd can be asked (core/server_scope.hpp). Where that fails it is started directly, as
/// without a systemd, and `on_trouble` is told, once; from then on it is not tried again. Must outlive its calls.
class Tmux {
 public:
  Tmux(asio::any_io_executor executor, core::TmuxConfig config, std::function<core::Now()> clock = read_clock,
       std::function<void(std::string)> on_trouble = {});

  /// Path of the server's socket: the configured one, or where tmux itself would look.
  [[nodiscard]] std::string const& socket() const { return config_.socket; }

  /// Which ways the listings and screens came so far.
  [[nodiscard]] core::TransportCounts const& transports() const { return transports_; }

  /// Every pane of every session, the active panes first. A pane of a linked window appears once per session.
  [[nodiscard]] Async<std::vector<core::PaneInfo>> list_panes();

  /// The pane's first process, as it is now. `not_found` when the pane is gone.
  [[nodiscard]] Async<pid_t> process_of(core::PaneRef pane);

  /// The visible screens of these panes, wrapped rows joined, in one batch. A pane that is gone, or is another
  /// server's, is absent from the answer.
  [[nodiscard]] Async<std::vector<core::Screen>> capture(std::vector<core::PaneRef> panes);
  /// The same, with less of those that the look wants less of.
  [[nodiscard]] Async<std::vector<core::Screen>> look(core::effect::CapturePanes wanted);

  /// One screen with its SGR sequences, rows as they are. `not_found` when the pane is gone.
  [[nodiscard]] Async<core::Screen> capture_colours(core::PaneRef pane);

  /// Makes a detached session of our own: marked with `@cf_owner`, its pane kept when the program ends, its size
  /// kept (at least 80 × 24) whoever attaches. `already_exists` when there is a session of that name; `invalid` for
  /// a name that tmux would change or expand; `not_found` when workdir is no directory.
  [[nodiscard]] Async<core::PaneRef> start_session(core::effect::StartSession session);

  /// Kills what runs in the pane and runs argv there. From then on the pane stays when its program ends.
  [[nodiscard]] Async<void> restart(core::effect::RestartAgent agent);

  /// Ends the pane and what runs in it. `refused` where it stands in a session that is not marked as ours.
  [[nodiscard]] Async<void> end_pane(core::PaneRef pane);

  [[nodiscard]] Async<void> press_escape(core::PaneRef pane);
  [[nodiscard]] Async<void> press_enter(core::PaneRef pane);

  /// Pastes text (bracketed where the program asked for it) without control characters but newline and tab.
  /// `invalid` when nothing remains of it. Does not press Enter.
  [[nodiscard]] Async<void> paste(core::PaneRef pane, std::string text);

 private:
  struct Step;
  struct Reading;
  [[nodiscard]] Async<ChildResult> run(std::vector<std::string> words, std::string input, std::size_t bytes);
  [[nodiscard]] Async<ChildResult> child(std::vector<std::string> words, std::string input, std::size_t bytes);
  [[nodiscard]] Async<ChildResult> in_scope(std::vector<std::string> argv, std::string input, std::size_t bytes);
  [[nodiscard]] Async<ChildResult> spawned(std::vector<std::string> argv, std::string input, std::size_t bytes);
  [[nodiscard]] Async<std::string> read(Reading reading);
  [[nodiscard]] Async<std::string> read_by_child(Reading reading);
  [[nodiscard]] Async<std::vector<core::Screen>> screens(std::string batch, std::string mark,
                                                         std::vector<core::PaneRef> panes, bool by_control);
  [[nodiscard]] Async<void> act(core::PaneRef pane, Step step);
  [[nodiscard]] Async<void> press(core::PaneRef pane, std::string key);
  [[nodiscard]] Async<core::PaneRef> new_session(core::effect::StartSession session);
  [[nodiscard]] core::Error no_answer() const;
  [[nodiscard]] core::Error failure(ChildResult const& result) const;
  [[nodiscard]] std::string forget_stray_buffers();
  void give_up_scopes(std::string const& why);

  asio::any_io_executor executor_;
  core::TmuxConfig config_;
  Turnstile turnstile_;
  TmuxControl control_;
  std::function<void(std::string)> on_trouble_;
  bool scopes_ = true;  ///< false once a scope could not be had
  core::TransportCounts transports_ = {};
  std::vector<std::string> stray_buffers_ = {};  ///< loaded or perhaps loaded, not pasted: removed by the next batch
};

}  // namespace failover::adapters
