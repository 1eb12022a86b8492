#include "adapters/transcript_watch.hpp"

#include "adapters/errno_error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <sys/inotify.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

constexpr std::uint32_t appearing = IN_CREATE | IN_MOVED_TO;
constexpr std::uint32_t ending = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED;
constexpr std::uint32_t always = IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_MASK_ADD;
constexpr int reads_a_turn = 16;  // 1 MiB of events; the rest keeps the descriptor readable

}  // namespace

bool is_conversation_name(std::string_view name) {
  constexpr std::size_t uuid_length = 36;
  return name.size() == uuid_length && std::all_of(name.begin(), name.end(), [](char c) {
           return c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

bool is_transcript_name(std::string_view name) {
  return name.ends_with(".jsonl") && !name.starts_with('.');
}

core::Error watch_failure(int number, std::string const& directory) {
  if (number != ENOSPC) return errno_error(number, "cannot watch " + directory);
  return {core::ErrorKind::unavailable,
          "the user's limit of inotify watches is reached, some transcripts are looked at now and then only; raise it "
          "with `sysctl fs.inotify.max_user_watches=524288`"};
}

TranscriptWatch::TranscriptWatch() : inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  if (inotify_.valid()) return;
  auto error = errno_error(errno, "no inotify, transcripts are looked at now and then only");
  error.detail += "; raise the limit with `sysctl fs.inotify.max_user_instances=1024`";
  state_ = std::move(error);
}

void TranscriptWatch::begin_round() {
  for (auto& [descriptor, watch] : watches_) watch = {};
}

core::Result<void> TranscriptWatch::watch_transcripts(std::string const& directory) {
  auto const watch = add(directory, appearing | IN_MODIFY);
  if (!watch) return watch.error();
  if ((*watch)->directory.empty()) (*watch)->directory = directory;
  return {};
}

core::Result<void> TranscriptWatch::await_name(std::string const& directory, std::string const& name) {
  auto const watch = add(directory, appearing);
  if (!watch) return watch.error();
  (*watch)->names.insert(name);
  return {};
}

core::Result<TranscriptWatch::Watch*> TranscriptWatch::add(std::string const& directory, std::uint32_t events) {
  if (!inotify_.valid()) return state_.error();
  // One directory has one watch, by whatever path it is reached; what it tells only grows.
  auto const descriptor = ::inotify_add_watch(inotify_.get(), directory.c_str(), events | always);
  if (descriptor < 0) return watch_failure(errno, directory);
  auto& watch = watches_[descriptor];
  watch.wanted = true;
  return &watch;
}

void TranscriptWatch::end_round() {
  for (auto next = watches_.begin(); next != watches_.end();) {
    if (next->second.wanted) {
      ++next;
    } else {
      (void)::inotify_rm_watch(inotify_.get(), next->first);  // EINVAL where the kernel has ended it
      next = watches_.erase(next);
    }
  }
}

TranscriptHints TranscriptWatch::drain() {
  alignas(inotify_event) std::array<char, 65536> buffer{};
  std::string events;
  for (int reads = 0; inotify_.valid() && reads < reads_a_turn; ++reads) {
    auto const got = ::read(inotify_.get(), buffer.data(), buffer.size());
    if (got <= 0) break;  // EAGAIN: all read
    events.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return take(events);
}

TranscriptHints TranscriptWatch::take(std::string_view events) {
  TranscriptHints hints;
  while (events.size() >= sizeof(inotify_event)) {
    inotify_event event{};
    std::memcpy(&event, events.data(), sizeof event);
    auto name = events.substr(sizeof event, event.len);
    name = name.substr(0, name.find('\0'));  // padded with NULs
    events.remove_prefix(std::min(events.size(), sizeof event + event.len));
    if ((event.mask & IN_Q_OVERFLOW) != 0) {
      hints.scan = true;
      continue;
    }
    auto const found = watches_.find(event.wd);
    if (found == watches_.end()) continue;
    auto const& watch = found->second;
    if ((event.mask & ending) != 0) {
      hints.scan = true;
      (void)::inotify_rm_watch(inotify_.get(), event.wd);  // a moved directory is followed by its watch for ever
      watches_.erase(found);
    } else if (watch.names.contains(std::string{name})) {
      hints.scan = true;
    } else if (!watch.directory.empty() && (event.mask & IN_ISDIR) != 0) {
      hints.scan |= is_conversation_name(name);
    } else if (!watch.directory.empty() && is_transcript_name(name)) {
      hints.files.insert(watch.directory + "/" + std::string{name});
    }
  }
  return hints;
}

}  // namespace failover::adapters
