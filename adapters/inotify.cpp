#include "adapters/inotify.hpp"

#include "adapters/errno_error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/inotify.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

constexpr std::uint32_t wanted = IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
constexpr std::uint32_t ending = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED;
constexpr int reads_a_turn = 64;  // 4 MiB of events; the rest makes the descriptor ready again

/// Whether a name is worth a look. Temporary files have a dot in front, and become a name without one.
bool is_visible(std::string_view name) {
  return !name.empty() && name.front() != '.';
}

}  // namespace

DirectoryWatch::DirectoryWatch(asio::any_io_executor const& executor, std::function<void()> on_hint)
    : on_hint_(std::move(on_hint)), stream_(executor) {
  int const descriptor = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (descriptor < 0)
    failure_ = errno;
  else
    stream_.assign(descriptor);
}

core::Result<void> DirectoryWatch::watch(std::string const& dir) {
  watches_.push_back({dir, -1});
  return add(watches_.back());
}

core::Result<void> DirectoryWatch::add(Watch& watch) {
  if (!stream_.is_open()) return errno_error(failure_, "no inotify, changes are found by scanning only");
  auto const descriptor = ::inotify_add_watch(stream_.native_handle(), watch.dir.c_str(), wanted);
  auto const number = errno;
  auto const before = std::exchange(watch.descriptor, descriptor);
  bool const in_use =
      std::any_of(watches_.begin(), watches_.end(), [&](auto const& w) { return w.descriptor == before; });
  if (before >= 0 && !in_use) (void)::inotify_rm_watch(stream_.native_handle(), before);  // may be gone already
  if (descriptor < 0) return errno_error(number, "cannot watch " + watch.dir);
  return {};
}

core::Result<void> DirectoryWatch::rewatch() {
  core::Result<void> outcome;
  for (auto& watch : watches_) {
    auto added = add(watch);
    if (outcome && !added) outcome = std::move(added);
  }
  return outcome;
}

bool DirectoryWatch::lost() const {
  return std::any_of(watches_.begin(), watches_.end(), [](auto const& watch) { return watch.descriptor < 0; });
}

asio::awaitable<void> DirectoryWatch::run() {
  while (stream_.is_open()) {
    boost::system::error_code error;
    co_await stream_.async_wait(asio::posix::stream_descriptor::wait_read,
                                asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    drain();
  }
}

void DirectoryWatch::drain() {
  alignas(inotify_event) std::array<char, 65536> buffer{};
  std::string events;
  for (int reads = 0; reads < reads_a_turn; ++reads) {
    auto const got = ::read(stream_.native_handle(), buffer.data(), buffer.size());
    if (got <= 0) break;  // EAGAIN: all read
    events.append(buffer.data(), static_cast<std::size_t>(got));
  }
  take(events);
}

void DirectoryWatch::take(std::string_view events) {
  bool hint = false;
  while (events.size() >= sizeof(inotify_event)) {
    inotify_event event{};
    std::memcpy(&event, events.data(), sizeof event);
    auto const name = events.substr(sizeof event, event.len);
    if ((event.mask & IN_Q_OVERFLOW) != 0) {
      hint = true;  // what else was lost is not known: the end of a watch, perhaps
      for (auto& watch : watches_) watch.descriptor = -1;
    } else if ((event.mask & ending) != 0) {
      for (auto& watch : watches_)
        if (watch.descriptor == event.wd) {
          hint = true;
          watch.descriptor = -1;
          // A moved directory is followed by its watch for ever: end it. EINVAL where the kernel has ended it.
          if (stream_.is_open()) (void)::inotify_rm_watch(stream_.native_handle(), event.wd);
        }
    } else if (is_visible(name)) {
      hint = true;
    }
    events.remove_prefix(std::min(events.size(), sizeof event + event.len));
  }
  if (hint) on_hint_();
}

}  // namespace failover::adapters
