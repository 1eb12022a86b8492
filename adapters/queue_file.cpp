#include "adapters/queue_file.hpp"

#include "adapters/errno_error.hpp"
#include "core/ulid.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <linux/openat2.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

core::WallTime wall_time(std::int64_t nanoseconds) {
  return core::WallTime{std::chrono::floor<core::Duration>(std::chrono::nanoseconds{nanoseconds})};
}

std::int64_t nanoseconds(statx_timestamp const& time) {
  // Within a signed 64-bit number; a file system may claim any second.
  constexpr std::int64_t bound = 9'000'000'000;
  return std::clamp<std::int64_t>(time.tv_sec, -bound, bound) * 1'000'000'000 + time.tv_nsec;
}

core::Result<FileStamp> stamp_at(int directory, char const* name, int flags) {
  struct statx info {};
  if (::statx(directory, name, flags | AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &info) != 0)
    return errno_error(errno, std::string("cannot look at ") + name);
  FileStamp stamp;
  stamp.inode = info.stx_ino;
  stamp.size = info.stx_size;
  stamp.written_ns = nanoseconds(info.stx_mtime);
  stamp.changed_ns = nanoseconds(info.stx_ctime);
  stamp.born_ns = (info.stx_mask & STATX_BTIME) != 0 ? nanoseconds(info.stx_btime) : 0;
  stamp.mode = info.stx_mode;
  stamp.links = info.stx_nlink;
  stamp.owner = info.stx_uid;
  return stamp;
}

/// Steele, Lea, Flood: the finaliser of SplitMix64. Every bit of the input reaches every bit of the output.
std::uint64_t mix(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
  return value ^ (value >> 31);
}

UniqueFd open_beneath(UniqueFd const& directory, std::string const& name) {
  constexpr int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC;
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  auto const opened = ::syscall(SYS_openat2, directory.get(), name.c_str(), &how, sizeof how);
  if (opened >= 0) return UniqueFd{static_cast<int>(opened)};
  // Kernels before 5.6, and sandboxes that do not know the call. The name has no slash, so O_NOFOLLOW says the same.
  if (errno == ENOSYS || errno == EPERM) return UniqueFd{::openat(directory.get(), name.c_str(), flags)};
  return UniqueFd{};
}

/// Whether somebody has the file open for writing. A read lease is granted only where nobody has; not every file
/// system knows leases, and then the answer is no.
bool is_being_written(UniqueFd const& file) {
  // A writer who opens while we hold the lease makes the kernel signal us: by SIGURG, which is ignored by default.
  (void)::fcntl(file.get(), F_SETSIG, SIGURG);
  if (::fcntl(file.get(), F_SETLEASE, F_RDLCK) != 0) return errno == EAGAIN;
  (void)::fcntl(file.get(), F_SETLEASE, F_UNLCK);
  return false;
}

core::Result<std::string> read_up_to(UniqueFd const& file, std::size_t max_bytes) {
  std::string bytes(max_bytes, '\0');
  std::size_t length = 0;
  while (length < max_bytes) {
    auto const got = ::read(file.get(), bytes.data() + length, max_bytes - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error(errno, "cannot read the file");
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  bytes.resize(length);
  return bytes;
}

bool lacks_means(int number) {
  return number == EMFILE || number == ENFILE || number == ENOMEM || number == EINTR || number == EAGAIN;
}

}  // namespace

core::WallTime FileStamp::written() const {
  return wall_time(written_ns);
}

core::WallTime FileStamp::changed() const {
  return wall_time(changed_ns);
}

core::Result<FileStamp> stamp_of(UniqueFd const& directory, std::string const& name) {
  return stamp_at(directory.get(), name.c_str(), 0);
}

core::TaskId derived_id(FileStamp const& stamp) {
  auto const when = mix(static_cast<std::uint64_t>(stamp.written_ns)) ^ mix(~static_cast<std::uint64_t>(stamp.born_ns));
  auto const low = mix(stamp.inode ^ when);
  return core::TaskId{core::make_ulid(stamp.written(), mix(low ^ stamp.inode), low)};
}

std::optional<core::Error> unfit_by_stamp(FileStamp const& stamp, std::size_t max_bytes) {
  if (!S_ISREG(stamp.mode)) {
    char const* const kind = S_ISLNK(stamp.mode)    ? "a symlink"
                             : S_ISDIR(stamp.mode)  ? "a directory"
                             : S_ISFIFO(stamp.mode) ? "a FIFO"
                             : S_ISSOCK(stamp.mode) ? "a socket"
                                                    : "a device";
    return core::Error{core::ErrorKind::refused, std::string("it is ") + kind + ", not a plain file"};
  }
  if (stamp.owner != ::geteuid())
    return core::Error{core::ErrorKind::refused, "it belongs to user " + std::to_string(stamp.owner) + ", not to us"};
  if (stamp.links != 1)
    return core::Error{core::ErrorKind::refused, "it has another name elsewhere (hard link); copy it instead"};
  if (stamp.size > max_bytes)
    return core::Error{core::ErrorKind::too_large, "it has " + std::to_string(stamp.size) + " bytes, more than the " +
                                                       std::to_string(max_bytes) + " of dispatcher.max_task_bytes"};
  return std::nullopt;
}

std::string beginning_of(UniqueFd const& directory, std::string const& name, std::size_t max_bytes) {
  auto const file = open_beneath(directory, name);
  struct stat info {};
  if (!file.valid() || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) return {};
  auto bytes = read_up_to(file, max_bytes);
  return bytes ? std::move(*bytes) : std::string{};
}

core::Result<Judgement> judge_file(UniqueFd const& directory, std::string const& name, FileStamp const& stamp,
                                   TaskFormat format, std::size_t max_bytes) {
  Judgement judgement;
  auto const file = open_beneath(directory, name);
  if (!file.valid()) {
    auto const number = errno;
    auto error = errno_error(number, "cannot open it");
    if (lacks_means(number) || number == ENOENT) return error;
    judgement.unfit = std::move(error);
    return judgement;
  }
  auto const opened = stamp_at(file.get(), "", AT_EMPTY_PATH);
  if (!opened) return opened.error();
  judgement.whole = *opened == stamp && !is_being_written(file);
  if (!judgement.whole) return judgement;
  auto const wanted = format == TaskFormat::yaml ? max_bytes : std::min(max_bytes, max_front_matter + 1024);
  auto const bytes = read_up_to(file, std::min<std::size_t>(wanted, stamp.size));
  if (!bytes) {
    judgement.unfit = bytes.error();
    return judgement;
  }
  auto const after = stamp_at(file.get(), "", AT_EMPTY_PATH);
  judgement.whole = after && *after == stamp;
  auto head = parse_task(format, *bytes, bytes->size() == stamp.size ? Extent::whole : Extent::beginning);
  if (head)
    judgement.head = std::move(*head);
  else
    judgement.unfit = head.error();
  return judgement;
}

}  // namespace failover::adapters
