#include "adapters/journal.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace failover::adapters {
namespace {

std::uint64_t lines_in(std::string_view text) {
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

/// One write, on the writer thread.
struct Batch {
  std::string path = {};
  std::shared_ptr<JournalFile> file = {};
  std::string former = {};
  std::string lines = {};
  bool anew = false;
  std::shared_ptr<std::size_t> size_after = std::make_shared<std::size_t>(0);

  core::Result<void> operator()() const {
    auto outcome = write();
    *size_after = journal_size(path);
    return outcome;
  }

 private:
  [[nodiscard]] core::Result<void> write() const {
    if (!former.empty()) {
      auto const written = file->append(former);
      if (!written) return written;
    }
    if (anew) {
      auto const begun = file->begin_anew();
      if (!begun) return begun;
    }
    return file->append(lines);
  }
};

}  // namespace

Journal::Journal(asio::any_io_executor const& loop, WriterThread& writer, std::string path, Told told,
                 JournalLimits limits)
    : writer_(writer),
      path_(std::move(path)),
      file_(std::make_shared<JournalFile>(path_)),
      told_(std::move(told)),
      limits_(limits),
      timer_(loop, asio::steady_timer::time_point::max()),
      last_write_(asio::steady_timer::clock_type::now()),
      written_(journal_size(path_)) {}

void Journal::add(std::string_view lines, Haste haste) {
  bool const no_room = former_.size() + waiting_.size() + lines.size() > limits_.waiting_bytes;
  if (lost_ > 0 || no_room) {
    lost_ += lines_in(lines);
    return;
  }
  waiting_ += lines;
  waiting_lines_ += lines_in(lines);
  if (haste == Haste::soon || waiting_.size() >= limits_.idle_bytes) return write_within(limits_.pause);
  bool const company = asio::steady_timer::clock_type::now() - last_write_ >= limits_.idle_write;
  write_within(company ? core::Duration{} : limits_.idle_pause);  // at once: we are awake now
}

bool Journal::wants_beginning() const {
  if (lost_ > 0) return !broken_ && !writing_ && waiting_.empty() && former_.empty();
  return is_full() && !anew_;
}

void Journal::begin(std::string_view lines) {
  if (is_full() && !anew_) {
    former_ = std::exchange(waiting_, {});
    anew_ = true;
    written_ = 0;
    beginning_ = lines.size();
  }
  lost_ = 0;
  waiting_ += lines;
  waiting_lines_ += lines_in(lines);
  write_within(limits_.pause);
}

/// Of two that ask, the one in more haste; a disk that failed has its own pause.
void Journal::write_within(core::Duration pause) {
  auto const at = asio::steady_timer::clock_type::now() + (broken_ ? limits_.after_failure : pause);
  if (at < timer_.expiry()) timer_.expires_at(at);
}

asio::awaitable<void> Journal::run() {
  for (;;) {
    boost::system::error_code error;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    if (error) continue;  // set anew by write_within(); a cancelled coroutine ends at its next wait
    timer_.expires_at(asio::steady_timer::time_point::max());
    broken_ = false;
    auto const written = co_await flush();
    (void)written;  // has been told
    if (!waiting_.empty() || broken_) write_within(limits_.pause);
  }
}

Async<void> Journal::flush() {
  if (waiting_.empty() && former_.empty()) co_return core::Result<void>{};
  Batch batch{path_, file_, std::exchange(former_, {}), std::exchange(waiting_, {}), std::exchange(anew_, false)};
  last_write_ = asio::steady_timer::clock_type::now();
  auto const size = batch.size_after;
  auto const lines = std::exchange(waiting_lines_, 0);
  written_ += batch.lines.size();
  writing_ = true;
  std::function<core::Result<void>()> job = std::move(batch);
  auto outcome = co_await writer_.run(std::move(job));
  writing_ = false;
  if (!outcome) lose(lines);
  if (!anew_) written_ = *size;
  tell(outcome);
  co_return std::move(outcome);
}

/// A batch that may be there in part is followed by nothing that builds on it.
void Journal::lose(std::uint64_t lines) {
  lost_ += lines + std::exchange(waiting_lines_, 0);
  waiting_.clear();
  former_.clear();
  anew_ = false;
}

void Journal::tell(core::Result<void> const& outcome) {
  broken_ = !outcome.has_value();
  if (std::exchange(trouble_told_, broken_) == broken_) return;
  told_(broken_ ? outcome.error().detail : "");
}

}  // namespace failover::adapters
