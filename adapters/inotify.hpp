#pragma once

#include "core/result.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace failover::adapters {

namespace asio = boost::asio;

/// Says that something may have changed in some directories. A hint only: the listener looks for itself.
///
/// Hints come for names that were moved in, closed after writing or (the directory itself) removed, moved away or
/// unmounted, and for a lost event; not for names that begin with a dot. Many events make one hint. A watch follows
/// its directory, not the path, so after a removal, a move or an overflow it counts as lost until rewatch() found the
/// path again; whoever scans now and then calls it before. One inotify instance each, so that a burst in one does not
/// lose another's events.
class DirectoryWatch {
 public:
  DirectoryWatch(asio::any_io_executor const& executor, std::function<void()> on_hint);

  /// Watches one more directory. The path is remembered also when it fails (limits reached, not there yet), so that
  /// rewatch() tries again.
  [[nodiscard]] core::Result<void> watch(std::string const& dir);

  /// Puts every watch on what its path leads to now. The first failure is returned, the others are tried all the same.
  [[nodiscard]] core::Result<void> rewatch();

  /// Whether some watch is lost.
  [[nodiscard]] bool lost() const;

  /// Reads events and gives hints until cancelled. Without inotify (its limit was reached) it ends at once.
  [[nodiscard]] asio::awaitable<void> run();

  /// Takes events as the kernel writes them. For run() and for tests of what the kernel does rarely.
  void take(std::string_view events);

 private:
  struct Watch {
    std::string dir = {};
    int descriptor = -1;  ///< -1: lost
  };

  [[nodiscard]] core::Result<void> add(Watch& watch);
  void drain();

  std::function<void()> on_hint_;
  std::vector<Watch> watches_ = {};
  asio::posix::stream_descriptor stream_;
  int failure_ = 0;  ///< errno of a failed inotify_init1
};

}  // namespace failover::adapters
