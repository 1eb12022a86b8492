#pragma once

#include "adapters/transcript_shelf.hpp"
#include "adapters/writer_thread.hpp"
#include "core/transcript.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

namespace failover::adapters {

/// Tells on the loop what the transcripts in some directories gain, as soon as it is written.
///
/// Reading happens on the writer thread, one turn at a time; what is touched meanwhile is read in the next turn. No
/// delay is added. What is followed, from where, and what is left out stands at TranscriptShelf. inotify is a hint:
/// whoever calls rescan() now and then loses nothing, also where a limit of inotify is reached.
///
/// `on_rows` gets rows oldest first within a file; a file that is told anew (after it was rewritten, or its directory
/// is reached by another path) repeats rows, which their uuid shows. `all_read` says that nothing is left that was
/// written before; the first such news after a change of directories comes also without rows. `on_trouble` gets each
/// trouble once, with its cure. Both are called on the loop, from run().
class TranscriptTail {
 public:
  TranscriptTail(asio::any_io_executor const& executor, WriterThread& writer,
                 std::function<void(std::vector<core::TranscriptRow>, bool all_read)> on_rows,
                 std::function<void(std::string)> on_trouble);

  /// The directories to follow, by absolute paths (`<config dir>/projects/<project directory>`); replaces those
  /// before, costs nothing when they are the same. One that is not there yet is waited for.
  void follow(std::vector<std::string> directories);

  /// Looks at everything again, as hints may have been lost.
  void rescan();

  /// Reads and tells until cancelled.
  [[nodiscard]] asio::awaitable<void> run();

 private:
  [[nodiscard]] asio::awaitable<void> next_hint();
  [[nodiscard]] std::function<core::Result<TranscriptNews>()> turn();
  void wake();

  WriterThread& writer_;
  std::function<void(std::vector<core::TranscriptRow>, bool)> on_rows_;
  std::function<void(std::string)> on_trouble_;
  std::shared_ptr<TranscriptShelf> shelf_;  ///< the turn's, which may outlive us
  asio::posix::stream_descriptor hints_;    ///< closed without inotify
  asio::steady_timer never_;                ///< what is waited for then
  std::vector<std::string> directories_ = {};
  bool directories_changed_ = false;
  bool scan_wanted_ = false;
  bool unread_ = false;  ///< it was not told yet that all is read
  bool due_ = false;     ///< a turn is due without a hint
};

}  // namespace failover::adapters
