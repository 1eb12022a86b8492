#include "adapters/transcript_file.hpp"

#include "adapters/errno_error.hpp"
#include "adapters/transcript_row.hpp"
#include "adapters/unique_fd.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

/// One line and the line feed before it and behind it.
constexpr std::uint64_t chunk_bytes = max_row_bytes + 2;

core::Result<std::string> read_at(int file, std::uint64_t place, std::uint64_t count, std::string const& path) {
  std::string bytes(static_cast<std::size_t>(count), '\0');
  std::size_t length = 0;
  while (length < bytes.size()) {
    auto const got = ::pread(file, bytes.data() + length, bytes.size() - length, static_cast<off_t>(place + length));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error(errno, "cannot read " + path);
    if (got == 0) break;  // it was truncated meanwhile
    length += static_cast<std::size_t>(got);
  }
  bytes.resize(length);
  return bytes;
}

bool is_of_subagent(std::string_view path) {
  auto const slash = path.rfind('/');
  auto const name = path.substr(slash == std::string_view::npos ? 0 : slash + 1);
  auto const directory = path.substr(0, slash == std::string_view::npos ? 0 : slash);
  return name.starts_with("agent-") || directory.ends_with("/subagents");
}

core::WallTime written_at(struct stat const& info) {
  return core::WallTime{std::chrono::seconds{std::clamp<std::int64_t>(info.st_mtime, 0, 253402300799)}};
}

}  // namespace

struct TranscriptFile::Sight {
  dev_t device = 0;
  ino_t inode = 0;
  std::uint64_t size = 0;

  explicit Sight(struct stat const& info)
      : device(info.st_dev), inode(info.st_ino), size(static_cast<std::uint64_t>(info.st_size)) {}
};

std::size_t take_rows(std::string_view bytes, TranscriptGain& gain) {
  std::size_t taken = 0;
  while (true) {
    auto const end = bytes.find('\n', taken);
    if (end == std::string_view::npos) return taken;
    auto const line = bytes.substr(taken, end - taken);
    std::uint64_t const offset = std::exchange(taken, end + 1);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    auto row = transcript_row(line);
    if (!row) ++gain.broken;
    if (!row || !*row) continue;
    gain.rows.push_back(std::move(**row));
    gain.rows.back().place.offset = offset;
  }
}

TranscriptFile::TranscriptFile(std::string path, std::size_t first_bytes)
    : path_(std::move(path)), first_bytes_(first_bytes), of_subagent_(is_of_subagent(path_)) {}

core::Result<TranscriptGain> TranscriptFile::read_new(core::WallTime fresh_since) {
  auto const what = "cannot read transcript " + path_;
  auto const refusal = core::Error{core::ErrorKind::refused, what + ": it is no regular file; it is left alone"};
  struct stat info {};
  if (::lstat(path_.c_str(), &info) != 0) return errno_error(errno, what);
  if (!S_ISREG(info.st_mode)) return refusal;
  auto changed = [this](Sight const& sight) { return !known_ || sight.device != device_ || sight.inode != inode_; };
  Sight const glance{info};
  if (!changed(glance) && glance.size == scanned_) return TranscriptGain{};
  if (changed(glance) && written_at(info) < fresh_since) {
    begin(glance, 0);
    return TranscriptGain{};
  }
  // What the name leads to may be another thing by now: no link is followed, and opening a pipe does not wait.
  UniqueFd const file{::open(path_.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
  if (!file.valid()) return errno == ELOOP ? refusal : errno_error(errno, what);
  if (::fstat(file.get(), &info) != 0) return errno_error(errno, what);
  if (!S_ISREG(info.st_mode)) return refusal;
  Sight const sight{info};
  if (changed(sight) || sight.size < scanned_) begin(sight, first_bytes_);
  return read_from(file.get(), sight.size);
}

void TranscriptFile::begin(Sight const& sight, std::uint64_t last_bytes) {
  known_ = true;
  ++times_begun_;
  device_ = sight.device;
  inode_ = sight.inode;
  auto const start = sight.size - std::min(sight.size, last_bytes);
  // From the byte before: it is a line feed where a line begins at `start`, and else the cut line ends later.
  in_line_ = start > 0;
  place_ = in_line_ ? start - 1 : 0;
  // Nothing of a file whose end is remembered is asked for until it grows.
  scanned_ = last_bytes == 0 ? sight.size : place_;
}

core::Result<TranscriptGain> TranscriptFile::read_from(int file, std::uint64_t size) {
  TranscriptGain gain;
  if (scanned_ > place_ && !in_line_) {
    auto const open = line_still_open(file, size, gain);
    if (!open) return open.error();
    if (*open) return gain;
  }
  auto const failure = read_lines(file, size, gain);
  if (!failure) return failure.error();
  if (of_subagent_)
    for (auto& row : gain.rows) row.sidechain = true;
  return gain;
}

core::Result<bool> TranscriptFile::line_still_open(int file, std::uint64_t size, TranscriptGain& gain) {
  auto const bytes = read_at(file, scanned_, std::min(size - scanned_, chunk_bytes), path_);
  if (!bytes) return bytes.error();
  gain.bytes += bytes->size();
  if (bytes->find('\n') != std::string::npos) return false;
  scanned_ += bytes->size();
  gain.more = scanned_ < size && !bytes->empty();
  if (scanned_ - place_ > max_row_bytes) give_up_line(scanned_, gain);
  return true;
}

core::Result<void> TranscriptFile::read_lines(int file, std::uint64_t size, TranscriptGain& gain) {
  // A place between lines is checked by the line feed before it.
  std::uint64_t const check = place_ > 0 && !in_line_ ? 1 : 0;
  auto const bytes = read_at(file, place_ - check, std::min(size - place_ + check, chunk_bytes), path_);
  if (!bytes) return bytes.error();
  gain.bytes += bytes->size();
  std::string_view rest{*bytes};
  if (check == 1 && !rest.starts_with('\n')) {
    known_ = false;  // rewritten: the next call sees it for the first time
    gain.more = true;
    return {};
  }
  rest.remove_prefix(static_cast<std::size_t>(check));
  auto const end = place_ + rest.size();
  gain.more = end < size && !rest.empty();
  if (in_line_) {
    auto const feed = std::min(rest.find('\n'), rest.size());
    in_line_ = feed == rest.size();
    rest.remove_prefix(in_line_ ? feed : feed + 1);
    place_ = end - rest.size();
  }
  auto const before = gain.rows.size();
  auto const taken = take_rows(rest, gain);
  for (auto i = before; i < gain.rows.size(); ++i)
    gain.rows[i].place = {identity(), place_ + gain.rows[i].place.offset};
  place_ += taken;
  scanned_ = gain.more ? place_ : end;
  if (end - place_ > max_row_bytes) give_up_line(end, gain);
  return {};
}

/// Never 0.
std::uint64_t TranscriptFile::identity() const {
  auto const mixed = (static_cast<std::uint64_t>(device_) << 48U) ^ (static_cast<std::uint64_t>(inode_) << 8U);
  return mixed + times_begun_;
}

void TranscriptFile::give_up_line(std::uint64_t next, TranscriptGain& gain) {
  ++gain.broken;
  in_line_ = true;
  place_ = next;
  scanned_ = next;
}

}  // namespace failover::adapters
