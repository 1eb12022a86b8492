#pragma once

#include "adapters/async.hpp"
#include "adapters/journal_file.hpp"
#include "adapters/writer_thread.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/steady_timer.hpp>

namespace failover::adapters {

struct JournalLimits {
  std::size_t file_bytes = std::size_t{8} << 20;            ///< after a file's beginning; then the next file begins
  std::size_t waiting_bytes = std::size_t{8} << 20;         ///< not yet with the writer thread; what is more is lost
  core::Duration pause = std::chrono::milliseconds{200};    ///< between two writes of lines that are wanted soon
  core::Duration idle_pause = std::chrono::seconds{75};     ///< the most that others wait: each write wakes a processor
  core::Duration idle_write = std::chrono::seconds{50};     ///< after that much of it they go with the next line
  std::size_t idle_bytes = std::size_t{64} << 10;           ///< or until there is so much of them
  core::Duration after_failure = std::chrono::seconds{10};  ///< before a disk that failed is tried again
};

/// When a line ought to be in the file.
enum class Haste { soon, some_time };

/// Collects lines on the loop and has them written on the writer thread, never faster than every `pause`. Adding a line
/// never waits: what there is no room for, and what could not be written, is lost and counted.
///
/// The owner of the lines is asked to begin again after a loss, and in each new file: see wants_beginning().
class Journal {
 public:
  /// A sentence of trouble with the file, once; "" when it is written again.
  using Told = std::function<void(std::string const& trouble)>;

  Journal(asio::any_io_executor const& loop, WriterThread& writer, std::string path, Told told,
          JournalLimits limits = {});

  /// One line with its line break, or several.
  void add(std::string_view lines, Haste haste = Haste::soon);

  /// Whether what comes next must stand for itself: the file is full, or lines were lost and there is room again.
  [[nodiscard]] bool wants_beginning() const;

  /// Such a beginning, in a file of its own where the present one is full. It is never lost for want of room.
  void begin(std::string_view lines);

  /// Lines that were lost since begin() was last called.
  [[nodiscard]] std::uint64_t lost() const { return lost_; }
  [[nodiscard]] bool is_full() const { return written_ + waiting_.size() >= limits_.file_bytes + beginning_; }

  /// Writes what is added, until it is cancelled.
  [[nodiscard]] asio::awaitable<void> run();

  /// Writes what waits now.
  [[nodiscard]] Async<void> flush();

 private:
  void write_within(core::Duration pause);
  void lose(std::uint64_t lines);
  void tell(core::Result<void> const& outcome);

  WriterThread& writer_;
  std::string path_;
  std::shared_ptr<JournalFile> file_;  ///< the writer thread's, while one of its jobs runs
  Told told_;
  JournalLimits limits_;
  asio::steady_timer timer_;
  asio::steady_timer::time_point last_write_;
  std::string former_ = {};  ///< waits, and belongs to the file before
  std::string waiting_ = {};
  std::size_t written_ = 0;    ///< bytes of the present file, with those on their way
  std::size_t beginning_ = 0;  ///< bytes with which the present file began: they may be more than a file has room for
  std::uint64_t waiting_lines_ = 0;
  std::uint64_t lost_ = 0;
  bool anew_ = false;          ///< a new file begins between `former_` and `waiting_`
  bool writing_ = false;       ///< a batch is with the writer thread
  bool broken_ = false;        ///< the last write failed, and it is too early for another try
  bool trouble_told_ = false;  ///< a failure was told, and no success since
};

}  // namespace failover::adapters
