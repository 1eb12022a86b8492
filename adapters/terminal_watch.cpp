#include "adapters/terminal_watch.hpp"

#include "adapters/errno_error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <set>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/inotify.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

std::string trouble(int number, std::string const& path) {
  if (number == ENOSPC)
    return "the user's limit of inotify watches is reached, some screens are looked at now and then only; raise it "
           "with "
           "`sysctl fs.inotify.max_user_watches=524288`";
  return errno_error(number, "cannot watch the terminal " + path).detail +
         "; its screen is looked at now and then only";
}

}  // namespace

TerminalWatch::TerminalWatch(asio::any_io_executor const& executor, std::function<void(TerminalHints)> on_hints,
                             std::function<void(std::string)> on_trouble)
    : on_hints_(std::move(on_hints)), on_trouble_(std::move(on_trouble)), stream_(executor), timer_(executor) {
  int const descriptor = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (descriptor < 0)
    failure_ = errno;
  else
    stream_.assign(descriptor);
}

void TerminalWatch::follow(std::vector<core::Terminal> const& terminals) {
  std::map<core::PaneRef, Watch> wanted;
  for (auto const& terminal : terminals) {
    auto const known = watches_.find(terminal.pane);
    bool const same = known != watches_.end() && known->second.path == terminal.path;
    wanted[terminal.pane] = same ? known->second : Watch{terminal.path};
    if (same) watches_.erase(known);
  }
  for (auto& [pane, watch] : watches_) disarm(watch);
  watches_ = std::move(wanted);
  TerminalHints gone;
  for (auto& [pane, watch] : watches_)
    if (!arm(pane, watch, For::writing)) gone.closed.push_back(pane);
  if (!gone.empty()) on_hints_(std::move(gone));
}

void TerminalWatch::arm(std::vector<core::PaneRef> const& panes, std::vector<core::PaneRef> const& drawing) {
  TerminalHints gone;
  for (auto const& pane : panes) {
    auto const watch = watches_.find(pane);
    if (watch == watches_.end()) continue;
    bool const draws = std::find(drawing.begin(), drawing.end(), pane) != drawing.end();
    if (!arm(pane, watch->second, draws ? For::closing : For::writing)) gone.closed.push_back(pane);
  }
  if (!gone.empty()) on_hints_(std::move(gone));
}

bool TerminalWatch::arm(core::PaneRef const& pane, Watch& watch, For what) {
  if (!stream_.is_open()) return true;
  bool const is_so = watch.descriptor >= 0 && what == For::closing && watch.armed_for == what;
  if (is_so) return true;
  std::uint32_t const events = what == For::writing ? IN_MODIFY | IN_ONESHOT : IN_DELETE_SELF;
  int const descriptor = ::inotify_add_watch(stream_.native_handle(), watch.path.c_str(), events | IN_DONT_FOLLOW);
  if (descriptor < 0) {
    int const number = errno;
    watch.descriptor = -1;
    if (number != ENOENT) note_failure(number, watch.path);
    // One that was never there may be in a namespace that is not ours, and there is no news in it.
    return !(std::exchange(watch.was_armed, false) && number == ENOENT);
  }
  watch.descriptor = descriptor;
  watch.armed_for = what;
  watch.was_armed = true;
  armed_.insert_or_assign(descriptor, pane);
  return true;
}

void TerminalWatch::disarm(Watch& watch) {
  auto const armed = armed_.find(watch.descriptor);
  if (armed == armed_.end()) return;
  armed_.erase(armed);
  (void)::inotify_rm_watch(stream_.native_handle(), watch.descriptor);  // EINVAL where the kernel has ended it
}

void TerminalWatch::note_failure(int number, std::string const& path) {
  if (std::exchange(told_failure_, number) != number) on_trouble_(trouble(number, path));
}

std::size_t TerminalWatch::watched() const {
  return static_cast<std::size_t>(
      std::count_if(watches_.begin(), watches_.end(), [](auto const& entry) { return entry.second.was_armed; }));
}

asio::awaitable<void> TerminalWatch::run() {
  if (!stream_.is_open()) {
    on_trouble_(errno_error(failure_, "no inotify, screens are looked at now and then only").detail +
                "; raise the limit with `sysctl fs.inotify.max_user_instances=1024`");
    co_return;
  }
  while (true) {
    boost::system::error_code error;
    co_await stream_.async_wait(asio::posix::stream_descriptor::wait_read,
                                asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    timer_.expires_after(draw_time);
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) co_return;
    auto hints = drain();
    if (!hints.empty()) on_hints_(std::move(hints));
  }
}

TerminalHints TerminalWatch::drain() {
  alignas(inotify_event) std::array<char, 65536> buffer{};
  std::string events;
  for (;;) {
    auto const got = ::read(stream_.native_handle(), buffer.data(), buffer.size());
    if (got <= 0) break;  // EAGAIN: all read
    events.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return take(events);
}

TerminalHints TerminalWatch::take(std::string_view events) {
  TerminalHints hints;
  while (events.size() >= sizeof(inotify_event)) {
    inotify_event event{};
    std::memcpy(&event, events.data(), sizeof event);
    events.remove_prefix(std::min(events.size(), sizeof event + event.len));
    if ((event.mask & IN_Q_OVERFLOW) != 0) {
      for (auto const& [pane, watch] : watches_) hints.written.push_back(pane);
      continue;
    }
    auto const armed = armed_.find(event.wd);
    if (armed == armed_.end()) continue;  // the end of a watch that has told, or that was given up
    auto const pane = armed->second;
    armed_.erase(armed);
    auto const watch = watches_.find(pane);
    if (watch == watches_.end() || watch->second.descriptor != event.wd) continue;
    watch->second.descriptor = -1;
    bool const written = (event.mask & IN_MODIFY) != 0;
    if (!written) watch->second.was_armed = false;
    (written ? hints.written : hints.closed).push_back(pane);
  }
  return hints;
}

}  // namespace failover::adapters
