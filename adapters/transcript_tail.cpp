#include "adapters/transcript_tail.hpp"

#include "adapters/clock.hpp"

#include <optional>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>

namespace failover::adapters {

TranscriptTail::TranscriptTail(asio::any_io_executor const& executor, WriterThread& writer,
                               std::function<void(std::vector<core::TranscriptRow>, bool)> on_rows,
                               std::function<void(std::string)> on_trouble)
    : writer_(writer),
      on_rows_(std::move(on_rows)),
      on_trouble_(std::move(on_trouble)),
      shelf_(std::make_shared<TranscriptShelf>()),
      hints_(executor),
      never_(executor, asio::steady_timer::time_point::max()) {
  // A descriptor of our own: the shelf may outlive us.
  int const descriptor = shelf_->descriptor() < 0 ? -1 : ::fcntl(shelf_->descriptor(), F_DUPFD_CLOEXEC, 0);
  if (descriptor >= 0) hints_.assign(descriptor);
}

void TranscriptTail::follow(std::vector<std::string> directories) {
  if (directories == directories_) return;
  directories_ = std::move(directories);
  directories_changed_ = true;
  unread_ = true;
  wake();
}

void TranscriptTail::rescan() {
  scan_wanted_ = true;
  wake();
}

void TranscriptTail::wake() {
  due_ = true;
  boost::system::error_code ignored;
  hints_.cancel(ignored);
  never_.cancel();
}

asio::awaitable<void> TranscriptTail::run() {
  while (true) {
    if (!due_) co_await next_hint();
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) co_return;
    due_ = false;
    auto job = turn();
    auto news = co_await writer_.run<TranscriptNews>(std::move(job));
    if (!news) {
      on_trouble_("cannot look at transcripts: " + news.error().detail);
      continue;
    }
    due_ |= news->more;
    for (auto& trouble : news->troubles) on_trouble_(std::move(trouble));
    bool const all_read = !news->more && !directories_changed_;
    if (!news->rows.empty() || (all_read && unread_)) on_rows_(std::move(news->rows), all_read);
    if (all_read) unread_ = false;
  }
}

/// Ends with a hint, with wake() and with a cancellation.
asio::awaitable<void> TranscriptTail::next_hint() {
  boost::system::error_code error;
  if (!hints_.is_open()) {
    co_await never_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    co_return;
  }
  co_await hints_.async_wait(asio::posix::stream_descriptor::wait_read,
                             asio::redirect_error(asio::use_awaitable, error));
  // It would fail at once the next time, too. Scans go on finding everything.
  if (error && error != asio::error::operation_aborted) hints_.close(error);
}

/// A turn of the shelf with what was asked for since the last one.
std::function<core::Result<TranscriptNews>()> TranscriptTail::turn() {
  std::optional<std::vector<std::string>> directories;
  if (std::exchange(directories_changed_, false)) directories = directories_;
  auto const scan = std::exchange(scan_wanted_, false);
  return [shelf = shelf_, directories = std::move(directories), scan]() -> core::Result<TranscriptNews> {
    if (directories) shelf->follow(*directories);
    if (scan) shelf->scan_next();
    return shelf->turn(read_clock().wall);
  };
}

}  // namespace failover::adapters
