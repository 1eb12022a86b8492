#pragma once

#include "core/result.hpp"
#include "core/world.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

namespace failover::adapters {

namespace asio = boost::asio;

/// What happened at terminals.
struct TerminalHints {
  std::vector<core::PaneRef> written = {};
  std::vector<core::PaneRef> closed = {};
  [[nodiscard]] bool empty() const { return written.empty() && closed.empty(); }
};

/// Tells on the loop that programs write to the terminals of panes: one inotify instance on their devices, which costs
/// nothing while they are silent.
///
/// A terminal that is armed tells once that it was written to, `draw_time` after the first word of it (a program draws
/// in several writes), then waits until it is armed again; so a program that never stops drawing costs no more than
/// the looks at it. Whoever looks at a pane arms it before. A terminal that is closed tells so, too.
///
/// Hints only. What a program writes by way of /dev/tty is not seen, nor what happens where the limits of inotify are
/// reached, or where the device is another user's or another namespace's; all that is told once by `on_trouble`, with
/// the cure. The number of a closed terminal is used again, so a hint may be about another pane's terminal: a look at
/// the pane shows that nothing is new.
class TerminalWatch {
 public:
  static constexpr std::chrono::milliseconds draw_time{50};

  /// Both are called on the loop: from run(), and from follow() and arm() where a device is found to be gone.
  TerminalWatch(asio::any_io_executor const& executor, std::function<void(TerminalHints)> on_hints,
                std::function<void(std::string)> on_trouble);

  /// Watches these, armed, instead of those before.
  void follow(std::vector<core::Terminal> const& terminals);

  /// Arms those of these panes again; those that are in `drawing`, too, only to tell that they are closed.
  void arm(std::vector<core::PaneRef> const& panes, std::vector<core::PaneRef> const& drawing = {});

  /// How many can be watched.
  [[nodiscard]] std::size_t watched() const;

  /// Reads events and gives hints until cancelled. Without inotify it ends at once.
  [[nodiscard]] asio::awaitable<void> run();

  /// The hints in events as the kernel writes them. For run() and for tests of what the kernel does rarely.
  [[nodiscard]] TerminalHints take(std::string_view events);

 private:
  enum class For { writing, closing };

  struct Watch {
    std::string path = {};
    int descriptor = -1;  ///< -1: not armed
    For armed_for = For::writing;
    bool was_armed = false;  ///< ever: its device was there
  };

  /// False when its device was there and is not any more.
  [[nodiscard]] bool arm(core::PaneRef const& pane, Watch& watch, For what);
  void disarm(Watch& watch);
  void note_failure(int number, std::string const& path);
  [[nodiscard]] TerminalHints drain();

  std::function<void(TerminalHints)> on_hints_;
  std::function<void(std::string)> on_trouble_;
  std::map<core::PaneRef, Watch> watches_ = {};
  std::map<int, core::PaneRef> armed_ = {};  ///< by the kernel's descriptor
  asio::posix::stream_descriptor stream_;    ///< closed without inotify
  asio::steady_timer timer_;
  int failure_ = 0;       ///< errno of a failed inotify_init1
  int told_failure_ = 0;  ///< the last one that was told
};

}  // namespace failover::adapters
