#pragma once

#include "adapters/async.hpp"
#include "adapters/clock.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>

namespace failover::adapters {

/// When something that failed may be tried again: after 10 s, and after twice as long each time, at most 5 min, while
/// it fails within 10 s of its start.
class RetryPause {
 public:
  void started(core::MonoTime now) { started_ = now; }
  void failed(core::MonoTime now);
  [[nodiscard]] bool over(core::MonoTime now) const { return !until_ || now >= *until_; }

 private:
  std::optional<core::MonoTime> started_ = {};
  std::optional<core::MonoTime> until_ = {};
  core::Duration pause_ = {};
};

/// One tmux client in control mode that stays, for questions at a fraction of what a child for each costs.
///
/// The client is started by the first question and attached, without a say in any size, to the session it was told.
/// What that session notices: it counts as attached, its hooks for attaching run, and where the program in its active
/// pane asked for it, that is told once that it has the focus. Nothing is taken into its environment.
/// Between questions whatever tmux tells is read and dropped, so that the server never has to keep it for us.
/// A client that ended, did not answer or said too much is killed and reaped. After that a pause begins and the
/// session must be told anew, for it may be gone. Dying, it takes the client along. Must outlive its calls.
class TmuxControl {
 public:
  TmuxControl(asio::any_io_executor executor, std::string socket, std::function<core::Now()> clock = read_clock);
  TmuxControl(TmuxControl const&) = delete;
  TmuxControl& operator=(TmuxControl const&) = delete;
  ~TmuxControl();

  /// The session, by its id, that the next client is attached to.
  void attach_to(std::string session) { session_ = std::move(session); }

  /// Whether a question is worth trying: a client is there, or may be started.
  [[nodiscard]] bool usable();

  /// What the commands print, one or one `if-shell -F … { } { }` a line, as `source-file -` prints it on stdout; those
  /// that fail print nothing. The last line must print the mark, drawn at random, and " end"; what else of it begins
  /// with the mark must be printed by us.
  /// One question at a time. Errors: `unavailable` the client could not start or ended, `timed_out` no whole answer
  /// within the limit, `too_large` more than max_bytes, `cancelled`. The commands may have been run all the same.
  [[nodiscard]] Async<std::string> ask(std::string batch, std::string mark, std::size_t max_bytes,
                                       core::Duration limit);

 private:
  class Client;
  [[nodiscard]] core::Result<void> start();
  void settle();

  asio::any_io_executor executor_;
  std::string socket_;
  std::function<core::Now()> clock_;
  std::string session_ = {};
  RetryPause pause_ = {};
  std::shared_ptr<Client> client_ = {};
};

}  // namespace failover::adapters
