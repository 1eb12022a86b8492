#include "adapters/transcript_shelf.hpp"

#include "adapters/directory.hpp"
#include "adapters/errno_error.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>

#include <fcntl.h>
#include <sys/stat.h>

namespace failover::adapters {
namespace {

constexpr std::size_t new_file_bytes = 1U << 20U;
constexpr std::chrono::days fresh_for{7};

using Written = std::int64_t;  // seconds since 1970

bool is_directory(std::string const& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

/// When a directory was last changed; nothing when it is none.
std::optional<Written> directory_written(std::string const& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) return {};
  return info.st_mtime;
}

Written file_written(std::string const& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 ? info.st_mtime : 0;
}

std::string parent_of(std::string const& path) {
  auto const slash = path.rfind('/');
  if (slash == std::string::npos) return {};
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

/// One look at all directories.
struct TranscriptShelf::Scan {
  Written fresh_since = 0;
  std::set<std::pair<dev_t, ino_t>> listed = {};  ///< directories, by what they are
  std::map<std::string, std::size_t> found = {};  ///< transcripts, and how much of one is read at first sight
  std::vector<std::string> away = {};             ///< directories that cannot be listed
  std::size_t subagents = 0;
};

TranscriptShelf::TranscriptShelf(TranscriptBounds bounds) : bounds_(bounds) {
  note(watch_.state());
}

void TranscriptShelf::follow(std::vector<std::string> directories) {
  for (auto& path : directories)
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  if (directories.size() > bounds_.directories) {
    tell("transcripts of " + std::to_string(directories.size()) + " directories are too many: the first " +
         std::to_string(bounds_.directories) + " are followed");
    directories.resize(bounds_.directories);
  }
  directories_ = std::move(directories);
  std::set<std::string> const followed(directories_.begin(), directories_.end());
  std::erase_if(scanned_, [&](auto const& path) { return !followed.contains(path); });
  scan_due_ = true;
}

void TranscriptShelf::take(std::string_view events) {
  note(watch_.take(events));
}

void TranscriptShelf::note(TranscriptHints hints) {
  scan_due_ |= hints.scan;
  due_.merge(hints.files);
}

TranscriptNews TranscriptShelf::turn(core::WallTime now) {
  note(watch_.drain());
  if (scan_due_) scan(now);
  read_due(now);
  news_.more = scan_due_ || !due_.empty();
  return std::exchange(news_, {});
}

void TranscriptShelf::scan(core::WallTime now) {
  scan_due_ = false;
  Scan scan;
  scan.fresh_since = std::chrono::floor<std::chrono::seconds>(now - fresh_for).time_since_epoch().count();
  watch_.begin_round();
  for (auto const& path : directories_) scan_followed(path, scan);
  watch_.end_round();
  settle(scan);
}

void TranscriptShelf::scan_followed(std::string const& path, Scan& scan) {
  auto const first_bytes = scanned_.insert(path).second ? transcript_tail_bytes : new_file_bytes;
  auto const names = list(path, first_bytes, scan);
  if (!names) {
    scan.away.push_back(path);
    if (names.error().kind == core::ErrorKind::not_found)
      await(path);
    else
      tell(names.error().detail);
    return;
  }
  for (auto const& name : *names)
    if (is_conversation_name(name)) scan_subagents(path + "/" + name, first_bytes, scan);
}

void TranscriptShelf::scan_subagents(std::string const& conversation, std::size_t first_bytes, Scan& scan) {
  auto const path = conversation + "/subagents";
  auto const written = directory_written(path);
  auto const changed = written ? written : directory_written(conversation);
  if (!changed || *changed < scan.fresh_since) return;
  if (scan.subagents >= bounds_.subagents) {
    tell("more than " + std::to_string(bounds_.subagents) + " conversations have subagents: some are not followed");
    return;
  }
  ++scan.subagents;
  if (!written) note(watch_.await_name(conversation, "subagents"));
  // Also where there was none: it may have been made before the watch.
  auto const names = list(path, first_bytes, scan);
  if (!names && names.error().kind != core::ErrorKind::not_found) tell(names.error().detail);
}

/// Watches a directory and notes its transcripts; gives its names, none when it was listed before.
core::Result<std::vector<std::string>> TranscriptShelf::list(std::string const& path, std::size_t first_bytes,
                                                             Scan& scan) {
  // The watch first: what appears between it and the listing is in both, and not in neither.
  bool const watched = is_directory(path);
  if (watched) note(watch_.watch_transcripts(path));
  auto const directory = open_directory(path);
  if (!directory) return directory.error();
  scan_due_ |= !watched;  // made in between
  struct stat info {};
  if (::fstat(directory->get(), &info) != 0) return errno_error(errno, "cannot look at " + path);
  if (!scan.listed.emplace(info.st_dev, info.st_ino).second) return std::vector<std::string>{};
  auto names = list_names(*directory, path, bounds_.names);
  if (!names) return names;
  if (names->size() >= bounds_.names)
    tell(path + " holds " + std::to_string(bounds_.names) + " files or more: some transcripts are not followed");
  for (auto const& name : *names)
    if (is_transcript_name(name)) scan.found.emplace(path + "/" + name, first_bytes);
  return names;
}

/// Watches the nearest ancestor that there is for the name that is missing in it.
void TranscriptShelf::await(std::string path) {
  while (path.size() > 1) {
    auto const parent = parent_of(path);
    if (parent.empty()) return;
    if (is_directory(parent)) {
      note(watch_.await_name(parent, path.substr(path.rfind('/') + 1)));
      scan_due_ |= is_directory(path);  // made before the watch
      return;
    }
    path = parent;
  }
}

/// Makes the files of a scan those that are followed.
void TranscriptShelf::settle(Scan& scan) {
  if (scan.found.size() > bounds_.files) {
    tell("there are " + std::to_string(scan.found.size()) + " transcripts: the newest " +
         std::to_string(bounds_.files) + " are followed");
    std::vector<std::pair<Written, std::string>> by_age;
    for (auto const& [path, first_bytes] : scan.found) by_age.emplace_back(file_written(path), path);
    auto const oldest = by_age.begin() + static_cast<std::ptrdiff_t>(by_age.size() - bounds_.files);
    std::nth_element(by_age.begin(), oldest, by_age.end());
    for (auto next = by_age.begin(); next != oldest; ++next) scan.found.erase(next->second);
  }
  auto const room = scan.found.size() < bounds_.files;
  auto is_away = [&](std::string const& file) {
    return room && std::any_of(scan.away.begin(), scan.away.end(),
                               [&](auto const& directory) { return file.starts_with(directory + "/"); });
  };
  std::erase_if(files_, [&](auto const& entry) { return !scan.found.contains(entry.first) && !is_away(entry.first); });
  for (auto const& [path, first_bytes] : scan.found) {
    files_.try_emplace(path, path, first_bytes);
    due_.insert(path);
  }
}

void TranscriptShelf::read_due(core::WallTime now) {
  std::size_t bytes = 0;
  for (std::size_t files = 0; files < bounds_.turn_files && bytes < bounds_.turn_bytes && !due_.empty(); ++files) {
    auto next = due_.upper_bound(last_read_);  // in turn, so that a busy file does not keep the others waiting
    if (next == due_.end()) next = due_.begin();
    last_read_ = *next;
    due_.erase(next);
    read(last_read_, now, bytes);
  }
}

void TranscriptShelf::read(std::string const& path, core::WallTime now, std::size_t& bytes) {
  auto known = files_.find(path);
  if (known == files_.end() && files_.size() >= bounds_.files) {
    scan_due_ = true;  // it is the newest: the scan takes it in place of the oldest
    return;
  }
  if (known == files_.end()) known = files_.try_emplace(path, path, new_file_bytes).first;
  auto gain = known->second.read_new(now - fresh_for);
  if (!gain && gain.error().kind != core::ErrorKind::not_found) {
    tell(gain.error().detail);
    return;
  }
  if (!gain) {
    // No watch tells that an ancestor of the directory was moved: then the file went with all the others.
    if (is_directory(parent_of(path)))
      files_.erase(known);
    else
      scan_due_ = true;
    return;
  }
  bytes += gain->bytes;
  if (gain->broken > 0) tell("a row of " + path + " cannot be read and is skipped");
  if (gain->more) due_.insert(path);
  news_.rows.insert(news_.rows.end(), std::make_move_iterator(gain->rows.begin()),
                    std::make_move_iterator(gain->rows.end()));
}

void TranscriptShelf::note(core::Result<void> const& outcome) {
  // A directory that vanished before it was watched is found absent by the listing, or by the next scan.
  if (!outcome && outcome.error().kind != core::ErrorKind::not_found) tell(outcome.error().detail);
}

void TranscriptShelf::tell(std::string trouble) {
  if (told_.size() >= bounds_.troubles || !told_.insert(trouble).second) return;
  news_.troubles.push_back(std::move(trouble));
}

}  // namespace failover::adapters
